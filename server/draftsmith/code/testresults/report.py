"""A test run as a value, and the one way in which the readers of all formats build it, within its bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from draftsmith.domain.testing import CaseCounts, CaseOutcome, CaseStatus

MAX_CASES = 50_000
MAX_NAME = 300
MAX_PATH = 400
MAX_MESSAGE = 1_000
MAX_LINE = 10_000_000
_GRAVER: dict[CaseStatus, int] = {"skipped": 0, "passed": 1, "failed": 2, "error": 3}


class Unreadable(Exception):
    """The content is not of the format, or goes beyond every sensible bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`format` is the reader's name: reports of different formats name tests differently and are not compared.

    `unnamed` counts failures that were announced and are not among the cases: what is not named may be new.
    """

    format: str
    cases: tuple[CaseOutcome, ...]
    counts: CaseCounts
    unnamed: int = 0

    @property
    def failing(self) -> tuple[CaseOutcome, ...]:
        return tuple(one for one in self.cases if one.bad)


class Cases:
    """Collects the cases of one run. A name that comes again keeps the gravest outcome."""

    def __init__(self) -> None:
        self._held: dict[str, CaseOutcome] = {}

    def add(self, name: str, status: CaseStatus, *, path: str = "", line: int = 0, message: str = "") -> None:
        """Raises Unreadable when there are too many."""
        name = _clean(name)[:MAX_NAME].strip()
        if not name:
            return
        known = self._held.get(name)
        if known is None and len(self._held) >= MAX_CASES:
            raise Unreadable(f"There are more than {MAX_CASES:,} tests.")
        if known is not None and _GRAVER[known.status] >= _GRAVER[status]:
            return
        self._held[name] = CaseOutcome(
            name=name,
            status=status,
            path=_clean(path)[:MAX_PATH].removeprefix("./"),
            line=line if 0 < line <= MAX_LINE else 0,
            message=_clean(message)[:MAX_MESSAGE].strip(),
        )

    def place(self, name: str, path: str, line: int, message: str = "") -> None:
        """What was learnt later of a case: where it is, and what it said."""
        known = self._held.get(_clean(name)[:MAX_NAME].strip())
        if known is not None:
            self._held[known.name] = replace(
                known,
                path=known.path or _clean(path)[:MAX_PATH].removeprefix("./"),
                line=known.line or (line if 0 < line <= MAX_LINE else 0),
                message=known.message or _clean(message)[:MAX_MESSAGE].strip(),
            )

    def __len__(self) -> int:
        return len(self._held)

    def report(self, format_name: str, *, passed: int | None = None, bad: int = 0, skipped: int = 0) -> Report:
        """`passed`, `bad` and `skipped` are what the runner announced, where it names not all of them."""
        cases = tuple(self._held.values())
        counted = {status: sum(1 for one in cases if one.status == status) for status in _GRAVER}
        named_bad = counted["failed"] + counted["error"]
        counts = CaseCounts(
            passed=max(counted["passed"], passed or 0),
            failed=counted["failed"] + max(0, bad - named_bad),
            errors=counted["error"],
            skipped=max(counted["skipped"], skipped),
        )
        return Report(format=format_name, cases=cases, counts=counts, unnamed=max(0, bad - named_bad))


def _clean(text: str) -> str:
    """Without lone surrogates and control characters, which neither events nor screens take."""
    if text.isascii() and text.isprintable():
        return text
    kept = "".join(one if one in "\n\t" or one.isprintable() else " " for one in text[: 4 * MAX_MESSAGE])
    return kept.encode("utf-8", "replace").decode("utf-8")


def number(text: str) -> int:
    """A decimal number within bounds; 0 for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


_PYTHON = re.compile(r'^\s*File "(?P<path>[^"\n]{1,400})", line (?P<line>\d{1,8})', re.MULTILINE)
_COLON = re.compile(
    r"(?:^|[\s(\[])(?:file://)?(?P<path>(?:[A-Za-z]:)?[^\s:()\[\]\"']{1,400}\.\w{1,8}):(?P<line>\d{1,8})\b"
)
_LIBRARY = re.compile(r"(?:^|/)(?:site-packages|node_modules|dist-packages|lib/python[\d.]+|internal)/|^node:|^/rustc/")


def place_in(text: str, *, last: bool = False) -> tuple[str, int]:
    """The first (or last) place `file:line` in a message or traceback that is not a library's."""
    found = [(one["path"], number(one["line"])) for one in _PYTHON.finditer(text[:20_000])]
    if found:
        found.reverse()
    else:
        found = [(one["path"], number(one["line"])) for one in _COLON.finditer(text[:20_000])]
        if last:
            found.reverse()
    own = [one for one in found if not _LIBRARY.search(one[0])]
    return (own or [("", 0)])[0]


def settled(report: Report, folder: str, is_file: Callable[[str], bool]) -> Report:
    """The report with what failed placed relative to the project's folder; `is_file` tells of a name in it.

    Runners name a file absolutely, from somewhere above, or by its package: the longest end that is a file counts.
    """
    start = folder.rstrip("/") + "/"
    known: dict[str, str] = {}

    def relative(path: str) -> str:
        if path not in known:
            known[path] = _in_folder(path.removeprefix("file://").removeprefix(start), is_file)
        return known[path]

    cases = tuple(
        replace(one, path=relative(one.path), message=one.message.replace(start, "")) if one.bad else one
        for one in report.cases
    )
    return replace(report, cases=cases)


def _in_folder(path: str, is_file: Callable[[str], bool]) -> str:
    rest = path
    while rest and ".." not in rest.split("/"):
        if not rest.startswith("/") and is_file(rest):
            return rest
        rest = rest.partition("/")[2]
    return path
