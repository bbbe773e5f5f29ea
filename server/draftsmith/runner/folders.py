"""The runner's own folders: object stores, drafts, complete outputs. All of it can be made anew."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from draftsmith.domain.ids import SessionId, WorkspaceId
from draftsmith.platform.files import make_private_folder
from draftsmith.sandbox.environments import EnvironmentStore
from draftsmith.workspace.store import ObjectStore, collect_garbage

KEPT_DRAFTS = 20
"""Folders of sessions kept on this runner; the oldest go first."""


class Folders:
    """Everything is below one folder that only this runner uses."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._stores: dict[WorkspaceId, ObjectStore] = {}
        make_private_folder(state_dir)
        make_private_folder(state_dir / "sessions")
        self.environments = EnvironmentStore(state_dir / "environments")

    @property
    def folder(self) -> Path:
        return self._state_dir

    async def store(self, workspace_id: WorkspaceId) -> ObjectStore:
        held = self._stores.get(workspace_id)
        if held is None:
            path = self._state_dir / "objects" / f"{workspace_id}.git"
            held = await asyncio.to_thread(ObjectStore.open, path)
            self._stores[workspace_id] = held
        return held

    def session(self, session_id: SessionId) -> Path:
        """The session's folder, made when it is missing."""
        folder = self._state_dir / "sessions" / session_id
        make_private_folder(folder)
        make_private_folder(folder / "outputs")
        return folder

    async def tidy(self, in_use: set[SessionId]) -> None:
        """Removes the oldest sessions' folders beyond the bound, and what only they kept in the object stores."""
        if await asyncio.to_thread(self._remove_spare, in_use):
            for workspace_id in await asyncio.to_thread(self._workspaces):
                await collect_garbage(await self.store(workspace_id))

    def _remove_spare(self, in_use: set[SessionId]) -> bool:
        folders = sorted((self._state_dir / "sessions").iterdir(), key=lambda one: one.stat().st_mtime)
        spare = [folder for folder in folders if folder.name not in in_use][: max(0, len(folders) - KEPT_DRAFTS)]
        for folder in spare:
            for workspace_id in self._workspaces():
                ObjectStore.open(self._state_dir / "objects" / f"{workspace_id}.git").release(folder.name)
            shutil.rmtree(folder, ignore_errors=True)
        return bool(spare)

    def _workspaces(self) -> list[WorkspaceId]:
        return [WorkspaceId(path.stem) for path in (self._state_dir / "objects").glob("*.git")]
