"""Which files of a folder are left out by rules: .gitignore, .git/info/exclude and our own .draftsmithignore.

The rules are git's. What git tracks in spite of them is left out as well: the index asks no git.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pathspec import GitIgnoreSpec

from draftsmith.platform.files import open_plain

OWN_FILE = ".draftsmithignore"
RULE_FILES = (".gitignore", OWN_FILE)
MAX_RULES_BYTES = 262_144
LEFT_OUT = frozenset(
    [
        ".cache",
        ".git",
        ".gradle",
        ".hg",
        ".idea",
        ".jj",
        ".mypy_cache",
        ".next",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        "__pycache__",
        "bower_components",
        "node_modules",
    ]
)
"""Folders that are never code of the project, whatever the rules say."""
_MAX_PARENTS = 20


class Rules:
    """One file's rules; `prefix` is the folder that they count from, as it is written in front of a path below it."""

    def __init__(self, spec: GitIgnoreSpec, prefix: str) -> None:
        self._spec = spec
        self._prefix = prefix
        patterns = [one for one in spec.patterns if one.include is not None]
        plain = all(one.include for one in patterns)
        # One expression for all rules is twenty times as fast; it cannot say "but not these".
        joined = "|".join(f"(?:{_anonymous(one.regex.pattern)})" for one in patterns if one.regex) if plain else ""
        self._one = re.compile(joined) if joined else None

    def verdict(self, path: str) -> bool | None:
        """Whether the path (folders with a final `/`) is left out; None when no rule speaks of it."""
        below = path[len(self._prefix) :] if self._prefix else path
        if self._one is not None:
            return True if self._one.match(below) else None
        return self._spec.check_file(below).include


def _anonymous(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def rules_in(folder: str, name: str, prefix: str) -> Rules | None:
    """The rules of one file, None when there are none."""
    try:
        # A draft's rules may be made a fifo, which would never end, or a link out of it.
        handle = open_plain(os.path.join(folder, name))
    except OSError:
        return None
    with open(handle, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  a descriptor, not a path
        text = file.read(MAX_RULES_BYTES)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return Rules(GitIgnoreSpec.from_lines(lines), prefix) if lines else None


def rules_above(root: str) -> list[tuple[Rules, str]]:
    """Rules of the repository that hold for `root` from above it, each with what to put in front of a path."""
    folders = [Path(root), *Path(root).parents][:_MAX_PARENTS]
    top = next((place for place, one in enumerate(folders) if (one / ".git").exists()), None)
    if top is None:
        return []
    found: list[tuple[Rules, str]] = []
    for folder in reversed(folders[: top + 1]):
        front = os.path.relpath(root, folder).replace(os.sep, "/") + "/" if str(folder) != root else ""
        names = [".git/info/exclude"] if folder == folders[top] else []
        names += RULE_FILES if front else []
        for name in names:
            rules = rules_in(str(folder), name, "")
            if rules is not None:
                found.append((rules, front))
    # A folder that is itself ignored was chosen all the same: then only its own rules hold.
    return [] if any(_leaves_out(rules, front) for rules, front in found) else found


def _leaves_out(rules: Rules, front: str) -> bool:
    cuts = [place + 1 for place, letter in enumerate(front) if letter == "/"]
    return any(rules.verdict(front[:cut]) for cut in cuts)
