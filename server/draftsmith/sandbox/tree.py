"""A command that nothing confines, with all that it started: found by descent, and by a mark in the environment.

A process that leaves its parents and clears its environment is not found any more: that is what a sandbox is for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from draftsmith.platform.processes import ChildProcess, kill_tree, start
from draftsmith.ports.sandbox import TerminalSize
from draftsmith.sandbox.terminal import Terminal
from draftsmith.sandbox.usage import Meter

MARK = "DRAFT_COMMAND_MARK"
_SWEEPS = 50
_PAUSE_SECONDS = 0.02
_END_SECONDS = 5.0
_ENVIRONMENT_BYTES = 1 << 21


class CommandTree:
    """Made by `start`; whoever holds it calls `end`, whatever happened."""

    def __init__(self, process: ChildProcess, mark: str, terminal: Terminal | None) -> None:
        self.process = process
        self.terminal = terminal
        self.remarks: list[str] = []
        self.closing = contextlib.AsyncExitStack()
        self._mark = mark
        self._loop = asyncio.get_running_loop()
        self._killing: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        program: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        stdin: bool,
        terminal: Terminal | None,
    ) -> CommandTree:
        """Raises OSError when it cannot be started."""
        mark = secrets.token_hex(16)
        process = await start(program, env={**environment, MARK: mark}, cwd=cwd, stdin=stdin)
        return cls(process, mark, terminal)

    @property
    def init(self) -> int | None:
        return self.process.pid if self.process.running else None

    @property
    def alive(self) -> bool:
        return self.process.running

    def meter(self) -> Meter | None:
        """None also where the system has no files that tell what a process uses."""
        with contextlib.suppress(OSError):
            return TreeMeter(self.process.pid, self._mark)
        return None

    async def follow(self) -> None:
        """When its first process ends, what it left ends too, so that its streams do."""
        await self.process.wait()
        await asyncio.to_thread(self._kill_marked)

    def kill(self) -> None:
        """All of it that can be found, at once; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._begin_kill)

    def _begin_kill(self) -> None:
        if self._killing is None:
            self._killing = asyncio.create_task(asyncio.to_thread(self._kill_all), name="kill command")

    def _kill_all(self) -> None:
        if self.process.running:
            kill_tree(self.process.pid)
        self._kill_marked()

    async def end(self) -> None:
        try:
            self._begin_kill()
            assert self._killing is not None  # noqa: S101  narrows a type: made above
            await asyncio.wait((self._killing,))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self.process.wait()
        finally:
            self.process.close()
            if self.terminal is not None:
                self.terminal.close()
            await self.closing.aclose()

    def _kill_marked(self) -> None:
        for _ in range(_SWEEPS):
            found = list(marked(self._mark))
            if not found:
                return
            for pid in found:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_PAUSE_SECONDS)


def marked(mark: str) -> Iterator[int]:
    """Living processes of this user with the mark."""
    wanted = f"{MARK}={mark}"
    if not sys.platform.startswith("linux"):
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == mark:
                    yield process.pid
        return
    for name in os.listdir("/proc"):  # noqa: PTH208  hundreds of names, thrice as fast
        if name.isdigit():
            # One that has ended, or is somebody else's, has nothing to read.
            with contextlib.suppress(OSError):
                descriptor = os.open(f"/proc/{name}/environ", os.O_RDONLY | os.O_CLOEXEC)
                try:
                    text = os.read(descriptor, _ENVIRONMENT_BYTES)
                finally:
                    os.close(descriptor)
                if wanted.encode() in text.split(b"\0"):
                    yield int(name)


class TreeMeter(Meter):
    """Looks at the processes of one command among all of this machine's."""

    def __init__(self, pid: int, mark: str) -> None:
        """Raises OSError when that process has ended."""
        super().__init__(pid, ())
        self._mark = mark

    def _names(self) -> list[str]:
        return [str(pid) for pid in marked(self._mark)]


def open_terminal(size: TerminalSize) -> Terminal:
    """A pseudo-terminal of this machine. Raises OSError."""
    return Terminal.open_at("/dev/ptmx", size)
