"""A line from the terminal that can be waited for and given up, so that a question answered elsewhere goes away."""

from __future__ import annotations

import asyncio
import os
import select
import sys

_MAX_LINE = 65_536


class EndOfInput(Exception):
    """The user closed the input (Ctrl-D)."""


async def read_line(prompt: str) -> str:
    """One line without its end. Raises EndOfInput. Cancelling leaves the terminal as it was."""
    handle = sys.stdin.fileno()
    _drop_typed_ahead(handle)
    print(prompt, end="", flush=True)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(handle, ready.set)
    except (NotImplementedError, PermissionError):  # no event loop support for this input: a thread waits instead
        return (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n")
    try:
        await ready.wait()
        # The terminal hands out whole lines, so one read is one answer.
        content = os.read(handle, _MAX_LINE)
    finally:
        loop.remove_reader(handle)
    if not content:
        raise EndOfInput
    return content.decode("utf-8", "replace").rstrip("\r\n")


def _drop_typed_ahead(handle: int) -> None:
    """A line typed before the question was shown is no answer to it."""
    while os.isatty(handle) and select.select([handle], [], [], 0)[0]:
        if not os.read(handle, _MAX_LINE):
            return
