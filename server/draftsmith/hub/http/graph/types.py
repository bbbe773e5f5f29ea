"""The types of answers: sessions with what they did, and the figures of models."""

from __future__ import annotations

from enum import Enum
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from draftsmith.domain.figures import Figures
from draftsmith.domain.ids import SessionId
from draftsmith.hub.http.graph.limits import DEFAULT_PAGE, MAX_PAGE
from draftsmith.hub.http.graph.loading import Loading
from draftsmith.hub.http.refusals import Refusal
from draftsmith.ports.events import SessionRow, WorkColumn, WorkSum
from draftsmith.protocol.entities import ENTITY, FindingEntity, GateEntity, TaskEntity

Whole = NewType("Whole", int)
"""GraphQL's own whole numbers end at 2^31; times and nano-dollars do not."""

SCALARS: dict[object, ScalarDefinition] = {
    Whole: strawberry.scalar(name="Whole", description="A whole number up to 2^53.", serialize=int, parse_value=int)
}
Info = strawberry.Info[Loading, None]


def page(size: int) -> int:
    """Raises Refusal (`query_too_large`) for a page that is none."""
    if not 1 <= size <= MAX_PAGE:
        raise Refusal(400, "query_too_large", f"A page has 1 to {MAX_PAGE} members.")
    return size


@strawberry.type(description="Sums over calls of models. Costs are nano-dollars.")
class WorkFigures:
    calls: int
    failed_calls: int
    input_tokens: Whole
    output_tokens: Whole
    cached_tokens: Whole
    reasoning_tokens: Whole
    cost_nano_usd: Whole
    unpriced_calls: int
    model_ms: Whole
    tool_ms: Whole
    tool_calls: int
    invalid_tool_calls: int
    gates: int
    passed_gates: int
    tasks: int
    good_tasks: int


@strawberry.type(description="What was done, by the columns that were asked for; the others are null.")
class Work:
    day: str | None = None
    model: str | None = None
    key: str | None = None
    role: str | None = None
    session_id: strawberry.ID | None = None
    workspace_id: strawberry.ID | None = None
    figures: WorkFigures


@strawberry.enum(description="A column to sum by.")
class WorkBy(Enum):
    DAY = "day"
    MODEL = "model"
    KEY = "key"
    ROLE = "role"
    SESSION = "session"
    WORKSPACE = "workspace"


COLUMNS: dict[WorkBy, WorkColumn] = {
    WorkBy.DAY: "day",
    WorkBy.MODEL: "model",
    WorkBy.KEY: "endpoint",
    WorkBy.ROLE: "role",
    WorkBy.SESSION: "session_id",
    WorkBy.WORKSPACE: "workspace_id",
}


@strawberry.type
class Task:
    id: strawberry.ID
    ordinal: int
    title: str
    status: str
    phase: str
    depends_on: list[str]
    checks: list[str]
    files: list[str]
    repairs: int
    report: str
    reason: str


@strawberry.type
class Finding:
    id: strawberry.ID
    task_id: strawberry.ID
    path: str
    line: int
    severity: str
    message: str
    remedy: str
    rule: str


@strawberry.type
class Gate:
    id: strawberry.ID
    task_id: strawberry.ID
    gate: str
    verdict: str
    reason: str
    command: str
    duration_ms: Whole


@strawberry.type(description="Lists hold the last members, in their order.")
class Session:
    id: strawberry.ID
    workspace_id: strawberry.ID
    title: str
    status: str
    created_at: Whole
    updated_at: Whole
    cost_nano_usd: Whole

    @strawberry.field
    async def tasks(self, info: Info, last: int = DEFAULT_PAGE) -> list[Task]:
        rows = await info.context.entities.load((SessionId(self.id), "task", page(last)))
        return [_task(one) for row in rows if isinstance(one := ENTITY.validate_json(row.body), TaskEntity)]

    @strawberry.field
    async def findings(self, info: Info, last: int = DEFAULT_PAGE) -> list[Finding]:
        rows = await info.context.entities.load((SessionId(self.id), "finding", page(last)))
        return [_finding(one) for row in rows if isinstance(one := ENTITY.validate_json(row.body), FindingEntity)]

    @strawberry.field
    async def gates(self, info: Info, last: int = DEFAULT_PAGE) -> list[Gate]:
        rows = await info.context.entities.load((SessionId(self.id), "gate", page(last)))
        return [_gate(one) for row in rows if isinstance(one := ENTITY.validate_json(row.body), GateEntity)]

    @strawberry.field(description="What each model did in the session.")
    async def models(self, info: Info) -> list[Work]:
        return [work_of(("session_id", "model"), row) for row in await info.context.models.load(SessionId(self.id))]


@strawberry.type(description="`cursor` is null on the last page.")
class SessionPage:
    nodes: list[Session]
    cursor: str | None


def session_of(row: SessionRow) -> Session:
    return Session(
        id=strawberry.ID(row.session_id),
        workspace_id=strawberry.ID(row.workspace_id),
        title=row.title,
        status=row.status,
        created_at=Whole(row.created_at),
        updated_at=Whole(row.updated_at),
        cost_nano_usd=Whole(row.cost_nano_usd),
    )


def work_of(columns: tuple[str, ...], row: WorkSum) -> Work:
    found = dict(zip(columns, row.values, strict=True))
    session, workspace = found.get("session_id"), found.get("workspace_id")
    return Work(
        day=found.get("day"),
        model=found.get("model"),
        key=found.get("endpoint"),
        role=found.get("role"),
        session_id=None if session is None else strawberry.ID(session),
        workspace_id=None if workspace is None else strawberry.ID(workspace),
        figures=_figures(row.figures),
    )


def _figures(sums: Figures) -> WorkFigures:
    return WorkFigures(
        calls=sums.calls,
        failed_calls=sums.failed_calls,
        input_tokens=Whole(sums.input_tokens),
        output_tokens=Whole(sums.output_tokens),
        cached_tokens=Whole(sums.cached_tokens),
        reasoning_tokens=Whole(sums.reasoning_tokens),
        cost_nano_usd=Whole(sums.nano_usd),
        unpriced_calls=sums.unpriced_calls,
        model_ms=Whole(sums.model_ms),
        tool_ms=Whole(sums.tool_ms),
        tool_calls=sums.tool_calls,
        invalid_tool_calls=sums.invalid_tool_calls,
        gates=sums.gates,
        passed_gates=sums.passed_gates,
        tasks=sums.tasks,
        good_tasks=sums.good_tasks,
    )


def _task(one: TaskEntity) -> Task:
    return Task(
        id=strawberry.ID(one.id),
        ordinal=one.ordinal,
        title=one.title,
        status=one.status,
        phase=one.phase,
        depends_on=list(one.depends_on),
        checks=list(one.checks),
        files=list(one.files),
        repairs=one.repairs,
        report=one.report,
        reason=one.reason,
    )


def _finding(one: FindingEntity) -> Finding:
    return Finding(
        id=strawberry.ID(one.id),
        task_id=strawberry.ID(one.task_id),
        path=one.path,
        line=one.line,
        severity=one.severity,
        message=one.message,
        remedy=one.remedy,
        rule=one.rule,
    )


def _gate(one: GateEntity) -> Gate:
    return Gate(
        id=strawberry.ID(one.id),
        task_id=strawberry.ID(one.task_id),
        gate=one.gate,
        verdict=one.verdict,
        reason=one.reason,
        command=one.command,
        duration_ms=Whole(one.duration_ms),
    )
