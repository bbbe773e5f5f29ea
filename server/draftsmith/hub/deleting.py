"""A session that is deleted: its stream, its rows, its documents, then its snapshots.

The store goes first, in one transaction: after a crash in between what is left are snapshots without a session, and
those are swept when the hub starts. What models did and cost in it stays, as sums that name no session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.figures import Figures, KeptLine, WorkKept, WorkKey
from draftsmith.domain.ids import EventId, SessionId, WorkspaceId, record_stream, session_stream
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.ledgers import session_scope
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.events import EventStore

log = structlog.get_logger()


class Deleting:
    """Knows what of the hub's belongs to one session and to no other."""

    def __init__(self, workspaces: Workspaces, store: EventStore) -> None:
        self._workspaces = workspaces
        self._store = store
        self._keeping = asyncio.Lock()
        self._begun = SessionId(new_id("s"))
        """Ids sort by time: sessions that began later may have snapshots before they have a stream."""

    async def erase(self, state: SessionState, figures: Mapping[WorkKey, Figures]) -> None:
        """Everything durable of the session but the `figures` of its models, its snapshots last. Raises AdapterError,
        and then nothing is gone."""
        session_id = state.session_id
        streams = (session_stream(session_id), session_scope(session_id))
        async with self._keeping:
            kept = await self._kept(state.owner, figures) if figures else None
            documents = await self._store.forget(session_id, streams, kept=kept)
        try:
            await self._workspaces.release(state.workspace_id, session_id)
        except AdapterError as error:  # the session is gone all the same; the next start sweeps them
            log.warning("snapshots_not_released", session_id=session_id, code=error.code, error=str(error))
        log.info("session_deleted", session_id=session_id, documents=documents)

    async def _kept(self, owner: str, figures: Mapping[WorkKey, Figures]) -> Envelope[WorkKept]:
        stream, event_id = record_stream(owner), EventId(new_id("e"))
        lines = tuple(KeptLine(key=key, figures=sums) for key, sums in figures.items())
        return Envelope(
            event_id=event_id,
            stream_id=stream,
            version=await self._store.version(stream) + 1,
            at=now_ms(),
            actor=Actor(user=owner, client="hub"),
            causation_id=event_id,
            correlation_id=event_id,
            event=WorkKept(lines=lines),
        )

    async def collect(self, workspace_id: WorkspaceId) -> None:
        """Drops the objects that no session has any more."""
        if await self._workspaces.collect(workspace_id):
            log.info("snapshots_collected", workspace_id=workspace_id)

    async def sweep(self) -> None:
        """Lets go of the snapshots of sessions that are no more."""
        for workspace_id in await self._workspaces.known():
            # Also what a crash left ungathered is gathered then: the store remembers that there is something.
            gone = [
                holder
                for holder in await self._workspaces.holders(workspace_id)
                if holder < self._begun and await self._store.version(session_stream(SessionId(holder))) == 0
            ]
            for holder in gone:
                await self._workspaces.release(workspace_id, SessionId(holder))
            await self.collect(workspace_id)
