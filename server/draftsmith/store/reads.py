"""The reading queries, each a function over one connection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, literal_column, or_, select, tuple_

from draftsmith.domain.codec import Event, decode_body
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.figures import FIGURES, Figures
from draftsmith.domain.ids import DocumentId, EventId, SessionId, StreamId
from draftsmith.ports.events import EntityRow, SessionRow, WorkColumn, WorkSum, kept_of
from draftsmith.store.documents import unpack
from draftsmith.store.tables import DOCUMENTS, ENTITIES, EVENTS, IS_FIRST, MODEL_WORK, SESSIONS

_ENVELOPE = (
    *(EVENTS.c.event_id, EVENTS.c.stream_id, EVENTS.c.version, EVENTS.c.kind, EVENTS.c.kind_version),
    *(EVENTS.c.at, EVENTS.c.actor_user, EVENTS.c.actor_client, EVENTS.c.causation_id),
    *(EVENTS.c.correlation_id, EVENTS.c.body),
)


def read_events(connection: Connection, stream_id: StreamId, after: int, limit: int) -> list[Envelope[Event]]:
    """In order, from `after` + 1. Raises CodecError."""
    query = (
        select(*_ENVELOPE)
        .where(EVENTS.c.stream_id == stream_id, EVENTS.c.version > after)
        .order_by(EVENTS.c.version)
        .limit(limit)
    )
    return [_envelope(row) for row in connection.execute(query)]


def read_streams(connection: Connection, prefix: str) -> list[StreamId]:
    """By their first events: the cost is that of the number of streams, not of events."""
    # Not LIKE, which ignores case in some databases; not a range, whose order depends on the collation.
    begins = func.substr(EVENTS.c.stream_id, 1, len(prefix)) == prefix
    query = select(EVENTS.c.stream_id).where(IS_FIRST, begins).order_by(EVENTS.c.position)
    return list(connection.execute(query).scalars())


def read_document(connection: Connection, document_id: DocumentId) -> bytes | None:
    """Raises AdapterError (`store_damaged`)."""
    query = select(DOCUMENTS.c.packing, DOCUMENTS.c.size, DOCUMENTS.c.content)
    row = connection.execute(query.where(DOCUMENTS.c.document_id == document_id)).one_or_none()
    return None if row is None else unpack(document_id, row.packing, row.size, row.content)


def has_document(connection: Connection, document_id: DocumentId) -> bool:
    query = select(DOCUMENTS.c.size).where(DOCUMENTS.c.document_id == document_id)
    return connection.execute(query).first() is not None


def read_sessions(
    connection: Connection,
    limit: int,
    before: tuple[int, str] | None,
    workspace_id: str | None,
    statuses: tuple[str, ...],
    owners: Collection[str] | None = None,
) -> list[SessionRow]:
    query = select(SESSIONS).order_by(SESSIONS.c.updated_at.desc(), SESSIONS.c.session_id.desc()).limit(limit)
    if before is not None:
        query = query.where(tuple_(SESSIONS.c.updated_at, SESSIONS.c.session_id) < before)
    if workspace_id is not None:
        query = query.where(SESSIONS.c.workspace_id == workspace_id)
    if statuses:
        query = query.where(SESSIONS.c.status.in_(statuses))
    if owners is not None:
        query = query.where(SESSIONS.c.owner.in_(sorted(owners)))
    return [_session(row) for row in connection.execute(query)]


def read_session(connection: Connection, session_id: SessionId) -> SessionRow | None:
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.session_id == session_id)).one_or_none()
    return None if row is None else _session(row)


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(
        session_id=SessionId(row.session_id),
        workspace_id=row.workspace_id,
        title=row.title,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        cost_nano_usd=row.cost_nano_usd,
        version=row.version,
        owner=row.owner,
    )


def read_entities(
    connection: Connection, session_id: SessionId, kind: str, limit: int, before: int | None
) -> list[EntityRow]:
    query = _entities(session_id, kind).order_by(ENTITIES.c.ordinal.desc(), ENTITIES.c.entity_id.desc())
    if before is not None:
        query = query.where(ENTITIES.c.ordinal < before)
    return [_entity(row) for row in reversed(connection.execute(query.limit(limit)).all())]


def read_entities_from(
    connection: Connection, session_id: SessionId, kind: str, limit: int, first: int
) -> list[EntityRow]:
    query = _entities(session_id, kind).order_by(ENTITIES.c.ordinal, ENTITIES.c.entity_id)
    return [_entity(row) for row in connection.execute(query.limit(limit).offset(first))]


def count_entities(connection: Connection, session_id: SessionId, kind: str, before: int | None) -> int:
    query = select(func.count()).where(ENTITIES.c.session_id == session_id, ENTITIES.c.kind == kind)
    if before is not None:
        query = query.where(ENTITIES.c.ordinal < before)
    return connection.execute(query).scalar_one()


def read_entities_of(connection: Connection, session_ids: Sequence[SessionId], kind: str, last: int) -> list[EntityRow]:
    place = func.row_number().over(
        partition_by=ENTITIES.c.session_id, order_by=(ENTITIES.c.ordinal.desc(), ENTITIES.c.entity_id.desc())
    )
    ranked = (
        select(ENTITIES, place.label("place"))
        .where(ENTITIES.c.session_id.in_(session_ids), ENTITIES.c.kind == kind)
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= last).order_by(ranked.c.session_id, ranked.c.place.desc())
    return [_entity(row) for row in connection.execute(query)]


def read_entity(connection: Connection, session_id: SessionId, kind: str, entity_id: str) -> EntityRow | None:
    query = _entities(session_id, kind).where(ENTITIES.c.entity_id == entity_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _entity(row)


def read_work(
    connection: Connection,
    by: Sequence[WorkColumn],
    since: str,
    sessions: Sequence[SessionId] | None,
    owners: Collection[str] | None = None,
) -> list[WorkSum]:
    # A literal, not a bound value: grouped by it must be the same expression everywhere.
    of_workspace = func.coalesce(SESSIONS.c.workspace_id, literal_column("''"))
    columns = [of_workspace if name == "workspace_id" else MODEL_WORK.c[name] for name in by]
    sums = [func.sum(MODEL_WORK.c[name]) for name in FIGURES]
    query = select(*columns, *sums).group_by(*columns).order_by(*columns)
    if "workspace_id" in by or owners is not None:
        query = query.outerjoin(SESSIONS, SESSIONS.c.session_id == MODEL_WORK.c.session_id)
    if since:
        query = query.where(MODEL_WORK.c.day >= since)
    if sessions is not None:
        query = query.where(MODEL_WORK.c.session_id.in_(sessions))
    if owners is not None:
        theirs, deleted = sorted(owners), sorted(map(kept_of, owners))
        query = query.where(or_(SESSIONS.c.owner.in_(theirs), MODEL_WORK.c.session_id.in_(deleted)))
    found: list[WorkSum] = []
    for row in connection.execute(query):
        figures = Figures(**{name: int(row[len(by) + place] or 0) for place, name in enumerate(FIGURES)})
        found.append(WorkSum(values=tuple(row[: len(by)]), figures=figures))
    return found


def _entities(session_id: SessionId, kind: str) -> Select[Any]:
    return select(ENTITIES).where(ENTITIES.c.session_id == session_id, ENTITIES.c.kind == kind)


def _entity(row: Row[Any]) -> EntityRow:
    return EntityRow(
        session_id=SessionId(row.session_id),
        kind=row.kind,
        entity_id=row.entity_id,
        ordinal=row.ordinal,
        body=row.body,
    )


def _envelope(row: Sequence[Any]) -> Envelope[Event]:
    event_id, stream_id, version, kind, kind_version, at, user, client, causation_id, correlation_id, body = row
    return Envelope(
        event_id=EventId(event_id),
        stream_id=StreamId(stream_id),
        version=version,
        at=at,
        actor=Actor(user=user, client=client),
        causation_id=causation_id,
        correlation_id=correlation_id,
        event=decode_body(kind, kind_version, bytes(body)),
    )
