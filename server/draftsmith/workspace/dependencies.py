"""Which folders of a workspace hold dependencies that a project's commands need, whatever git says of them.

They are named by exclude rules, so that every later question to git about the workspace or a draft agrees.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

DEPENDENCY_NAMES = frozenset(
    {".venv", "venv", "env", ".env", "node_modules", "vendor", ".tox", ".nox", "bower_components", "Pods", "deps"}
)
"""Names by custom; build output (`target`, `build`, `dist`) is made anew in the draft."""

NEVER_SOURCE = (b"node_modules/", b".venv/")
"""Rules for what is installed and not written; files of it that git tracks count all the same."""

ENVIRONMENT_MARK = "pyvenv.cfg"
LOOKED_AT = 3_000
"""Folders near the top in which a Python environment of any name is looked for."""

_SPECIAL = re.compile(rb"([\\*?\[\] ])")


def dependency_rules(root: Path, top: Path) -> bytes:
    """Exclude rules in git's form for `root`, which may lie below the repository's `top`."""
    rules: list[bytes] = [*NEVER_SOURCE]
    for folder in _environments(root):
        places = {folder.relative_to(root), folder.relative_to(top) if folder.is_relative_to(top) else folder}
        rules += (b"/" + _SPECIAL.sub(rb"\\\1", os.fsencode(place)) + b"/" for place in sorted(places))
    return b"".join(rule + b"\n" for rule in rules if b"\n" not in rule)


def _environments(root: Path) -> Iterator[Path]:
    """Python environments at the top and one level below."""
    left = LOOKED_AT
    for outer in _folders(root):
        for folder in (outer, *(() if _is_environment(outer) else _folders(outer))):
            left -= 1
            if left < 0:
                return
            if _is_environment(folder):
                yield folder


def _is_environment(folder: Path) -> bool:
    return os.path.isfile(folder / ENVIRONMENT_MARK)  # noqa: PTH113 (says no where a folder cannot be looked into)


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def dependency_folders(root: Path, ignored: Sequence[str]) -> tuple[Path, ...]:
    """Of the ignored folders (absolute paths) those of `root` that hold dependencies and exist on this machine."""
    found: list[Path] = []
    for name in ignored:
        folder = Path(name)
        if folder.is_relative_to(root) and _holds_dependencies(folder):
            found.append(folder)
    return tuple(found)


def _holds_dependencies(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    return folder.name in DEPENDENCY_NAMES or _is_environment(folder)


SHOWN_KINDS = 20


def kinds_of(ignored: Iterable[bytes]) -> tuple[str, ...]:
    """Ignored paths, folders with a final `/`, as few words: `data/`, `23 *.mo`. Dependencies are left out."""
    groups: dict[str, list[str]] = {}
    for path in sorted(ignored):
        shown = path.decode("utf-8", "replace")
        name = shown.rstrip("/").rpartition("/")[2]
        if shown.endswith("/"):
            if name not in DEPENDENCY_NAMES:
                groups.setdefault(f"{name}/", []).append(shown)
        else:
            ending = name.rpartition(".")[2] if "." in name[1:] else ""
            groups.setdefault(f"*.{ending}" if ending else name, []).append(shown)
    found = [paths[0] if len(paths) == 1 else f"{len(paths)} {kind}" for kind, paths in groups.items()]
    return tuple(found[:SHOWN_KINDS])
