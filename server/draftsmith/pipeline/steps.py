"""What the engine can do next, as values."""

from __future__ import annotations

from dataclasses import dataclass

from draftsmith.domain.conversation import Role
from draftsmith.domain.ids import TaskId
from draftsmith.domain.limits import Struck
from draftsmith.domain.session.state import PendingToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A question is open: nothing to do until it is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModel:
    role: Role
    task_id: TaskId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTool:
    call: PendingToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginTask:
    """Work starts without a plan: a small request, or a message after the proposal."""

    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePlan:
    """The plan needs nobody's word: the session has full autonomy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForPlan:
    """The user has to approve the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTask:
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipTask:
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeStall:
    task_id: TaskId
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """An environment that the project's lock file asks for is not there yet."""

    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGate:
    task_id: TaskId
    gate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTask:
    """Everything that was checked passed: a green checkpoint, and on to the next task."""

    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class FailTask:
    """Back to the last green checkpoint; what was done is kept as a checkpoint that is not green."""

    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose:
    """Everything that could be done is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAtLimit:
    struck: Struck


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Nothing is left to do in this state."""


Step = (
    Wait
    | AskModel
    | RunTool
    | BeginTask
    | ApprovePlan
    | AskForPlan
    | StartTask
    | SkipTask
    | NoticeStall
    | Prepare
    | RunGate
    | Repair
    | CloseTask
    | FailTask
    | Propose
    | StopAtLimit
    | Done
)
