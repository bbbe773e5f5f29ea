"""What would have cost less, worked out from the record alone. Where it says too little, that is the answer.

Nothing is estimated: every number is a sum of what happened, and the arithmetic is in the types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import Figures

ENOUGH_TASKS = 5
"""Of both models, before one is held against the other."""
ENOUGH_SESSIONS = 5
"""With a proposal, before what they cost says what a session may cost."""

Why = Literal["few", "unpriced", "alone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherModel:
    """`saving` = tasks of `model` × (its cost for a task − the other's), in nano-dollars. The other one's share of
    good tasks is not lower."""

    role: Role
    model: str
    mine: Figures
    other: str
    others: Figures
    saving: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCompared:
    role: Role
    model: str
    tasks: int
    reason: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCost:
    """`good`: it came to a proposal or an answer; else it was stopped or cancelled."""

    good: bool
    nano_usd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`limit` is the most that a good session cost; `saving` what the `over` lost ones that cost more had above it."""

    limit: int
    good: int
    lost: int
    over: int
    saving: int


def other_models(record: Mapping[tuple[str, Role], Figures]) -> tuple[tuple[OtherModel, ...], tuple[NotCompared, ...]]:
    """For each model and role the other model that would have cost least, the largest saving first; and what could
    not be compared. Costs for a task are whole nano-dollars, rounded down for mine and up for the other's."""
    found: list[OtherModel] = []
    left: list[NotCompared] = []
    for (model, role), mine in sorted(record.items()):
        if mine.tasks == 0:
            continue
        if reason := _unfit(mine):
            left.append(NotCompared(role=role, model=model, tasks=mine.tasks, reason=reason))
            continue
        others = [
            (name, figures)
            for (name, of), figures in sorted(record.items())
            if of == role and name != model and not _unfit(figures)
        ]
        if not others:
            left.append(NotCompared(role=role, model=model, tasks=mine.tasks, reason="alone"))
            continue
        better = [
            OtherModel(role=role, model=model, mine=mine, other=name, others=figures, saving=saving)
            for name, figures in others
            if _no_worse(figures, mine) and (saving := mine.tasks * (task_cost(mine) - task_cost(figures, up=True))) > 0
        ]
        found += sorted(better, key=lambda one: -one.saving)[:1]
    return tuple(sorted(found, key=lambda one: -one.saving)), tuple(left)


def budget(sessions: Sequence[SessionCost]) -> Budget | None:
    """What a budget for each session would have saved; None where too few came to anything, or nothing is saved."""
    good = [one.nano_usd for one in sessions if one.good and one.nano_usd > 0]
    if len(good) < ENOUGH_SESSIONS:
        return None
    limit = max(good)
    lost = [one.nano_usd for one in sessions if not one.good]
    over = [cost - limit for cost in lost if cost > limit]
    if not over:
        return None
    return Budget(limit=limit, good=len(good), lost=len(lost), over=len(over), saving=sum(over))


def task_cost(figures: Figures, *, up: bool = False) -> int:
    """Nano-dollars for one task."""
    return -(-figures.nano_usd // figures.tasks) if up else figures.nano_usd // figures.tasks


def _unfit(figures: Figures) -> Why | None:
    if figures.tasks < ENOUGH_TASKS:
        return "few"
    # A cost without some of its calls is no cost.
    return "unpriced" if figures.unpriced_calls else None


def _no_worse(other: Figures, mine: Figures) -> bool:
    return other.good_tasks * mine.tasks >= mine.good_tasks * other.tasks
