"""A sandbox that stands before its command is known: mounts made, a shell waiting for a script.

Nothing of the workspace runs in it until it is given a command, and it takes one only. It says whether it still is
what a new sandbox would be; whoever holds it throws it away when it is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence

from draftsmith.ports.sandbox import Limits, MountedRoot
from draftsmith.sandbox.confinement import Confinement
from draftsmith.sandbox.launch import WAITING_SHELL, Launch
from draftsmith.sandbox.mounts import Mount

_READY_SECONDS = 10.0

_END_SECONDS = 2.0

Identity = tuple[int, ...] | None
"""Device and inode, and when it was last made another; None where nothing is."""


class Standby:
    """Made by `start`. Taken by a command, which ends it, or ended by `end`."""

    def __init__(self, launch: Launch, confinement: Confinement, places: Places) -> None:
        self.launch = launch
        self.confinement = confinement
        self._places = places
        self._ready = asyncio.create_task(self._stands(), name="standby")

    @classmethod
    async def start(cls, launch: Launch, roots: Sequence[MountedRoot]) -> Standby:
        """Raises OSError when it cannot be started; what goes wrong in it later is seen by `ready`."""
        places = Places(launch.mounts, roots)
        return cls(launch, await Confinement.start(launch, WAITING_SHELL, stdin=True), places)

    async def ready(self) -> bool:
        """Whether its shell waits for a command; False when it could not be set up."""
        return await asyncio.shield(self._ready) and self.confinement.alive

    async def _stands(self) -> bool:
        process = self.confinement.process
        try:
            async with asyncio.timeout(_READY_SECONDS):
                stands = await process.stdout.read(1) == b"\n" and await self.confinement.learn()
        except TimeoutError:
            return False
        await asyncio.to_thread(self.confinement.join_group, Limits().processes)
        self._places.settle()
        return stands

    def serves(self, wanted: Launch) -> bool:
        """Whether a sandbox made now would show the same. Looks at a few dozen files."""
        return self.launch.fits(wanted) and self._places.unchanged()

    def hand_over(self, script: bytes) -> None:
        """Gives the waiting shell its command, which begins at once."""
        stdin = self.confinement.process.stdin
        assert stdin is not None  # noqa: S101  narrows a type: it was started with one
        stdin.write(script)
        stdin.close()

    async def end(self) -> None:
        """Leaves nothing behind. Without a script the shell ends by itself, and bubblewrap with it."""
        try:
            self.hand_over(b"")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self.confinement.process.wait()
        finally:
            self._ready.cancel()
            await self.confinement.end()


class Places:
    """Which files and folders a sandbox's mounts are bound to: a name may come to mean another one."""

    def __init__(self, mounts: Sequence[Mount], roots: Sequence[MountedRoot]) -> None:
        # A mount keeps its source alive, so that no other file can come to have the source's number.
        self._sources = [os.fsdecode(mount.source) for mount in mounts if mount.kind in ("read_only", "writable")]
        # Where something is mounted on a place in a draft, removing the place ends the mount, and the next folder made
        # there may have the same number. Nothing changes below the mount, so that only this changes the time.
        self._points = [
            f"{root.draft_path}/{mount.target.removeprefix(f'{root.workspace_path}/')}"
            for root in roots
            for mount in mounts
            if mount.target.startswith(f"{root.workspace_path}/")
        ]
        self._seen = self._identities()

    def settle(self) -> None:
        """The sandbox stands: what was missing before is a mount point that it made itself."""
        self._seen = [seen or now for seen, now in zip(self._seen, self._identities(), strict=True)]

    def unchanged(self) -> bool:
        return self._seen == self._identities()

    def _identities(self) -> list[Identity]:
        sources = [_identity(path, timed=False) for path in self._sources]
        return [*sources, *(_identity(path, timed=True) for path in self._points)]


def _identity(path: str, *, timed: bool) -> Identity:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_ctime_ns) if timed else (found.st_dev, found.st_ino)
