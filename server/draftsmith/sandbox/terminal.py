"""A pseudo-terminal of a sandbox's own: the commands in it hold one side, this process the other.

It is made in the sandbox's `/dev/pts`, so that it has a name there and no other terminal can be reached through it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from draftsmith.platform.processes import read_pipe
from draftsmith.platform.terminals import open_terminal
from draftsmith.ports.sandbox import TerminalSize

END_OF_FILE = b"\x04"


class Terminal:
    """Made by `open_in`, in a sandbox in which nothing of the workspace runs yet."""

    def __init__(self, descriptor: int, name: str) -> None:
        self.name = name
        self._descriptor = descriptor
        self._transport: asyncio.BaseTransport | None = None

    @classmethod
    def open_in(cls, init: int, size: TerminalSize) -> Terminal:
        """In the sandbox whose first process is `init`. Raises OSError."""
        return cls.open_at(str(Path("/proc", str(init), "root/dev/pts/ptmx")), size)

    @classmethod
    def open_at(cls, multiplexer: str, size: TerminalSize) -> Terminal:
        """By the device that makes them. Raises OSError."""
        descriptor, number = open_terminal(multiplexer, rows=size.rows, columns=size.columns)
        return cls(descriptor, f"/dev/pts/{number}")

    async def reader(self) -> asyncio.StreamReader:
        """What is written to it. To be called once; reading fails with OSError when its last user is gone."""
        copy = os.fdopen(os.dup(self._descriptor), "rb", buffering=0)
        reader, self._transport = await read_pipe(copy)
        return reader

    async def write(self, data: bytes) -> None:
        """Types it, waiting while the terminal takes no more; the caller bounds the time. Raises OSError."""
        loop = asyncio.get_running_loop()
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                writable = loop.create_future()
                loop.add_writer(self._descriptor, lambda done=writable: done.done() or done.set_result(None))
                try:
                    await writable
                finally:
                    loop.remove_writer(self._descriptor)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
