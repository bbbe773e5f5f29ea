"""Recordings for `draftsmith export`: the terminal itself imports neither the codec nor the models' package."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from draftsmith import __version__
from draftsmith.domain.codec import envelope_from_bytes
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import DocumentId
from draftsmith.domain.session.events import SessionStarted
from draftsmith.models.exchange import Provenance
from draftsmith.models.from_log import is_replay, long_texts, recording_lines

ReadDocument = Callable[[str], Awaitable[str]]


async def recording_of(exported: Iterable[str], read: ReadDocument, *, by: str) -> list[str]:
    """The session's replies as a recording; `exported` are the envelopes of its events as JSON.

    Raises UserError (`recorded_session`, `nothing_recorded`).
    """
    envelopes = [envelope_from_bytes(line.encode("ascii")) for line in exported]
    events = [envelope.event for envelope in envelopes]
    if is_replay(events):
        raise UserError(
            "The session itself played a recording.",
            code="recorded_session",
            remedy="Export the recording of a session that a model worked on.",
        )
    if not envelopes:
        raise UserError("The session has no events.", code="nothing_recorded", remedy="Let it work first.")
    texts = {document: await read(document) for document in long_texts(events)}
    started = next((event for event in events if isinstance(event, SessionStarted)), None)
    provenance = Provenance(
        recorded_at=datetime.fromtimestamp(envelopes[-1].at / 1000, UTC).isoformat(timespec="seconds"),
        model=started.model if started else "",
        draftsmith=__version__,
        by=by,
        note=started.request.preview if started else "",
    )
    lines = list(recording_lines(events, {DocumentId(name): text for name, text in texts.items()}, provenance))
    if len(lines) == 1:
        raise UserError(
            "No model has replied in this session yet.", code="nothing_recorded", remedy="Let it work first."
        )
    return lines
