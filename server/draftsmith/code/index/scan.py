"""The files of a folder that are code, with what tells that one has changed. No content is read.

Links are not followed; only files of indexed languages are looked at closer, so that data costs next to nothing.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from draftsmith.code.index.ignoring import LEFT_OUT, RULE_FILES, Rules, rules_above, rules_in
from draftsmith.code.languages import language_of, languages

MAX_FILES = 200_000
"""Files of code; what comes after, in the order of paths, is left out, and that is said."""
MAX_DEPTH = 64


@dataclass(slots=True)
class Scan:
    """Columns by file, sorted by path. `others` counts what is no indexed language."""

    paths: list[bytes] = field(default_factory=list[bytes])
    sizes: list[int] = field(default_factory=list[int])
    mtimes: list[int] = field(default_factory=list[int])
    inodes: list[int] = field(default_factory=list[int])
    languages: list[str] = field(default_factory=list[str])
    others: int = 0
    truncated: bool = False


_Active = list[tuple[Rules, str]]


class _Walk:
    def __init__(self) -> None:
        self._indexed = {name for name, data in languages().items() if data.indexed}
        self._by_ending: dict[str, str | None] = {}
        self.rows: list[tuple[bytes, int, int, int, str]] = []
        self.others = 0

    def folder(self, path: str, prefix: str, active: _Active, depth: int) -> None:
        """One loop and few calls for a file, because a scan's time is spent here."""
        below: list[str] = []
        code: list[tuple[str, os.DirEntry[str], str]] = []
        rule_files: list[str] = []
        endings, others = self._by_ending, 0
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    name = entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if name not in LEFT_OUT:
                            below.append(name)
                        continue
                    dot = name.rfind(".")
                    ending = name[dot:] if dot > 0 else ""
                    language = endings[ending] if ending in endings else self._language(name, ending, entry)
                    if language is not None:
                        code.append((name, entry, language))
                    else:
                        others += 1
                        if name in RULE_FILES:
                            rule_files.append(name)
        except OSError:
            return
        self.others += others
        active = [*active, *_rules(path, prefix, rule_files)] if rule_files else active
        for name, entry, language in code:
            if not (active and _ignored(active, prefix + name)):
                self._add(entry, prefix + name, language)
        if depth < MAX_DEPTH:
            for name in below:
                inner = f"{prefix}{name}/"
                if not (active and _ignored(active, inner)):
                    self.folder(f"{path}/{name}", inner, active, depth + 1)

    def _add(self, entry: os.DirEntry[str], path: str, language: str) -> None:
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            return
        if found.st_mode & _KIND == stat.S_IFREG:
            self.rows.append((os.fsencode(path), found.st_size, found.st_mtime_ns, found.st_ino, language))

    def _language(self, name: str, ending: str, entry: os.DirEntry[str]) -> str | None:
        """By its ending, which is remembered; programs without one by their first line."""
        if not ending:
            language = language_of(name) or _by_shebang(entry)
            return language if language in self._indexed else None
        language = language_of(f"x{ending}")
        language = language if language in self._indexed else None
        self._by_ending[ending] = language
        return language


_KIND = 0o170000


def _rules(path: str, prefix: str, names: list[str]) -> _Active:
    found = (rules_in(path, name, prefix) for name in sorted(names))
    return [(rules, "") for rules in found if rules is not None]


def _by_shebang(entry: os.DirEntry[str]) -> str | None:
    try:
        found = entry.stat(follow_symlinks=False)
        if not found.st_mode & 0o111 or not stat.S_ISREG(found.st_mode):
            return None
        with open(entry.path, "rb") as file:  # noqa: PTH123  a hot loop
            return language_of(entry.name, file.read(200))
    except OSError:
        return None


def _ignored(active: _Active, path: str) -> bool:
    """The last rule that speaks of a path decides, the innermost file's first."""
    for rules, front in reversed(active):
        verdict = rules.verdict(front + path)
        if verdict is not None:
            return verdict
    return False


def scan(root: str) -> Scan:
    """Lists a folder: 36,000 files in about a tenth of a second."""
    walk = _Walk()
    walk.folder(root, "", rules_above(root), 0)
    rows = sorted(walk.rows)
    truncated = len(rows) > MAX_FILES
    rows = rows[:MAX_FILES]
    found = Scan(others=walk.others, truncated=truncated)
    if rows:
        paths, sizes, mtimes, inodes, names = zip(*rows, strict=True)
        found.paths, found.sizes, found.mtimes = list(paths), list(sizes), list(mtimes)
        found.inodes, found.languages = list(inodes), list(names)
    return found
