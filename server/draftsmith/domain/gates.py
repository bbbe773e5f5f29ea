"""Gates, their evidence, and findings of tools and of the critique."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.testing import ComparedTests
from draftsmith.domain.text import EMPTY, Text

Verdict = Literal["passed", "failed", "not_verified"]
Severity = Literal["info", "minor", "major", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark of the critique or of a tool. `line` counts from 1; 0 means the whole file, an empty path the whole
    change. `rule` is the tool's name for it (`ruff:F401`), empty for a reviewer's own words; `remedy` its fix."""

    path: str = ""
    line: int = 0
    severity: Severity
    message: str
    remedy: str = ""
    rule: str = ""

    def describe(self) -> str:
        """The finding in one line, with its place."""
        place = f"{self.path}:{self.line}" if self.line else self.path or "the whole change"
        remedy = f" Remedy: {self.remedy}" if self.remedy else ""
        rule = f" ({self.rule})" if self.rule else ""
        return f"[{self.severity}] {place}: {self.message}{rule}{remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate found. `not_verified` is an answer of its own and is always said. `findings` are bounded."""

    gate: str
    verdict: Verdict
    reason: str
    command: str = ""
    evidence: Text = EMPTY
    duration_ms: int = 0
    findings: tuple[Finding, ...] = ()
    tests: ComparedTests | None = None
    """Of a run of tests whose result could be read."""
