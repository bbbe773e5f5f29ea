"""Waiting that ends at once when somebody else ends the session."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TypeVar

from draftsmith.pipeline.session_log import SessionLog

T = TypeVar("T")


class Interrupted(Exception):
    """The session is over, or its lease is lost; what was awaited has been cancelled and has ended."""


async def interruptible(log: SessionLog, work: Awaitable[T]) -> T:
    """The result of `work`. Raises Interrupted once the work is cancelled and gone."""
    working = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(log.interrupted.wait())
    try:
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        await _end(working)
        raise Interrupted
    finally:
        stopped.cancel()
        if not working.done():
            await _end(working)


async def _end(working: asyncio.Future[T]) -> None:
    working.cancel()
    # Its own failure while it ends is of no interest any more; the interruption is what is told.
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await working
