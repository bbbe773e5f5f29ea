"""Where prepared environments and package caches are kept, one set for each workspace, outside of every workspace.

An environment appears under its key when it is whole. What a killed process left half-made is removed at the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from draftsmith.platform.files import make_private_folder

KEPT = 10
"""Environments of one workspace; the one that was not used for the longest time goes first."""
MAX_CACHE_BYTES = 5_000_000_000
CACHE_FOLDER = "/var/draftsmith/cache"
_MAKING = "making-"
_CACHES: Mapping[str, str] = {
    "PIP_CACHE_DIR": "pip",
    "UV_CACHE_DIR": "uv",
    "POETRY_CACHE_DIR": "poetry",
    "npm_config_cache": "npm",
    "npm_config_store_dir": "pnpm",
    "YARN_CACHE_FOLDER": "yarn",
    "BUN_INSTALL_CACHE_DIR": "bun",
    "GOCACHE": "go-build",
    "COMPOSER_CACHE_DIR": "composer",
    "BUNDLE_USER_CACHE": "bundle",
    "NUGET_HTTP_CACHE_PATH": "nuget",
    "CCACHE_DIR": "ccache",
}


class EnvironmentStore:
    """`folder` belongs to this process alone, and to one event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making: dict[Path, asyncio.Lock] = {}
        self._used: set[Path] = set()
        make_private_folder(folder)
        for left in folder.glob(f"*/{_MAKING}*"):
            remove_tree(left)

    def cache(self, workspace_id: str) -> Path:
        """The folder for downloads and build results; emptied when it has grown too large. Blocks while it looks."""
        folder = self._folder / workspace_id / "cache"
        if _bytes_in(folder, MAX_CACHE_BYTES) > MAX_CACHE_BYTES:
            remove_tree(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @property
    def cache_variables(self) -> tuple[tuple[str, str], ...]:
        """Where package managers and compilers look for their caches."""
        return tuple((name, f"{CACHE_FOLDER}/{folder}") for name, folder in _CACHES.items())

    def find(self, workspace_id: str, key: str) -> Path | None:
        """The whole environment of the key; it stays as long as this process lives."""
        folder = self._folder / workspace_id / key
        if not key or not folder.is_dir():
            return None
        with contextlib.suppress(OSError):
            os.utime(folder)
        self._used.add(folder)
        return folder

    @asynccontextmanager
    async def making(self, workspace_id: str, key: str) -> AsyncIterator[Path]:
        """An empty folder for it. When the block ends without `keep`, the folder is removed. One at a time."""
        wanted = self._folder / workspace_id / key
        async with self._making.setdefault(wanted, asyncio.Lock()):
            folder = wanted.with_name(_MAKING + key)
            await asyncio.to_thread(_emptied, folder)
            try:
                yield folder
            finally:
                await asyncio.to_thread(remove_tree, folder)

    def keep(self, making: Path) -> Path:
        """What was made is whole: from now on it is found. One rename, and never in a thread: whoever is cancelled
        while he waits for a thread removes what that thread is just keeping."""
        whole = making.with_name(making.name.removeprefix(_MAKING))
        if not whole.exists():
            making.rename(whole)
        self._used.add(whole)
        return whole

    def remove_older(self, workspace_id: str) -> None:
        """Removes those beyond the bound, none that this process uses. Blocks."""
        folder = self._folder / workspace_id
        others = [one for one in folder.iterdir() if one.name != "cache" and not one.name.startswith(_MAKING)]
        others.sort(key=lambda one: one.stat().st_mtime)
        for old in [one for one in others if one not in self._used][: max(0, len(others) - KEPT)]:
            remove_tree(old)


def _emptied(folder: Path) -> None:
    remove_tree(folder)
    folder.mkdir(parents=True, mode=0o755)


def remove_tree(folder: Path) -> None:
    """Also what was made read-only, as package managers do. Never follows a link."""

    def again(function: object, path: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            parent = Path(path).parent
            parent.chmod(parent.stat().st_mode | stat.S_IRWXU)
            if Path(path).is_dir() and not Path(path).is_symlink():
                Path(path).chmod(stat.S_IRWXU)
                shutil.rmtree(path, ignore_errors=True)
            else:
                Path(path).unlink()

    shutil.rmtree(folder, onerror=again)


def _bytes_in(folder: Path, most: int) -> int:
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(at, name)).st_size
        if total > most:
            break
    return total
