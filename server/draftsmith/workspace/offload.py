"""Blocking work in a thread that can be told to stop.

A thread cannot be killed, so work that loops asks `Stop.check()`; a cancelled or late caller sets it and goes on.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from draftsmith.domain.errors import AdapterError

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_TIMEOUT = 300.0
"""Seconds after which blocking work on a workspace is given up."""


class Stopped(Exception):
    """Raised inside the thread once nobody waits for it any more."""


class Stop:
    """Whether the work is still wanted; safe to share between threads."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def check(self) -> None:
        if self._event.is_set():
            raise Stopped


async def in_thread(work: Callable[Concatenate[Stop, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work(stop, …)` in a thread; past `DEFAULT_TIMEOUT` it is told to stop and `AdapterError` is raised."""
    stop = Stop()
    try:
        async with asyncio.timeout(DEFAULT_TIMEOUT):
            return await asyncio.to_thread(work, stop, *args, **kwargs)
    except TimeoutError:
        raise AdapterError(
            f"Work on the files took longer than {DEFAULT_TIMEOUT:.0f} s and was given up.",
            code="workspace_timeout",
            remedy="Look for a very slow disk or a huge folder that could be ignored.",
            retryable=True,
        ) from None
    finally:
        stop.set()
