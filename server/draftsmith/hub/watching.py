"""Connections that are told of what belongs to no one session: lines of the list as they change, and shared settings.

Bounded by nature: a session waits once however often it changed. Nobody is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.ids import SessionId

What = Literal["models", "rules", "preferences"]

PAUSE_S = 0.5
"""Between two lines of one session to one connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    sessions: tuple[SessionId, ...]
    what: tuple[What, ...]


class Watch:
    """One connection's news. `now` is a monotonic clock, in seconds."""

    def __init__(self, user: str, watches: set[Watch], now: Callable[[], float]) -> None:
        self.user = user
        self._watches = watches
        self._now = now
        self._due: dict[SessionId, float] = {}
        self._said: dict[SessionId, float] = {}
        self._what: dict[What, None] = {}
        self._ready = asyncio.Event()

    def close(self) -> None:
        """No more news; does nothing the second time."""
        self._watches.discard(self)

    def session(self, session_id: SessionId) -> None:
        if session_id not in self._due:
            self._due[session_id] = self._said.get(session_id, -PAUSE_S) + PAUSE_S
            self._ready.set()

    def changed(self, what: What) -> None:
        self._what[what] = None
        self._ready.set()

    async def take(self) -> News:
        """Waits until there is something that may be told."""
        while True:
            now = self._now()
            due = tuple(name for name, at in self._due.items() if at <= now)
            what = tuple(self._what)
            if due or what:
                self._tell(due, now)
                return News(sessions=due, what=what)
            self._ready.clear()
            first = min(self._due.values(), default=None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if first is None else max(0.0, first - now)):
                    await self._ready.wait()

    def _tell(self, due: tuple[SessionId, ...], now: float) -> None:
        self._what.clear()
        self._said = {name: at for name, at in self._said.items() if at > now - PAUSE_S}
        for name in due:
            del self._due[name]
            self._said[name] = now


class Watching:
    """All connections that watch."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()

    def watch(self, user: str) -> Watch:
        watch = Watch(user, self._watches, asyncio.get_running_loop().time)
        self._watches.add(watch)
        return watch

    def session(self, session_id: SessionId) -> None:
        for watch in self._watches:
            watch.session(session_id)

    def changed(self, what: What, *, user: str | None = None) -> None:
        """`user` None: of everybody."""
        for watch in self._watches:
            if user is None or watch.user == user:
                watch.changed(what)
