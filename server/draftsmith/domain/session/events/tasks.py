"""Tasks, their gates and their critique."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.gates import Finding, GateResult
from draftsmith.domain.ids import CallId, DocumentId, TaskId, TreeId
from draftsmith.domain.session.events.calls import CommandUse
from draftsmith.domain.testing import CaseCounts
from draftsmith.domain.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    kind: ClassVar[str] = "task_started"
    kind_version: ClassVar[int] = 1
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReported:
    """The coder says that the task is done; the gates have still to agree."""

    kind: ClassVar[str] = "task_reported"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    report: Text
    impossible: bool = False
    """The coder says that the task cannot be done as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CritiqueFinished:
    kind: ClassVar[str] = "critique_finished"
    kind_version: ClassVar[int] = 2
    task_id: TaskId
    approved: bool
    findings: tuple[Finding, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairBegun:
    """The coder goes at the task again with what the gates or the critique found."""

    kind: ClassVar[str] = "repair_begun"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    kind: ClassVar[str] = "task_finished"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    outcome: Literal["done", "failed", "skipped"]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallNoticed:
    """The same failing call, or no progress; the coder is told, and stopped when it happens again."""

    kind: ClassVar[str] = "stall_noticed"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateIntended:
    kind: ClassVar[str] = "gate_intended"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    task_id: TaskId
    gate: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFinished:
    """`used` is what its commands used together, None where it ran none."""

    kind: ClassVar[str] = "gate_finished"
    kind_version: ClassVar[int] = 4
    call_id: CallId
    task_id: TaskId
    result: GateResult
    used: CommandUse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRun:
    """The tests were run on the base, to tell what failed before. `report` holds the result; None: it cannot be read.

    `passed` is how the command ended. Not repeated for the same base and command.
    """

    kind: ClassVar[str] = "baseline_run"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    base: TreeId
    root: int
    command: str
    passed: bool
    report: DocumentId | None
    counts: CaseCounts
    duration_ms: int


TaskEvent = TaskStarted | TaskReported | CritiqueFinished | RepairBegun | TaskFinished | StallNoticed
GateEvent = GateIntended | GateFinished | BaselineRun
