"""What work took and cost, what would have cost less, and what is spent against the user's limits."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, cast

from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import Figures
from draftsmith.domain.savings import (
    ENOUGH_SESSIONS,
    ENOUGH_TASKS,
    NotCompared,
    OtherModel,
    SessionCost,
    budget,
    other_models,
    task_cost,
)
from draftsmith.hub.handlers.model_report import title_of
from draftsmith.platform.clock import now_ms
from draftsmith.ports.events import SessionRow, WorkColumn
from draftsmith.protocol.methods import analytics as messages

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

MAX_SESSIONS = 5_000
_PAGE = 500
_COLUMNS: tuple[tuple[messages.AnalyticsBy, WorkColumn], ...] = (
    ("day", "day"),
    ("model", "model"),
    ("role", "role"),
    ("workspace", "workspace_id"),
)
GOOD = frozenset({"proposed", "finished"})
LOST = frozenset({"stopped", "cancelled"})


async def spending(call: Call, params: messages.SpendingParams) -> messages.SpendingResult:
    now = now_ms()
    spent = await call.hub.spent(now)
    limits = call.hub.models.settings.limits
    lines = [
        messages.SpentLine(scope=scope, label=label, spent_nano_usd=amount, limit_nano_usd=limits.get((scope, label)))
        for (scope, label), amount in spent.items()
    ]
    return messages.SpendingResult(lines=tuple(lines))


async def analytics(call: Call, params: messages.AnalyticsParams) -> messages.AnalyticsResult:
    first = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=params.days - 1)
    since, sees = first.isoformat(), call.caller.standing.sees
    lines = [line for by, column in _COLUMNS for line in await _lines(call, by, column, since, sees)]
    record: dict[tuple[str, Role], Figures] = {}
    for row in await call.hub.store.work(("model", "role"), since=since, owners=sees):
        model, role = row.values
        record[model, cast("Role", role)] = row.figures
    savings, left = other_models(record)
    begun = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
    sessions, more = await _sessions(call, round(begun.timestamp() * 1000), sees)
    return messages.AnalyticsResult(
        lines=tuple(lines),
        outcomes=_outcomes(sessions),
        sessions_left_out=more,
        enough_tasks=ENOUGH_TASKS,
        enough_sessions=ENOUGH_SESSIONS,
        model_savings=tuple(map(_saving, savings)),
        limit_saving=_limit(sessions),
        not_compared=tuple(map(_left, left)),
    )


async def _lines(
    call: Call, by: messages.AnalyticsBy, column: WorkColumn, since: str, sees: Collection[str] | None
) -> list[messages.AnalyticsLine]:
    found: list[messages.AnalyticsLine] = []
    for row in await call.hub.store.work((column,), since=since, owners=sees):
        (name,) = row.values
        title = await title_of(call, "workspace", name) if by == "workspace" else ""
        found.append(_line(by, name, title, row.figures))
    return sorted(found, key=lambda line: line.name if by == "day" else -line.cost_nano_usd)


def _line(by: messages.AnalyticsBy, name: str, title: str, figures: Figures) -> messages.AnalyticsLine:
    return messages.AnalyticsLine(
        by=by,
        name=name,
        title=title,
        calls=figures.calls,
        failed_calls=figures.failed_calls,
        tokens=figures.input_tokens + figures.output_tokens,
        model_ms=figures.model_ms,
        tool_ms=figures.tool_ms,
        tasks=figures.tasks,
        good_tasks=figures.good_tasks,
        gates=figures.gates,
        passed_gates=figures.passed_gates,
        cost_nano_usd=figures.nano_usd,
        unpriced_calls=figures.unpriced_calls,
    )


async def _sessions(call: Call, since: int, sees: Collection[str] | None) -> tuple[list[SessionRow], int]:
    """Those that changed since, the newest first; and whether (1) or not (0) some were left out."""
    found: list[SessionRow] = []
    before: tuple[int, str] | None = None
    while len(found) <= MAX_SESSIONS:
        page = await call.hub.store.sessions(limit=_PAGE, before=before, owners=sees)
        found += [row for row in page if row.updated_at >= since]
        if len(page) < _PAGE or page[-1].updated_at < since:
            return found, 0
        before = (page[-1].updated_at, page[-1].session_id)
    return found[:MAX_SESSIONS], len(found) - MAX_SESSIONS


def _outcomes(sessions: Sequence[SessionRow]) -> tuple[messages.OutcomeLine, ...]:
    by: dict[str, list[int]] = {}
    for row in sessions:
        by.setdefault(row.status, []).append(row.cost_nano_usd)
    return tuple(
        messages.OutcomeLine(status=status, sessions=len(costs), cost_nano_usd=sum(costs))
        for status, costs in sorted(by.items())
    )


def _limit(sessions: Sequence[SessionRow]) -> messages.LimitSaving | None:
    over = [row for row in sessions if row.status in GOOD | LOST]
    found = budget([SessionCost(good=row.status in GOOD, nano_usd=row.cost_nano_usd) for row in over])
    if found is None:
        return None
    return messages.LimitSaving(
        limit_nano_usd=found.limit,
        good_sessions=found.good,
        lost_sessions=found.lost,
        over_limit=found.over,
        saving_nano_usd=found.saving,
    )


def _saving(one: OtherModel) -> messages.ModelSaving:
    return messages.ModelSaving(
        role=one.role,
        model=one.model,
        tasks=one.mine.tasks,
        good_tasks=one.mine.good_tasks,
        task_nano_usd=task_cost(one.mine),
        other=one.other,
        other_tasks=one.others.tasks,
        other_good_tasks=one.others.good_tasks,
        other_task_nano_usd=task_cost(one.others, up=True),
        saving_nano_usd=one.saving,
    )


def _left(one: NotCompared) -> messages.NotCompared:
    return messages.NotCompared(role=one.role, model=one.model, tasks=one.tasks, reason=one.reason)
