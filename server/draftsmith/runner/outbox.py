"""What waits to go to the hub by the runner's stream: streamed text of all sessions goes out together.

Each piece of text keeps its own place: nothing is joined here, and nothing waits for longer than GATHER_SECONDS.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from draftsmith.protocol.generated import runner_pb2 as wire

OUTBOX_LIMIT = 10_000
"""Messages that may wait; a full outbox means a hub that no longer reads."""
GATHER_SECONDS = 0.005
MAX_TOGETHER = 1_000
MAX_TOGETHER_BYTES = 1_000_000


class Outbox:
    """One for the runner's stream."""

    def __init__(self) -> None:
        self._waiting: deque[wire.RunnerMessage] = deque()
        self._ready = asyncio.Event()

    def put(self, message: wire.RunnerMessage) -> bool:
        """Never waits; False when there is no room."""
        if len(self._waiting) >= OUTBOX_LIMIT:
            return False
        self._waiting.append(message)
        self._ready.set()
        return True

    async def messages(self) -> AsyncIterator[wire.RunnerMessage]:
        """In their order, for ever."""
        while True:
            await self._ready.wait()
            if self._waiting and self._waiting[0].HasField("deltas"):
                await asyncio.sleep(GATHER_SECONDS)
            while self._waiting:
                yield self._next()
            self._ready.clear()

    def _next(self) -> wire.RunnerMessage:
        first = self._waiting.popleft()
        if not first.HasField("deltas"):
            return first
        together, size = [first.deltas], first.ByteSize()
        while self._waiting and self._waiting[0].HasField("deltas") and len(together) < MAX_TOGETHER:
            size += self._waiting[0].ByteSize()
            if size > MAX_TOGETHER_BYTES:
                break
            together.append(self._waiting.popleft().deltas)
        return first if len(together) == 1 else wire.RunnerMessage(streamed=wire.Streamed(deltas=together))
