"""The read tables filled again from the streams, one session's rows in one transaction.

What rows an event means is not known here: the caller's projection says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, delete

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import StreamId
from draftsmith.ports.events import EntityRow, SessionRow, WorkRow
from draftsmith.store.batches import entity_row, session_row, work_row
from draftsmith.store.reads import read_events
from draftsmith.store.tables import ENTITIES, MODEL_WORK, SESSIONS, STORE_INFO, Statements

Projection = Callable[[StreamId, Iterator[Envelope[Event]]], Iterable[EntityRow | SessionRow | WorkRow]]
"""All events of one stream, in order, to the rows they amount to. It runs in the writing thread: no waiting in it."""

_ROWS = 500
_EVENTS = 500


def clear_reads(connection: Connection, statements: Statements) -> None:
    """From here until `mark_fresh` the store says of itself that its read tables are stale."""
    connection.execute(delete(ENTITIES))
    connection.execute(delete(SESSIONS))
    connection.execute(delete(MODEL_WORK))
    connection.execute(statements.put_info, [{"key": "reads_stale", "value": "yes"}])


def project_stream(connection: Connection, statements: Statements, stream_id: StreamId, project: Projection) -> None:
    rows = iter(project(stream_id, _events(connection, stream_id)))
    while some := list(islice(rows, _ROWS)):
        if entities := [entity_row(row) for row in some if isinstance(row, EntityRow)]:
            connection.execute(statements.put_entities, entities)
        if sessions := [session_row(row) for row in some if isinstance(row, SessionRow)]:
            connection.execute(statements.put_session, sessions)
        if work := [work_row(row) for row in some if isinstance(row, WorkRow)]:
            connection.execute(statements.put_work, work)


def mark_fresh(connection: Connection) -> None:
    connection.execute(delete(STORE_INFO).where(STORE_INFO.c.key == "reads_stale"))


def _events(connection: Connection, stream_id: StreamId) -> Iterator[Envelope[Event]]:
    after = 0
    while batch := read_events(connection, stream_id, after, _EVENTS):
        yield from batch
        after = batch[-1].version
