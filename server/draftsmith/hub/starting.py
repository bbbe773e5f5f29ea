"""From a started session, or a further round of one, to what a runner can work on: the base snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import DraftsmithError
from draftsmith.domain.ids import TreeId
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.events import BaseRenewed, BaseTaken, SessionEvent, SessionStopped
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffers import Buffers
from draftsmith.hub.host import SessionHost
from draftsmith.hub.renewing import renew
from draftsmith.hub.unsaved import unsaved_text
from draftsmith.hub.workspaces import Workspaces, decode_overlays
from draftsmith.ports.events import EventStore
from draftsmith.workspace.listing import Skipped
from draftsmith.workspace.snapshot import Overlay

SHOWN_SKIPPED = 100
"""Names of skipped files that the event keeps; the count is always whole."""

TRIES = 5
"""Snapshots taken anew because something was written meanwhile."""

Appended = Callable[[SessionHost, Sequence[Envelope[SessionEvent]]], None]


class Starting:
    """Takes the snapshot that a session's proposal is measured against. A read: it has an outcome only."""

    def __init__(self, workspaces: Workspaces, store: EventStore, buffers: Buffers, actor: Actor) -> None:
        self._workspaces = workspaces
        self._buffers = buffers
        self._store = store
        self._actor = actor
        self._under_way: set[str] = set()

    async def take_base(self, host: SessionHost, appended: Appended) -> None:
        """Appends `BaseTaken`, for a further round `BaseRenewed`, or `SessionStopped` with the reason why not."""
        if host.session_id in self._under_way:
            return
        self._under_way.add(host.session_id)
        try:
            for _ in range(TRIES):
                seen = host.state
                if seen.status != "starting" or seen.apply is not None:
                    return  # who ends the apply sees to it that this is done then
                event, documents = await self._looked(seen)
                if not _same_ground(seen, host.state):
                    continue  # a hunk was written, or the draft restored, while the snapshot was taken
                made = await host.command(
                    Record(events=(event,)), self._actor, correlation_id=host.correlation_id, documents=documents
                )
                appended(host, made)
                return
        finally:
            self._under_way.discard(host.session_id)

    async def _looked(self, state: SessionState) -> tuple[BaseTaken | BaseRenewed | SessionStopped, tuple[bytes, ...]]:
        try:
            document = await self._store.document(state.overlays) if state.overlays else None
            overlays = decode_overlays(document) if document else ()
            if state.base is not None:
                return await renew(self._workspaces, state, overlays, await unsaved_text(self._buffers, state))
            return await self._base(state, overlays), ()
        except DraftsmithError as error:
            stopped = SessionStopped(
                category="environment",
                reason=error.message,
                way_on=error.remedy or "Mend it, then resume the session.",
            )
            return stopped, ()

    async def _base(self, state: SessionState, overlays: Sequence[Overlay]) -> BaseTaken:
        taken = await self._workspaces.snapshot(
            state.workspace_id, state.session_id, state.roots, overlays, allow_home=state.allow_home
        )
        return BaseTaken(
            tree=TreeId(taken.tree),
            files=taken.files,
            skipped=tuple(_words(one) for one in taken.skipped[:SHOWN_SKIPPED]),
            skipped_count=len(taken.skipped),
            ignored_folders=self._workspaces.ignored(state.roots, taken),
            ignored_kinds=taken.ignored_kinds,
        )


def _same_ground(seen: SessionState, now: SessionState) -> bool:
    return now.status == "starting" and (now.draft, now.apply, now.applies) == (seen.draft, None, seen.applies)


def _words(skipped: Skipped) -> str:
    detail = f" ({skipped.detail})" if skipped.detail else ""
    return f"{skipped.path}: {skipped.reason}{detail}"
