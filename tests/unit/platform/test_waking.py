"""Ctrl-C ends what waits, also when the system gives the signal to another thread."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, signal, threading, time
from draftsmith.platform.waking import signals_wake

async def main():
    await asyncio.to_thread(time.sleep, 0.01)  # its thread stays
    (other,) = [one for one in threading.enumerate() if one is not threading.main_thread()]
    loop = asyncio.get_running_loop()
    with signals_wake(loop):
        threading.Timer(0.2, lambda: signal.pthread_kill(other.ident, signal.SIGINT)).start()
        await asyncio.Event().wait()

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("noticed")
"""


def test_a_signal_to_another_thread_is_noticed_by_a_loop_that_waits() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "noticed\n", done.stderr
