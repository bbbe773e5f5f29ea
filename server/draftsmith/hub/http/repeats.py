"""Commands that come twice with the same `Idempotency-Key`: done once, answered twice.

Kept in memory, bounded, until the hub ends. What failed for no fault of the caller is forgotten, so that it can be
tried again.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from draftsmith.hub.http.refusals import Refusal

MAX_KEPT = 2_000
KEPT_SECONDS = 24 * 3_600.0
FIRST_SECONDS = 60.0
"""So long a repetition waits for the answer to the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    media_type: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    asked: str
    at: float
    answer: asyncio.Future[Answer]


class Repeats:
    """One for the hub. Keys of different callers are different keys."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    async def once(
        self, caller: str, key: str, asked: bytes, work: Callable[[asyncio.Future[Answer]], Awaitable[None]]
    ) -> tuple[Answer, bool]:
        """The answer, and whether it is that of an earlier call. `work` sets the future and raises nothing."""
        name, fingerprint = (caller, key), hashlib.sha256(asked).hexdigest()
        self._drop_old()
        kept = self._kept.get(name)
        if kept is not None:
            return await self._earlier(kept, fingerprint), True
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._kept[name] = _Kept(asked=fingerprint, at=time.monotonic(), answer=answer)
        answer.add_done_callback(lambda done: self._settled(name, done))
        await work(answer)
        return await asyncio.shield(answer), False

    async def _earlier(self, kept: _Kept, asked: str) -> Answer:
        if kept.asked != asked:
            raise Refusal(
                422, "key_used_otherwise", "Another call was made with this Idempotency-Key.", remedy="Make a new key."
            )
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                return await asyncio.shield(kept.answer)
        except TimeoutError:
            raise Refusal(
                409, "still_under_way", "The first call with this key is still under way.", remedy="Ask again later."
            ) from None

    def _settled(self, name: tuple[str, str], done: asyncio.Future[Answer]) -> None:
        if done.cancelled() or done.exception() is not None or done.result().status >= 500:
            self._kept.pop(name, None)

    def _drop_old(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        for name in [name for name, kept in self._kept.items() if kept.answer.done() and kept.at < oldest]:
            del self._kept[name]
        over = len(self._kept) - MAX_KEPT + 1
        for name in [name for name, kept in self._kept.items() if kept.answer.done()][: max(0, over)]:
            del self._kept[name]
