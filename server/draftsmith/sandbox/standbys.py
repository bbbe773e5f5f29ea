"""Which sandboxes stand ready, one for each set of roots: made in the background, bounded in number and in time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from draftsmith.domain.errors import DraftsmithError
from draftsmith.ports.sandbox import MountedRoot
from draftsmith.sandbox.launch import Launch
from draftsmith.sandbox.standby import Standby

KEPT = 8
"""The one that has stood for the longest time goes first."""
IDLE_SECONDS = 600.0
"""As long as the slowest model may think; then it costs less to make another when one is needed."""

Roots = tuple[MountedRoot, ...]


class Standbys:
    """Belongs to one event loop. `end` leaves nothing behind."""

    def __init__(self) -> None:
        self._wanted: set[Roots] = set()
        self._standing: dict[Roots, Standby] = {}
        self._making: dict[Roots, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._timers: dict[Roots, asyncio.TimerHandle] = {}

    def make(self, roots: Roots, launch: Callable[[], Launch]) -> None:
        """Has one for the roots made, if none stands. `launch` is called in a thread."""
        self._wanted.add(roots)
        self._begin(roots, lambda: asyncio.to_thread(launch))

    def again(self, roots: Roots, launch: Launch) -> None:
        """The one that stood was taken: while its command runs, the next is made, if more are likely to come."""

        async def known() -> Launch:
            return launch

        if roots in self._wanted:
            self._begin(roots, known)

    def _begin(self, roots: Roots, launch: Callable[[], Awaitable[Launch]]) -> None:
        if roots not in self._making and roots not in self._standing:
            task = self._making[roots] = asyncio.create_task(self._make(roots, launch), name="make standby")
            task.add_done_callback(lambda _: self._making.pop(roots, None))

    async def take(self, roots: Roots) -> Standby | None:
        """The one for the roots, which is the caller's from now on; None when there is none that stands."""
        if (making := self._making.get(roots)) is not None:
            await asyncio.wait((making,))
        standby = self._remove(roots)
        if standby is None:
            return None
        try:
            stands = await standby.ready()
        except BaseException:
            self._end_later(standby)
            raise
        if not stands:
            self._end_later(standby)
        return standby if stands else None

    async def end(self, roots: Roots | None = None) -> None:
        """Those for the roots, or all of them."""
        self._wanted -= self._wanted if roots is None else {roots}
        for one in list(self._making) if roots is None else [roots]:
            if (making := self._making.get(one)) is not None:
                making.cancel()
                await asyncio.wait((making,))
        for one in list(self._standing) if roots is None else [roots]:
            if (standby := self._remove(one)) is not None:
                self._end_later(standby)
        if self._ending:
            await asyncio.wait(set(self._ending))

    async def _make(self, roots: Roots, launch: Callable[[], Awaitable[Launch]]) -> None:
        # What is wrong here is wrong for the command as well, which then says so.
        with contextlib.suppress(DraftsmithError, OSError, ValueError):
            wanted = await launch()
            while len(self._standing) >= KEPT:
                self._drop(next(iter(self._standing)))
            self._standing[roots] = await Standby.start(wanted, roots)
            self._timers[roots] = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop, roots)

    def _remove(self, roots: Roots) -> Standby | None:
        if (timer := self._timers.pop(roots, None)) is not None:
            timer.cancel()
        return self._standing.pop(roots, None)

    def _drop(self, roots: Roots) -> None:
        self._wanted.discard(roots)
        if (standby := self._remove(roots)) is not None:
            self._end_later(standby)

    def _end_later(self, standby: Standby) -> None:
        task = asyncio.create_task(standby.end(), name="end standby")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
