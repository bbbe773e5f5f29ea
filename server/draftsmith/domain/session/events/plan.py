"""The plan: proposed, approved, rejected, revised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from draftsmith.domain.ids import (
    TaskId,
)
from draftsmith.domain.plan import Plan
from draftsmith.domain.text import Text


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


PlanEvent = WorkBegun | PlanProposed | PlanApproved | PlanRejected | PlanRevised | PlanEdited
