"""Streams taken out of the store for good, with the read rows of their session and the documents only they named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.figures import WorkKept
from draftsmith.domain.ids import StreamId
from draftsmith.ports.events import Append, VersionConflict, WorkRow, kept_of
from draftsmith.store.batches import prepare, read_version, work_row
from draftsmith.store.tables import DOCUMENTS, ENTITIES, EVENTS, MODEL_WORK, SESSIONS, Statements

_NAMED = re.compile(rb'"([0-9a-f]{64})"')
"""Documents are named in events by the hash of their bytes, as a JSON text. Another such text only spares one."""
_ROWS = 1_000
_KEYS = 500


def documents_of(connection: Connection, streams: Sequence[StreamId]) -> tuple[frozenset[str], int]:
    """Documents that these streams name and no other stream does, and the last event that was looked at."""
    last = int(connection.execute(select(func.max(EVENTS.c.position))).scalar() or 0)
    own: set[str] = set()
    for body in _bodies(connection, streams, own=True, after=0, until=last):
        own |= _names(body)
    for body in _bodies(connection, streams, own=False, after=0, until=last) if own else ():
        own -= _names(body)
    return frozenset(own), last


def forget(
    connection: Connection, session_id: str, streams: Sequence[StreamId], documents: frozenset[str], seen: int
) -> int:
    """Removes it all, in the caller's transaction; `seen` is how far `documents_of` has looked. Returns how many
    documents went."""
    left = set(documents)
    for body in _bodies(connection, streams, own=False, after=seen, until=None) if left else ():
        left -= _names(body)
    connection.execute(delete(EVENTS).where(EVENTS.c.stream_id.in_(streams)))
    connection.execute(delete(ENTITIES).where(ENTITIES.c.session_id == session_id))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.session_id == session_id))
    connection.execute(delete(MODEL_WORK).where(MODEL_WORK.c.session_id == session_id))
    names = sorted(left)
    gone = 0
    for start in range(0, len(names), _KEYS):
        some = names[start : start + _KEYS]
        gone += connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.document_id.in_(some))).rowcount
    return gone


def keep(connection: Connection, statements: Statements, kept: Envelope[WorkKept]) -> None:
    """What models did in a session that goes stays, in the caller's transaction: as an event, and added to the sums of
    its user's deleted sessions."""
    if (actual := read_version(connection, kept.stream_id)) != kept.version - 1:
        raise VersionConflict(kept.stream_id, kept.version - 1, actual)
    connection.execute(statements.add_events, list(prepare(Append(envelopes=(kept,))).events))
    under = kept_of(kept.actor.user)
    rows = [WorkRow(session_id=under, key=line.key, figures=line.figures) for line in kept.event.lines]
    if rows:
        connection.execute(statements.add_work, list(map(work_row, rows)))


def _names(body: bytes) -> set[str]:
    return {name.decode("ascii") for name in _NAMED.findall(body)}


def _bodies(
    connection: Connection, streams: Sequence[StreamId], *, own: bool, after: int, until: int | None
) -> Iterable[bytes]:
    """Bodies of the streams' events, or of all others', from a position on."""
    of_streams = EVENTS.c.stream_id.in_(streams) if own else EVENTS.c.stream_id.not_in(streams)
    while True:
        query = select(EVENTS.c.position, EVENTS.c.body).where(of_streams, EVENTS.c.position > after)
        if until is not None:
            query = query.where(EVENTS.c.position <= until)
        rows = connection.execute(query.order_by(EVENTS.c.position).limit(_ROWS)).all()
        for row in rows:
            yield bytes(row.body)
        if len(rows) < _ROWS:
            return
        after = int(rows[-1].position)
