"""Signals wake the event loop, whichever thread the system gives them to.

Python's handlers run in the main thread, but a loop that waits for its descriptors is interrupted only when the signal
came to that very thread: without this, Ctrl-C is noticed whenever something else happens.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from asyncio import AbstractEventLoop
from collections.abc import Iterator


@contextlib.contextmanager
def signals_wake(loop: AbstractEventLoop) -> Iterator[None]:
    """For the block; in the main thread only. Handlers that the loop itself adds do the same by themselves."""
    if sys.platform == "win32":  # its loop is woken by signals as it is, and knows no readers
        yield
        return
    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        writing.setblocking(False)
        loop.add_reader(reading, reading.recv, 4096)
        before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(reading)
