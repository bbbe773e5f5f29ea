"""What a question reads, put together: one statement for all sessions of a page, however many they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from strawberry.dataloader import DataLoader

from draftsmith.domain.ids import SessionId
from draftsmith.ports.events import EntityRow, EventStore, WorkSum

EntityKey = tuple[SessionId, str, int]
"""Session, kind of entity, how many of the last."""


class Loading:
    """Lives as long as one question."""

    def __init__(self, store: EventStore, sees: Collection[str] | None) -> None:
        self.store = store
        self.sees = sees
        """Whose sessions are there for the caller; None for everybody's."""
        self.entities: DataLoader[EntityKey, list[EntityRow]] = DataLoader(self._entities)
        self.models: DataLoader[SessionId, list[WorkSum]] = DataLoader(self._models)

    async def _entities(self, keys: Sequence[EntityKey]) -> list[list[EntityRow]]:
        found: dict[EntityKey, list[EntityRow]] = {key: [] for key in keys}
        for kind, last in dict.fromkeys((kind, last) for _, kind, last in keys):
            sessions = [session for session, one, most in keys if (one, most) == (kind, last)]
            for row in await self.store.entities_of(sessions, kind, last=last):
                found[row.session_id, kind, last].append(row)
        return [found[key] for key in keys]

    async def _models(self, keys: Sequence[SessionId]) -> list[list[WorkSum]]:
        found: dict[str, list[WorkSum]] = {key: [] for key in keys}
        for row in await self.store.work(("session_id", "model"), sessions=keys):
            found[row.values[0]].append(row)
        return [found[key] for key in keys]
