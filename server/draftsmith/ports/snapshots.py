"""Snapshots as the two ends of a session exchange them: by id, without a folder in common.

A snapshot is named by its tree id (40 hexadecimal digits). Whoever has an id's tree has all of it.
"""

from __future__ import annotations

from typing import Protocol


class Snapshots(Protocol):
    """The other side's snapshots, seen from the side that owns the local object store.

    All raise `AdapterError`: `object_missing`, `bad_object`, `disk_full`, or what the connection fails with.
    """

    async def has(self, tree: str) -> bool:
        """Whether the other side has the whole snapshot."""
        ...

    async def fetch(self, tree: str, *, base: str | None = None) -> None:
        """Bring a snapshot into the local store; `base` is one that is here, to spare what it shares."""
        ...

    async def publish(self, tree: str, *, base: str | None = None) -> None:
        """Send a snapshot of the local store; durable at the other side on return. `base` is one it has."""
        ...
