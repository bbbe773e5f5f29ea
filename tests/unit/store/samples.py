"""Envelopes, appends and read rows for the store's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import CallId, EventId, SessionId, StreamId
from draftsmith.domain.ledger import MoneyReserved
from draftsmith.ports.events import Append, EntityRow, EventStore, SessionRow

VERSION = "0.1.0"
S = StreamId("session/s_1")


def envelope(stream_id: StreamId, version: int, event: Event | None = None, *, client: str = "cli") -> Envelope[Event]:
    return Envelope(
        event_id=EventId(f"e_{hashlib.sha256(f'{stream_id} {version}'.encode()).hexdigest()[:8]}"),
        stream_id=stream_id,
        version=version,
        at=1_700_000_000_000 + version,
        actor=Actor(client=client),
        causation_id=f"cause of {version}",
        correlation_id="k_1",
        event=event or MoneyReserved(call_id=CallId(f"call_{version}"), nano_usd=version),
    )


def append(stream_id: StreamId, first: int, count: int = 1) -> Append:
    return Append(envelopes=tuple(envelope(stream_id, first + index) for index in range(count)))


def entity(entity_id: str, ordinal: int, body: str = "{}", *, session: str = "s_1", kind: str = "step") -> EntityRow:
    return EntityRow(session_id=SessionId(session), kind=kind, entity_id=entity_id, ordinal=ordinal, body=body)


def session(
    session_id: str, updated_at: int, *, workspace: str = "w_1", title: str = "A task", status: str = "running"
) -> SessionRow:
    return SessionRow(
        session_id=SessionId(session_id),
        workspace_id=workspace,
        title=title,
        status=status,
        created_at=1,
        updated_at=updated_at,
        cost_nano_usd=5,
        version=1,
    )


async def read_all(
    store: EventStore, stream_id: StreamId, *, after: int = 0, batch: int = 500
) -> list[Envelope[Event]]:
    found: list[Envelope[Event]] = []
    async for some in store.read(stream_id, after=after, batch=batch):
        assert 0 < len(some) <= batch
        found += some
    return found


def versions(found: Sequence[Envelope[Event]]) -> list[int]:
    return [one.version for one in found]
