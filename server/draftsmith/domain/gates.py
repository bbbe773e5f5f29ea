"""Gates, their evidence, and findings of the critique."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.text import EMPTY, Text

Verdict = Literal["passed", "failed", "not_verified"]
Severity = Literal["info", "minor", "major", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate found. `not_verified` is an answer of its own and is always said."""

    gate: str
    verdict: Verdict
    reason: str
    command: str = ""
    evidence: Text = EMPTY
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark of the critique. `line` counts from 1; 0 means the whole file, an empty path the whole change."""

    path: str = ""
    line: int = 0
    severity: Severity
    message: str
    remedy: str = ""

    def describe(self) -> str:
        """The finding in one line, with its place."""
        place = f"{self.path}:{self.line}" if self.line else self.path or "the whole change"
        remedy = f" Remedy: {self.remedy}" if self.remedy else ""
        return f"[{self.severity}] {place}: {self.message}{remedy}"
