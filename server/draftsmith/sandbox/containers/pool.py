"""Which containers are kept, for which sets of roots; each runs one command at a time.

Containers of the same roots share one loopback network, so that a command reaches the server that another one started.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from draftsmith.domain.errors import DraftsmithError
from draftsmith.ports.sandbox import MountedRoot
from draftsmith.sandbox.containers.kept import KeptContainer

KEPT = 8
"""Sets of roots; the one that was not used for the longest time goes first."""
IDLE_SECONDS = 600.0

Roots = tuple[MountedRoot, ...]
Make = Callable[[str], Awaitable[KeptContainer]]
"""Makes a container in the network that is named: `none`, or `container:<id>`."""


@dataclass(slots=True)
class _Shelf:
    """The containers of one set of roots. `making` ends by itself and puts what it made among the `free`."""

    free: list[KeptContainer] = field(default_factory=list[KeptContainer])
    busy: set[KeptContainer] = field(default_factory=set[KeptContainer])
    making: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None

    def network(self) -> str:
        for one in (*self.busy, *self.free):
            if one.alive:
                return f"container:{one.container_id}"
        return "none"


class Containers:
    """Belongs to one event loop. `end` leaves nothing behind."""

    def __init__(self) -> None:
        self._shelves: dict[Roots, _Shelf] = {}
        self._ending: set[asyncio.Future[Any]] = set()

    def make_ready(self, roots: Roots, make: Make) -> None:
        """Has one made in the background if none is free. What goes wrong is told to the command that needs it."""
        shelf = self._shelf(roots)
        if not shelf.free and shelf.making is None:
            shelf.making = asyncio.create_task(self._fill(shelf, make), name="make container")
        self._rest(roots, shelf)

    async def take(self, roots: Roots, serves: Callable[[KeptContainer], bool], make: Make) -> KeptContainer:
        """One that is the caller's until `give_back`."""
        shelf = self._shelf(roots)
        self._rest(roots, shelf)
        if shelf.making is not None and not shelf.free:
            await asyncio.shield(asyncio.wait((shelf.making,)))
        while shelf.free:
            one = shelf.free.pop()
            # Held before anything is awaited, so that nobody loses sight of it.
            shelf.busy.add(one)
            try:
                if serves(one) and await one.ready():
                    return one
            except BaseException:
                self._end_later(shelf, one)
                raise
            self._end_later(shelf, one)
        # A shield: the engine cannot be told to forget what it is just making.
        made = asyncio.ensure_future(self._make(shelf, make))
        try:
            one = await asyncio.shield(made)
        except asyncio.CancelledError:
            made.add_done_callback(lambda done: self._unclaimed(shelf, done))
            self._follow(made)
            raise
        shelf.busy.add(one)
        if await one.ready():
            return one
        self._end_later(shelf, one)
        raise one.refusal()

    def give_back(self, roots: Roots, one: KeptContainer) -> None:
        """For the next command, if it can be used again."""
        shelf = self._shelves.get(roots)
        if shelf is None or one not in shelf.busy:
            return
        if one.usable and not shelf.free:
            shelf.busy.discard(one)
            one.prepare()
            shelf.free.append(one)
        else:
            self._end_later(shelf, one)

    async def end(self, roots: Roots | None = None) -> None:
        """Those for the roots, or all; returns when they are gone. Busy ones are their commands' to end."""
        for each in list(self._shelves) if roots is None else [roots]:
            shelf = self._shelves.get(each)
            if shelf is None:
                continue
            if shelf.timer is not None:
                shelf.timer.cancel()
            if shelf.making is not None:
                await asyncio.wait((shelf.making,))
            for one in list(shelf.free):
                self._end_later(shelf, one)
            if not shelf.busy:
                self._shelves.pop(each, None)
        while self._ending:
            await asyncio.wait(set(self._ending))

    def _shelf(self, roots: Roots) -> _Shelf:
        shelf = self._shelves.pop(roots, None) or _Shelf()
        # The last in order is the last that was used.
        self._shelves[roots] = shelf
        idle = [each for each, one in self._shelves.items() if not one.busy and one.making is None and each != roots]
        for each in idle[: max(len(self._shelves) - KEPT, 0)]:
            self._drop(each)
        return shelf

    def _rest(self, roots: Roots, shelf: _Shelf) -> None:
        if shelf.timer is not None:
            shelf.timer.cancel()
        shelf.timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop, roots)

    def _drop(self, roots: Roots) -> None:
        shelf = self._shelves.get(roots)
        if shelf is None:
            return
        if shelf.timer is not None:
            shelf.timer.cancel()
        for one in list(shelf.free):
            self._end_later(shelf, one)
        if not shelf.busy and shelf.making is None:
            self._shelves.pop(roots, None)

    async def _fill(self, shelf: _Shelf, make: Make) -> None:
        try:
            with contextlib.suppress(DraftsmithError, OSError, ValueError):
                shelf.free.append(await self._make(shelf, make))
        finally:
            shelf.making = None

    async def _make(self, shelf: _Shelf, make: Make) -> KeptContainer:
        network = shelf.network()
        try:
            return await make(network)
        except DraftsmithError:
            if network == "none":
                raise
            # The one whose network it was to share has ended meanwhile.
            return await make("none")

    def _unclaimed(self, shelf: _Shelf, made: asyncio.Future[KeptContainer]) -> None:
        if not made.cancelled() and made.exception() is None:
            self._end_later(shelf, made.result())

    def _end_later(self, shelf: _Shelf, one: KeptContainer) -> None:
        if one in shelf.free:
            shelf.free.remove(one)
        shelf.busy.discard(one)
        self._follow(asyncio.create_task(one.end(), name="end container"))

    def _follow(self, task: asyncio.Future[Any]) -> None:
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
