"""Time limits of one streamed reply: connecting, the first token, the next token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """Seconds. The first token of a model that reasons unseen, or of a local one that reads a long prompt, takes
    minutes; a connection does not."""

    connect_s: float = 10.0
    first_token_s: float = 600.0
    between_tokens_s: float = 120.0


class PaceExceeded(Exception):
    """A limit was reached; the text says which."""


class Pace:
    """Watches one attempt from its start."""

    def __init__(self, limits: TimeLimits) -> None:
        self._limits = limits
        self._first_token_by = asyncio.get_running_loop().time() + limits.first_token_s
        self.started_at = time.monotonic()
        self.first_token_at: float | None = None

    def token(self) -> None:
        """A part of the reply came."""
        if self.first_token_at is None:
            self.first_token_at = time.monotonic()

    async def items(self, stream: AsyncIterator[T]) -> AsyncGenerator[T, None]:
        """The stream's items; raises `PaceExceeded` when the next one takes too long."""
        while True:
            try:
                async with self.limit():
                    item = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise self.exceeded() from None
            yield item

    def limit(self) -> asyncio.Timeout:
        """The bound of the wait that begins now."""
        if self.first_token_at is None:
            return asyncio.timeout_at(self._first_token_by)
        return asyncio.timeout(self._limits.between_tokens_s)

    def exceeded(self) -> PaceExceeded:
        """What to say when `limit` struck."""
        if self.first_token_at is None:
            return PaceExceeded(f"no first token within {self._limits.first_token_s:g} s")
        return PaceExceeded(f"no further token within {self._limits.between_tokens_s:g} s")
