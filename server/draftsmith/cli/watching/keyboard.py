"""Lines and keys from the terminal that can be waited for and given up: a question answered elsewhere goes away.

However it ends, the terminal is left as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
from collections import deque
from types import TracebackType
from typing import Self

_MAX_LINE = 65_536
_CTRL_D = "\x04"


class EndOfInput(Exception):
    """The user closed the input (Ctrl-D)."""


async def read_line(prompt: str) -> str:
    """One line without its end. Raises EndOfInput. Cancelling leaves the terminal as it was."""
    handle = sys.stdin.fileno()
    _drop_typed_ahead(handle)
    print(prompt, end="", flush=True)
    # The terminal hands out whole lines, so one read is one answer.
    return (await _read(handle)).rstrip("\r\n")


async def read_key(prompt: str) -> str:
    """One key, as a review reads them. Raises EndOfInput. Cancelling leaves the terminal as it was."""
    _drop_typed_ahead(sys.stdin.fileno())
    print(prompt, end="", flush=True)
    with Keys() as keys:
        key = await keys.next()
    print(key if key.isprintable() else "", flush=True)
    return key


class Keys:
    """Keys one by one, none lost between two questions: the terminal stays in this mode until the end.

    Ctrl-C is still a signal.
    """

    def __init__(self) -> None:
        self._handle = sys.stdin.fileno()
        self._typed: deque[str] = deque()
        self._restore = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.suppress(ImportError):  # Windows has no such modes; a key there wants Enter
            import termios
            import tty

            before = termios.tcgetattr(self._handle)
            tty.setcbreak(self._handle, termios.TCSADRAIN)
            self._restore.callback(termios.tcsetattr, self._handle, termios.TCSADRAIN, before)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore.close()

    def release(self) -> None:
        """Gives the terminal back as it was, for a program that is run from here; `__enter__` takes it again."""
        self._restore.close()

    async def next(self) -> str:
        """The next key. Raises EndOfInput on Ctrl-D. Arrows and other keys that send sequences give nothing."""
        while not self._typed:
            typed = await _read(self._handle)
            if not typed.startswith("\x1b"):
                self._typed.extend(typed)
        key = self._typed.popleft()
        if key == _CTRL_D:
            raise EndOfInput
        return key


async def _read(handle: int) -> str:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(handle, ready.set)
    except (NotImplementedError, PermissionError):  # no event loop support for this input: a thread waits instead
        content = (await asyncio.to_thread(sys.stdin.readline)).encode()
    else:
        try:
            await ready.wait()
            content = os.read(handle, _MAX_LINE)
        finally:
            loop.remove_reader(handle)
    if not content:
        raise EndOfInput
    return content.decode("utf-8", "replace")


def _drop_typed_ahead(handle: int) -> None:
    """A line typed before the question was shown is no answer to it."""
    while os.isatty(handle) and select.select([handle], [], [], 0)[0]:
        if not os.read(handle, _MAX_LINE):
            return
