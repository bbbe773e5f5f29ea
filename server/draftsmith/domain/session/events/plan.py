"""The plan: proposed, approved, rejected, revised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.ids import (
    TaskId,
)
from draftsmith.domain.limits import NANO_USD
from draftsmith.domain.plan import Plan
from draftsmith.domain.text import Text, count


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBegun:
    """The request was understood as small: it is worked on as one task, without a plan."""

    kind: ClassVar[str] = "work_begun"
    kind_version: ClassVar[int] = 1
    title: str
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProposed:
    kind: ClassVar[str] = "plan_proposed"
    kind_version: ClassVar[int] = 1
    title: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved:
    kind: ClassVar[str] = "plan_approved"
    kind_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRejected:
    """The user wants another plan; `feedback` says why."""

    kind: ClassVar[str] = "plan_rejected"
    kind_version: ClassVar[int] = 1
    feedback: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevised:
    """Tasks not yet begun were replaced while the work went on."""

    kind: ClassVar[str] = "plan_revised"
    kind_version: ClassVar[int] = 1
    plan: Plan
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEdited:
    """The user put a plan of their own in place of the one they were asked about."""

    kind: ClassVar[str] = "plan_edited"
    kind_version: ClassVar[int] = 1
    title: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEstimated:
    """What a plan's tasks are likely to take, before they are begun. `basis` `others`: too little is recorded of the
    model, but enough of others; `rough`: of none, so that it rests on an example. `nano_usd` None: its price is not
    known. `seconds` 0: nothing is known of the time."""

    kind: ClassVar[str] = "work_estimated"
    kind_version: ClassVar[int] = 1
    model: str
    tasks: int
    input_tokens: int
    output_tokens: int
    nano_usd: int | None
    seconds: int
    basis: Literal["record", "others", "rough"]
    recorded_tasks: int

    def describe(self) -> str:
        """The estimate for people, with what it rests on."""
        money = "an unknown amount" if self.nano_usd is None else f"{self.nano_usd / NANO_USD:.2f} dollars"
        time = f", {count(max(1, round(self.seconds / 60)), 'minute')}" if self.seconds else ""
        tasks = count(self.recorded_tasks, "recorded task")
        basis = {
            "record": f"from {tasks} of {self.model}",
            "others": f"from {tasks} of other models: little is recorded of {self.model} yet",
            "rough": f"rough: little is recorded of {self.model} yet, so this is what an example's tasks took",
        }[self.basis]
        return f"About {self.input_tokens + self.output_tokens:,} tokens, {money}{time} ({basis})."


PlanEvent = WorkBegun | PlanProposed | PlanApproved | PlanRejected | PlanRevised | PlanEdited | WorkEstimated
