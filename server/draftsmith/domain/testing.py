"""What a run of the project's tests came to, and how it compares with the run before the change. Bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.text import count

CaseStatus = Literal["passed", "failed", "error", "skipped"]

MAX_NAMED = 30
"""Tests of one kind that are named in an event; how many there are is always said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """One test. `path` is relative to the project's folder where that can be told; `line` counts from 1, 0: unknown."""

    name: str
    status: CaseStatus
    path: str = ""
    line: int = 0
    message: str = ""

    @property
    def bad(self) -> bool:
        return self.status in ("failed", "error")

    def describe(self) -> str:
        """The test in one line, with its place and what it said."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        where = f" ({place})" if place and place not in self.name else ""
        said = f": {self.message.strip().splitlines()[0]}" if self.message.strip() else ""
        return f"{self.name}{where}{said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCounts:
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0

    @property
    def bad(self) -> int:
        return self.failed + self.errors

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.errors + self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTests:
    """A run on the draft against the one on the base. `compared` False: there is no such run, or it cannot be read.

    At most `MAX_NAMED` of each kind are named, the counts are of all. `flaky` ones failed and, run again alone,
    passed. `gone` were there before and are not any more.
    """

    runner: str
    counts: CaseCounts
    compared: bool = False
    newly_failing: tuple[CaseOutcome, ...] = ()
    newly_failing_count: int = 0
    still_failing: tuple[CaseOutcome, ...] = ()
    still_failing_count: int = 0
    fixed: tuple[CaseOutcome, ...] = ()
    fixed_count: int = 0
    flaky: tuple[CaseOutcome, ...] = ()
    flaky_count: int = 0
    new_count: int = 0
    gone: tuple[str, ...] = ()
    gone_count: int = 0

    def describe(self) -> str:
        """`412 passed, 2 failed before and after, 1 fixed`."""
        parts = [f"{self.counts.passed:,} passed"]
        said = (
            (self.newly_failing_count, "newly failing" if self.compared else "failed"),
            (self.still_failing_count, "failed before and after"),
            (self.flaky_count, "flaky"),
            (self.counts.skipped, "skipped"),
            (self.fixed_count, "fixed"),
            (self.new_count, "new"),
            (self.gone_count, "gone"),
        )
        return ", ".join([*parts, *(f"{many:,} {word}" for many, word in said if many)])


def named(cases: tuple[CaseOutcome, ...] | list[CaseOutcome], most: int = 5) -> str:
    """The first names, and how many more there are."""
    names = ", ".join(one.name for one in cases[:most])
    return names if len(cases) <= most else f"{names} and {count(len(cases) - most, 'more')}"
