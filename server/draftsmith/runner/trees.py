"""The runner's snapshots and the hub's: what the hub lacks is sent before the events that name it."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.runner.channel import HubChannel
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.transfer import export, has_tree, ingest

INLINE_OBJECTS = 2 * 1024 * 1024
"""Bytes of frames that travel with the append; more goes ahead as a stream."""


class Trees:
    """Implements `ports.snapshots.Snapshots` over the hub's channel, for one session's workspace."""

    def __init__(self, channel: HubChannel, store: ObjectStore, workspace_id: str) -> None:
        self._channel = channel
        self._store = store
        self._workspace_id = workspace_id
        self._published: dict[str, None] = {}
        self._sending: list[str] = []

    def known(self, tree: str) -> None:
        """The hub has this snapshot: it came from there or is named in the log."""
        self._published.pop(tree, None)
        self._published[tree] = None

    async def has(self, tree: str) -> bool:
        return tree in self._published or await self._channel.has_tree(self._workspace_id, tree)

    async def fetch(self, tree: str, *, base: str | None = None) -> None:
        if not await has_tree(self._store, tree):
            near = base if base is not None and await has_tree(self._store, base) else None
            frames = self._channel.fetch_tree(self._workspace_id, tree, near)
            await ingest(self._store, frames, expect=tree)
        self.known(tree)

    async def publish(self, tree: str, *, base: str | None = None) -> None:
        if not await self.has(tree):
            near = base or self._nearest()
            await self._channel.publish_tree(self._workspace_id, tree, export(self._store, tree, base=near))
        self.known(tree)

    async def prepare(self, trees: Sequence[str]) -> tuple[str, bytes]:
        """Makes ready to append events that name `trees`: the last one with its few objects goes along."""
        missing = [tree for tree in trees if tree not in self._published]
        self._sending = missing
        if not missing:
            return "", b""
        for tree in missing[:-1]:
            await self.publish(tree)
        last = missing[-1]
        frames = bytearray()
        async for chunk in export(self._store, last, base=self._nearest()):
            frames += chunk
            if len(frames) > INLINE_OBJECTS:
                await self.publish(last)
                return last, b""
        return last, bytes(frames)

    def published(self) -> None:
        """The append went through: the hub now has what was prepared."""
        for tree in self._sending:
            self.known(tree)
        self._sending = []

    def _nearest(self) -> str | None:
        return next(reversed(self._published), None)
