"""The `Snapshots` port between two object stores on one disk."""

from __future__ import annotations

from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.transfer import export, has_tree, ingest


class LocalSnapshots:
    """`far` stands for the other side's store; objects go through the same stream as over a network."""

    def __init__(self, near: ObjectStore, far: ObjectStore) -> None:
        self._near = near
        self._far = far

    async def has(self, tree: str) -> bool:
        return await has_tree(self._far, tree)

    async def fetch(self, tree: str, *, base: str | None = None) -> None:
        await _copy(self._far, self._near, tree, base)

    async def publish(self, tree: str, *, base: str | None = None) -> None:
        await _copy(self._near, self._far, tree, base)


async def _copy(source: ObjectStore, target: ObjectStore, tree: str, base: str | None) -> None:
    if await has_tree(target, tree):
        return
    shared = base is not None and await has_tree(source, base) and await has_tree(target, base)
    await ingest(target, export(source, tree, base=base if shared else None), expect=tree)
