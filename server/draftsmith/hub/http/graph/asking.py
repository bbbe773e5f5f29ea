"""The questions that can be asked, and the way from a text to its answer. Nothing here changes anything."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Collection, Mapping

import strawberry
import structlog
from graphql import GraphQLError, GraphQLSyntaxError, parse
from pydantic import JsonValue
from strawberry.schema.config import StrawberryConfig

from draftsmith.domain.errors import DraftsmithError
from draftsmith.domain.ids import SessionId
from draftsmith.hub.http.graph.limits import DEFAULT_PAGE, MAX_TOKENS, check
from draftsmith.hub.http.graph.loading import Loading
from draftsmith.hub.http.graph.types import (
    COLUMNS,
    SCALARS,
    Info,
    Session,
    SessionPage,
    Work,
    WorkBy,
    page,
    session_of,
    work_of,
)
from draftsmith.hub.http.refusals import Refusal
from draftsmith.hub.paging import read_cursor, write_cursor
from draftsmith.ports.events import EventStore, WorkColumn

log = structlog.get_logger()

ASK_SECONDS = 20.0
MAX_DAYS = 3_650


@strawberry.type
class Query:
    @strawberry.field(description="Newest first.")
    async def sessions(
        self,
        info: Info,
        first: int = DEFAULT_PAGE,
        after: str | None = None,
        workspace_id: strawberry.ID | None = None,
        statuses: list[str] | None = None,
    ) -> SessionPage:
        rows = await info.context.store.sessions(
            limit=page(first) + 1,
            before=None if after is None else read_cursor(after),
            workspace_id=workspace_id,
            statuses=tuple(statuses or ())[:50],
            owners=info.context.sees,
        )
        shown = rows[:first]
        cursor = write_cursor(shown[-1].updated_at, shown[-1].session_id) if len(rows) > first else None
        return SessionPage(nodes=[session_of(row) for row in shown], cursor=cursor)

    @strawberry.field(description="Null when there is no such session.")
    async def session(self, info: Info, id: strawberry.ID) -> Session | None:  # noqa: A002 (the name in the schema)
        row = await info.context.store.session(SessionId(id))
        sees = info.context.sees
        return None if row is None or (sees is not None and row.owner not in sees) else session_of(row)

    @strawberry.field(description="Costs, tokens, time and success, summed by the columns, over today and days before.")
    async def work(self, info: Info, by: list[WorkBy], days: int = 30) -> list[Work]:
        columns: tuple[WorkColumn, ...] = tuple(dict.fromkeys(COLUMNS[one] for one in by))
        if not columns or not 1 <= days <= MAX_DAYS:
            raise Refusal(400, "query_too_large", f"`by` has a column at least, `days` are 1 to {MAX_DAYS}.")
        today = datetime.datetime.now(datetime.UTC).date()
        since = (today - datetime.timedelta(days=days - 1)).isoformat()
        loading = info.context
        rows = await loading.store.work(columns, since=since, owners=loading.sees)
        return [work_of(columns, row) for row in rows]


# In the schema names are as in Python and everywhere else in Draftsmith.
SCHEMA = strawberry.Schema(
    query=Query, config=StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS, disable_field_suggestions=False)
)


async def ask(
    store: EventStore,
    sees: Collection[str] | None,
    query: str,
    variables: Mapping[str, JsonValue],
    operation: str | None,
) -> JsonValue:
    """The answer as GraphQL has it: `data`, `errors`, about sessions of the users in `sees` only (None: of all).

    Raises Refusal (`query_too_large`, `bad_request`).
    """
    try:
        check(parse(query, max_tokens=MAX_TOKENS, no_location=True), variables)
    except GraphQLSyntaxError as error:
        return {"data": None, "errors": [{"message": error.message}]}
    except RecursionError:
        raise Refusal(400, "query_too_large", "The question is nested too deeply.") from None
    try:
        async with asyncio.timeout(ASK_SECONDS):
            result = await SCHEMA.execute(
                query, variable_values=dict(variables), context_value=Loading(store, sees), operation_name=operation
            )
    except TimeoutError:
        raise Refusal(
            503, "query_too_slow", f"It took longer than {ASK_SECONDS:.0f} s.", remedy="Ask for less."
        ) from None
    answer: dict[str, JsonValue] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_error(one) for one in result.errors]
    return answer


def _error(error: GraphQLError) -> JsonValue:
    told: dict[str, JsonValue] = {"message": error.message}
    if error.path:
        told["path"] = [one if isinstance(one, int) else str(one) for one in error.path]
    match error.original_error:
        case DraftsmithError() as known:
            told["message"] = known.message
            told["extensions"] = {"code": known.code, "remedy": known.remedy}
        case Refusal() as refusal:
            told["extensions"] = {"code": refusal.code, "remedy": refusal.remedy}
        case None | GraphQLError():
            pass
        case bug:
            log.error("question_crashed", exc_info=bug)
            told["message"] = "Draftsmith failed on this field."
            told["extensions"] = {"code": "internal", "remedy": "Look in `draftsmith hub logs`."}
    return told
