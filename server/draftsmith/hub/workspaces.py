"""The hub's object stores, one per workspace, and the snapshots in them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from pathlib import Path

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import SessionId, TreeId, WorkspaceId
from draftsmith.domain.roots import Root
from draftsmith.workspace.bounds import Bounds, check_root
from draftsmith.workspace.snapshot import Overlay, Snapshot, take_snapshot
from draftsmith.workspace.store import ObjectStore, collect_garbage
from draftsmith.workspace.transfer import export, has_tree, ingest

SHOWN_IGNORED = 300
SESSION_PREFIX = "s_"
"""With which the ids of sessions begin; other holders of snapshots are not sessions."""


class Workspaces:
    """Everything under `folder` is the hub's alone; runners have stores of their own. `own` is the state folder."""

    def __init__(self, folder: Path, *, own: Path | None = None) -> None:
        self._folder = folder
        self._own = own
        self._stores: dict[WorkspaceId, ObjectStore] = {}
        self._opening = asyncio.Lock()

    async def store(self, workspace_id: WorkspaceId) -> ObjectStore:
        """The workspace's object store, made when it is missing."""
        async with self._opening:
            held = self._stores.get(workspace_id)
            if held is None:
                held = await asyncio.to_thread(ObjectStore.open, self._folder / f"{workspace_id}.git")
                self._stores[workspace_id] = held
            return held

    async def snapshot(
        self,
        workspace_id: WorkspaceId,
        session_id: SessionId,
        roots: Sequence[Root],
        overlays: Sequence[Overlay],
        *,
        allow_home: bool,
    ) -> Snapshot:
        """The folders as they are now, kept for the session."""
        store = await self.store(workspace_id)
        taken = await take_snapshot(
            store,
            [Path(root.path) for root in roots],
            self._folder / f"{workspace_id}.maps",
            overlays=overlays,
            bounds=Bounds(allow_home=allow_home, own=self._own),
        )
        await asyncio.to_thread(store.pin, session_id, taken.tree)
        return taken

    @staticmethod
    def ignored(roots: Sequence[Root], taken: Snapshot) -> tuple[str, ...]:
        """Absolute paths of the folders that the snapshot left out as ignored; the first ones of very many."""
        found = (
            f"{root.path}/{folder}"
            for root, folders in zip(roots, taken.ignored_folders, strict=True)
            for folder in folders
        )
        return tuple(islice(found, SHOWN_IGNORED))

    async def keep(self, workspace_id: WorkspaceId, session_id: SessionId, trees: Sequence[TreeId]) -> None:
        """Pins snapshots for a session, so that clean-up leaves them alone."""
        store = await self.store(workspace_id)
        for tree in trees:
            await asyncio.to_thread(store.pin, session_id, tree)

    async def release(self, workspace_id: WorkspaceId, session_id: SessionId) -> None:
        """Lets go of all that is kept for the session; `collect` removes what nobody else has."""
        store = await self.store(workspace_id)
        await asyncio.to_thread(store.release, session_id)

    async def collect(self, workspace_id: WorkspaceId) -> bool:
        """Removes unreferenced objects; whether anything was done."""
        return await collect_garbage(await self.store(workspace_id))

    async def known(self) -> list[WorkspaceId]:
        """Every workspace that has an object store here."""
        return await asyncio.to_thread(lambda: sorted(WorkspaceId(one.stem) for one in self._folder.glob("*.git")))

    async def holders(self, workspace_id: WorkspaceId) -> list[str]:
        """The sessions for which snapshots are kept."""
        store = await self.store(workspace_id)
        held = await asyncio.to_thread(store.pinned)
        return sorted(holder for holder in held if holder.startswith(SESSION_PREFIX))

    async def has_tree(self, workspace_id: WorkspaceId, tree: TreeId) -> bool:
        return await has_tree(await self.store(workspace_id), tree)

    async def export_tree(self, workspace_id: WorkspaceId, tree: TreeId, base: TreeId | None) -> AsyncIterator[bytes]:
        """Frames of what a runner that has `base` lacks of `tree`."""
        async for frame in export(await self.store(workspace_id), tree, base=base):
            yield frame

    async def ingest_tree(self, workspace_id: WorkspaceId, tree: TreeId, data: AsyncIterator[bytes]) -> None:
        """Takes a runner's objects in; every hash and name is checked. Raises AdapterError."""
        await ingest(await self.store(workspace_id), data, expect=tree)

    async def accept_tree(self, workspace_id: WorkspaceId, session_id: SessionId, tree: TreeId, objects: bytes) -> None:
        """Makes sure that `tree` is whole here, from the frames that came along, and keeps it for the session."""
        store = await self.store(workspace_id)
        if objects:
            await ingest(store, _once(objects), expect=tree)
        elif not await has_tree(store, tree):
            raise AdapterError(f"Snapshot {tree} has not been published here.", code="unknown_tree")
        await asyncio.to_thread(store.pin, session_id, tree)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def find_roots(folders: Sequence[str], *, allow_home: bool, own: Path | None = None) -> tuple[Root, ...]:
    """The folders with links resolved and names that differ; `own` is the state folder. Raises UserError."""
    roots: list[Root] = []
    for folder in folders:
        if not os.path.isabs(folder):  # noqa: PTH117 (a name as it came from a client, perhaps not UTF-8)
            raise UserError(f"{folder} is not an absolute path.", code="unknown_folder", remedy="Give the whole path.")
        real = check_root(Path(folder), Bounds(allow_home=allow_home, own=own))
        name = real.name or "root"
        taken = {root.name for root in roots}
        if str(real) in {root.path for root in roots}:
            continue
        number = 2
        while name in taken:
            name = f"{real.name}-{number}"
            number += 1
        roots.append(Root(name=name, path=str(real)))
    return tuple(roots)


def workspace_id_of(roots: Sequence[Root]) -> WorkspaceId:
    """The same folders are the same workspace."""
    text = "\0".join(root.path for root in roots)
    return WorkspaceId("w_" + hashlib.sha256(os.fsencode(text)).hexdigest()[:20])


def encode_overlays(overlays: Sequence[Overlay]) -> bytes:
    """Unsaved text as a document."""
    return json.dumps(
        [
            {"root": one.root, "path": one.path, "content": base64.b64encode(one.content).decode("ascii")}
            for one in overlays
        ]
    ).encode("ascii")


def decode_overlays(document: bytes) -> tuple[Overlay, ...]:
    """What `encode_overlays` wrote."""
    return tuple(
        Overlay(root=one["root"], path=one["path"], content=base64.b64decode(one["content"]))
        for one in json.loads(document)
    )
