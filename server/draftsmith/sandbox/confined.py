"""A confined command as whoever supervises it sees it, whatever confines it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Protocol

from draftsmith.platform.processes import ExitStatus
from draftsmith.sandbox.usage import Meter


class CommandStdin(Protocol):
    """The writing end of a command's standard input."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...

    def close(self) -> None: ...

    def is_closing(self) -> bool: ...

    def get_extra_info(self, name: str) -> Any:
        """`pipe` is the file object of a pipe, None where it is none of this process's."""
        ...

    async def wait_closed(self) -> None: ...


class CommandProcess(Protocol):
    """Its streams, which end with it, and how it ended."""

    @property
    def stdin(self) -> CommandStdin | None: ...

    @property
    def stdout(self) -> asyncio.StreamReader: ...

    @property
    def stderr(self) -> asyncio.StreamReader: ...

    @property
    def running(self) -> bool: ...

    async def wait(self) -> ExitStatus: ...


class CommandTerminal(Protocol):
    """The side of a pseudo-terminal that is typed into."""

    async def reader(self) -> asyncio.StreamReader: ...

    async def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Confined(Protocol):
    """Whoever holds it calls `end`, whatever happened. What is added to `closing` is closed then."""

    remarks: list[str]
    closing: contextlib.AsyncExitStack

    @property
    def process(self) -> CommandProcess: ...

    @property
    def terminal(self) -> CommandTerminal | None: ...

    @property
    def alive(self) -> bool: ...

    @property
    def init(self) -> int | None:
        """The number of the first of its processes on this machine; None where it has none, or has ended."""
        ...

    def meter(self) -> Meter | None:
        """To look at what is in it; None when it is not there yet, or not any more."""
        ...

    async def follow(self) -> None:
        """Learns what its engine tells of it, until it has ended."""
        ...

    def kill(self) -> None:
        """All of it, at once; may be called from any thread."""
        ...

    async def end(self) -> None:
        """Leaves nothing behind, whatever brought us here."""
        ...
