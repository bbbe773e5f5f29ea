"""The one retry loop for model calls: bounded, with jitter, honouring the vendor's own wish.

Retries only what is retryable and cannot have been billed: one reservation pays for one attempt. Everything else is
the pipeline's to decide.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from draftsmith.ports.models import ModelFailure

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`attempts` counts the first one. A vendor's wish beyond `longest_wait_s` ends the retries at once, so that
    the user learns of it instead of waiting; no retry begins after `total_s`."""

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    total_s: float = 90.0

    def patient_for(self, seconds: float | None) -> RetryPolicy:
        """The same, but waiting no longer than this at a time."""
        return self if seconds is None else replace(self, longest_wait_s=min(seconds, self.longest_wait_s))


async def with_retries(policy: RetryPolicy, attempt: Callable[[int], Awaitable[T]]) -> T:
    """The result of `attempt(number)`, number from 1; raises the last failure."""
    began = time.monotonic()
    number = 1
    while True:
        try:
            return await attempt(number)
        except ModelFailure as failed:
            wait = _wait_after(failed, number, policy)
            if wait is None or time.monotonic() - began + wait > policy.total_s:
                raise
        await asyncio.sleep(wait)
        number += 1


def _wait_after(failed: ModelFailure, number: int, policy: RetryPolicy) -> float | None:
    """Seconds to wait before the next attempt; `None` when there should be none."""
    if not failed.retryable or failed.billed or number >= policy.attempts:
        return None
    if failed.retry_after_s is not None:
        return failed.retry_after_s if failed.retry_after_s <= policy.longest_wait_s else None
    backoff = min(policy.longest_wait_s, policy.first_wait_s * 2 ** (number - 1))
    return backoff * (0.5 + random.random() / 2)  # noqa: S311  spreading load, not a secret
