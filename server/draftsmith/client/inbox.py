"""A bounded mailbox between the reader of a connection and whoever shows what arrives.

When it is full its content is dropped and the gap is told: a slow consumer resumes by sequence number and never
holds up the answers to calls.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from draftsmith.client.messages import JsonValue


class Notified(NamedTuple):
    method: str
    params: dict[str, JsonValue]


class Overflowed(NamedTuple):
    """Notifications were dropped; ask again for everything since the last one."""


class Inbox:
    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[Notified] = deque()
        self._overflowed = False
        self._closed: Exception | None = None
        self._ready = asyncio.Event()

    def put(self, item: Notified) -> None:
        if len(self._items) >= self._capacity:
            self._items.clear()
            self._overflowed = True
        self._items.append(item)
        self._ready.set()

    def close(self, reason: Exception) -> None:
        """What is already here can still be taken; after it, `next` raises `reason`."""
        self._closed = self._closed or reason
        self._ready.set()

    async def next(self) -> Notified | Overflowed:
        """The oldest item, waiting for one as long as the connection lives (which its pings bound)."""
        while True:
            if self._overflowed:
                self._overflowed = False
                return Overflowed()
            if self._items:
                return self._items.popleft()
            if self._closed is not None:
                raise self._closed
            self._ready.clear()
            await self._ready.wait()
