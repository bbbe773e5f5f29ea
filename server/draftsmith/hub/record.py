"""The record of how models did, over all sessions, as runners are told of it.

Kept in memory in step with the appends; the store's read table is where it comes from after a start.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import cast

from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import FIGURES, NOTHING, Figures, WorkKey, added, less
from draftsmith.ports.events import EventStore
from draftsmith.protocol.generated import runner_pb2 as wire

DAYS = 180
"""What is older says little of what a vendor serves under a name today."""


class RecordBook:
    """Sums by model and role."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.sums: dict[tuple[str, Role], Figures] = {}

    async def load(self) -> None:
        """Reads the table; call it once, when it is fresh and before anything is appended."""
        since = (datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=DAYS)).isoformat()
        for row in await self._store.work(("model", "role"), since=since):
            model, role = row.values
            self.sums[model, cast("Role", role)] = row.figures

    def moved(self, before: Mapping[WorkKey, Figures], after: Mapping[WorkKey, Figures]) -> None:
        """A session's figures are `after` now, where they were `before`. When it is deleted they stay."""
        for key in {**before, **after}:
            old, new = before.get(key, NOTHING), after.get(key, NOTHING)
            if old is not new:
                place = (key.model, key.role)
                self.sums[place] = less(added((self.sums.get(place, NOTHING), new)), old)

    def told(self) -> wire.HubMessage:
        """All of it, for a runner."""
        lines = [
            wire.RecordLine(
                model=model,
                role=role,
                figures={name: value for name in FIGURES if (value := getattr(figures, name))},
            )
            for (model, role), figures in self.sums.items()
            if figures != NOTHING
        ]
        return wire.HubMessage(record=wire.Record(line=lines))
