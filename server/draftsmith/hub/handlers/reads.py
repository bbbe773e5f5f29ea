"""Questions that change nothing: lists, pages, documents, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from draftsmith.domain.codec import envelope_to_bytes
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import DocumentId, SessionId, session_stream
from draftsmith.hub.lines import stored_lines
from draftsmith.hub.paging import read_cursor, write_cursor
from draftsmith.protocol.entities import ENTITY, StepEntity
from draftsmith.protocol.methods.hub import DocumentParams, DocumentResult
from draftsmith.protocol.methods.session import (
    EntityParams,
    EntityResult,
    ExportParams,
    ExportResult,
    ListParams,
    ListResult,
    StepsParams,
    StepsResult,
)

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def list_sessions(call: Call, params: ListParams) -> ListResult:
    rows = await call.hub.store.sessions(
        limit=params.limit + 1,
        before=None if params.cursor is None else read_cursor(params.cursor),
        workspace_id=params.workspace_id,
        owners=call.caller.standing.sees,
    )
    page = rows[: params.limit]
    more = len(rows) > params.limit
    return ListResult(
        sessions=await stored_lines(call.hub.store, page),
        cursor=write_cursor(page[-1].updated_at, page[-1].session_id) if more else None,
    )


async def document(call: Call, params: DocumentParams) -> DocumentResult:
    content = await call.hub.store.document(DocumentId(params.document_id))
    if content is None:
        raise UserError(f"There is no document {params.document_id}.", code="unknown_document")
    end = params.offset + params.limit
    # A page ends at a character's border, so that pages can be joined.
    while end < len(content) and content[end] & 0xC0 == 0x80:
        end -= 1
    end = end if end > params.offset else min(params.offset + params.limit, len(content))
    return DocumentResult(
        text=content[params.offset : end].decode("utf-8", "replace"),
        length=len(content),
        next_offset=end if end < len(content) else None,
    )


async def export(call: Call, params: ExportParams) -> ExportResult:
    await call.hub.host(SessionId(params.session_id))
    lines: list[str] = []
    stream = session_stream(SessionId(params.session_id))
    async for batch in call.hub.store.read(stream, after=params.after, batch=params.limit + 1):
        lines.extend(envelope_to_bytes(envelope).decode("ascii") for envelope in batch)
        break
    return ExportResult(events=tuple(lines[: params.limit]), more=len(lines) > params.limit)


async def steps(call: Call, params: StepsParams) -> StepsResult:
    session_id = SessionId(params.session_id)
    await call.hub.host(session_id)
    store = call.hub.store
    if params.first is None:
        rows = await store.entities(session_id, "step", limit=params.limit, before=params.before)
        first = await store.count_entities(session_id, "step", before=rows[0].ordinal) if rows else 0
    else:
        first = params.first
        rows = await store.entities(session_id, "step", limit=params.limit, first=first)
    # Counted last: steps are only added, so that no place is beyond the total.
    total = await store.count_entities(session_id, "step")
    found = tuple(cast("StepEntity", ENTITY.validate_json(row.body)) for row in rows)
    return StepsResult(steps=found, more=min(first, total) > 0, first=first, total=total)


async def entity(call: Call, params: EntityParams) -> EntityResult:
    session_id = SessionId(params.session_id)
    host = await call.hub.host(session_id)
    held = host.entity(params.kind, params.id)
    if held is None:
        row = await call.hub.store.entity(session_id, params.kind, params.id)
        if row is None:
            raise UserError(f"Session {params.session_id} has no {params.kind} {params.id}.", code="unknown_entity")
        held = ENTITY.validate_json(row.body)
    return EntityResult(entity=held)
