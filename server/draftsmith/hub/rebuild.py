"""The read tables made anew from the streams, when the store says that they are stale.

The same projection as for every append. It must not wait for anything: it runs in the store's writing thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import structlog

from draftsmith.domain.codec import CodecError, Event
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.figures import NOTHING, Figures, WorkKept, WorkKey, added
from draftsmith.domain.ids import SessionId, StreamId, record_stream
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.session.evolve import evolve
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.work_record import Tally, evolve_tally
from draftsmith.hub.projection import Shown, entity_rows, project, session_row, work_rows
from draftsmith.ports.events import EntityRow, SessionRow, WorkRow, kept_of

log = structlog.get_logger()


def rows_of(stream_id: StreamId, history: Iterable[Envelope[Event]]) -> Iterator[EntityRow | SessionRow | WorkRow]:
    """The rows of one session, or of what was kept of deleted ones. A step's row may come several times; the last one
    counts.

    A session with an event that cannot be read is left out; the others are not.
    """
    if stream_id.startswith(record_stream("")):
        yield from _kept_rows(kept_of(stream_id.removeprefix(record_stream(""))), history)
        return
    state, shown, tally = SessionState(), Shown(), Tally()
    try:
        for envelope in cast("Iterable[Envelope[SessionEvent]]", history):
            after = evolve(state, envelope)
            changes = project(shown, state, after, envelope)
            state = after
            tally = evolve_tally(tally, cast("Envelope[Event]", envelope))
            # Steps are not kept here: there may be very many.
            yield from entity_rows(state.session_id, (one for one in changes.entities if one.kind == "step"))
    except CodecError as error:
        log.error("session_not_rebuilt", stream_id=stream_id, after=state.version, error=str(error))
        return
    yield from entity_rows(state.session_id, shown.entities.values())
    yield from work_rows(state.session_id, {}, tally.figures)
    yield session_row(state)


def _kept_rows(kept_as: SessionId, history: Iterable[Envelope[Event]]) -> Iterator[WorkRow]:
    """What models did in sessions that were deleted."""
    sums: dict[WorkKey, Figures] = {}
    for envelope in cast("Iterable[Envelope[WorkKept]]", history):
        for line in envelope.event.lines:
            sums[line.key] = added((sums.get(line.key, NOTHING), line.figures))
    for key, figures in sums.items():
        yield WorkRow(session_id=kept_as, key=key, figures=figures)
