"""Signals as items of a queue, so that the watching ends in order: the cursor is back, and it says how to return."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def signals_to(queue: asyncio.Queue[signal.Signals]) -> Iterator[None]:
    """Signals that would end this process end the watching in order instead."""
    loop = asyncio.get_running_loop()

    def received(which: signal.Signals) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            queue.put_nowait(which)

    watched = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    added: list[signal.Signals] = []
    for which in watched:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the process, the session goes on
            loop.add_signal_handler(which, received, which)
            added.append(which)
    try:
        yield
    finally:
        for which in added:
            loop.remove_signal_handler(which)
