"""From a started session to one that a runner can work on: the base snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import DraftsmithError
from draftsmith.domain.ids import TreeId
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.events import BaseTaken, SessionEvent, SessionStopped
from draftsmith.hub.host import SessionHost
from draftsmith.hub.workspaces import Workspaces, decode_overlays
from draftsmith.ports.events import EventStore
from draftsmith.workspace.listing import Skipped

SHOWN_SKIPPED = 100
"""Names of skipped files that the event keeps; the count is always whole."""

SHOWN_IGNORED = 300

Appended = Callable[[SessionHost, Sequence[Envelope[SessionEvent]]], None]


class Starting:
    """Takes the snapshot that a session's proposal is measured against. A read: it has an outcome only."""

    def __init__(self, workspaces: Workspaces, store: EventStore, actor: Actor) -> None:
        self._workspaces = workspaces
        self._store = store
        self._actor = actor
        self._under_way: set[str] = set()

    async def take_base(self, host: SessionHost, appended: Appended) -> None:
        """Appends `BaseTaken`, or `SessionStopped` with the reason why there can be no snapshot."""
        if host.session_id in self._under_way:
            return
        self._under_way.add(host.session_id)
        try:
            event = await self._base(host)
            if host.state.status == "starting":
                made = await host.command(Record(events=(event,)), self._actor, correlation_id=host.correlation_id)
                appended(host, made)
        finally:
            self._under_way.discard(host.session_id)

    async def _base(self, host: SessionHost) -> BaseTaken | SessionStopped:
        state = host.state
        try:
            document = await self._store.document(state.overlays) if state.overlays else None
            taken = await self._workspaces.snapshot(
                state.workspace_id,
                state.session_id,
                state.roots,
                decode_overlays(document) if document else (),
                allow_home=state.allow_home,
            )
        except DraftsmithError as error:
            return SessionStopped(
                category="environment",
                reason=error.message,
                way_on=error.remedy or "Mend it, then resume the session.",
            )
        ignored = [
            f"{root.path}/{folder}"
            for root, folders in zip(state.roots, taken.ignored_folders, strict=True)
            for folder in folders
        ]
        return BaseTaken(
            tree=TreeId(taken.tree),
            files=taken.files,
            skipped=tuple(_words(one) for one in taken.skipped[:SHOWN_SKIPPED]),
            skipped_count=len(taken.skipped),
            ignored_folders=tuple(ignored[:SHOWN_IGNORED]),
        )


def _words(skipped: Skipped) -> str:
    detail = f" ({skipped.detail})" if skipped.detail else ""
    return f"{skipped.path}: {skipped.reason}{detail}"
