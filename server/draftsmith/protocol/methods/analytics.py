"""Methods that show what work took and cost, what would have cost less, and what is spent against limits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.methods.models import LimitScope, RoleName
from draftsmith.protocol.model import Message

AnalyticsBy = Literal["day", "model", "role", "workspace"]


class SpendingParams(Message):
    pass


class SpentLine(Message):
    """`limit_nano_usd` is None without a limit. Days and months are in UTC; a key's is of this month."""

    scope: LimitScope
    label: str
    spent_nano_usd: int = Field(description="What is reserved for calls under way is in it.")
    limit_nano_usd: int | None


class SpendingResult(Message):
    lines: tuple[SpentLine, ...]


class AnalyticsParams(Message):
    days: int = Field(default=30, ge=1, le=3650, description="Today (UTC) and the days before it.")


class AnalyticsLine(Message):
    """`name` is a day, a model, a role or a workspace's id; `title` is for people where the name is an id.

    Of a coder `tasks` are the tasks that ended, of a planner plans that were decided, of a critic reviews.
    """

    by: AnalyticsBy
    name: str
    title: str
    calls: int
    failed_calls: int
    tokens: int
    model_ms: int
    tool_ms: int
    tasks: int
    good_tasks: int
    gates: int
    passed_gates: int
    cost_nano_usd: int
    unpriced_calls: int = Field(description="Calls whose price is not known; the cost is without them.")


class OutcomeLine(Message):
    """Sessions that were touched in these days, by how they stand now."""

    status: str
    sessions: int
    cost_nano_usd: int


class ModelSaving(Message):
    """The same tasks by the other model at its cost for each: `tasks` × (`task_nano_usd` − `other_task_nano_usd`)."""

    role: RoleName
    model: str
    tasks: int
    good_tasks: int
    task_nano_usd: int
    other: str
    other_tasks: int
    other_good_tasks: int
    other_task_nano_usd: int
    saving_nano_usd: int


class LimitSaving(Message):
    """With a budget of `limit_nano_usd` for each session, the most that one with a proposal cost, those that came to
    nothing would have ended there: what they cost above it, in sum."""

    limit_nano_usd: int
    good_sessions: int
    lost_sessions: int
    over_limit: int = Field(description="How many of the lost ones went above it.")
    saving_nano_usd: int


class NotCompared(Message):
    """`reason`: `few` tasks, or calls without a known price (`unpriced`), or nothing to compare it with (`alone`)."""

    role: RoleName
    model: str
    tasks: int
    reason: Literal["few", "unpriced", "alone"]


class AnalyticsResult(Message):
    lines: tuple[AnalyticsLine, ...]
    outcomes: tuple[OutcomeLine, ...]
    sessions_left_out: int = Field(description="Sessions beyond the newest 5,000, which outcomes do not count.")
    enough_tasks: int = Field(description="So many tasks of either model are compared; fewer say nothing.")
    enough_sessions: int
    model_savings: tuple[ModelSaving, ...] = Field(description="The largest first.")
    limit_saving: LimitSaving | None
    not_compared: tuple[NotCompared, ...]
