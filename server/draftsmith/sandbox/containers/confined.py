"""A command in a container, as that which supervises commands wants to see it: streams, its end, how to kill it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.processes import ExitStatus
from draftsmith.ports.sandbox import Command
from draftsmith.sandbox.containers.engine import Stream
from draftsmith.sandbox.containers.granted import GrantedHosts
from draftsmith.sandbox.containers.kept import KeptContainer, Running
from draftsmith.sandbox.containers.measure import ContainerMeter
from draftsmith.sandbox.containers.meter import Reading
from draftsmith.sandbox.containers.script import script_of

_KILLED = -9
_OWN_TASKS = 2
"""The container's first process and the one that reads its input."""
_SETTLE_ROUNDS = 100
_SETTLE_SECONDS = 0.005


class CommandInput:
    """The half of the stream that is typed into. Closing it leaves the other half open."""

    def __init__(self, stream: Stream) -> None:
        self._writer = stream.writer

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.write_eof()

    def is_closing(self) -> bool:
        return self._writer.is_closing()

    def get_extra_info(self, name: str) -> None:
        """The pipe is the engine's; nothing is known of it here."""

    async def wait_closed(self) -> None:
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()


class ContainerProcess:
    """Its end is known when its streams have ended."""

    def __init__(self, command: Command, kept: KeptContainer, running: Running, measure: ContainerMeter) -> None:
        self._kept = kept
        self._running = running
        self._measure = measure
        typed = command.terminal is None
        self.stdin = CommandInput(running.stream) if typed else None
        self.stdout = running.outputs.stdout if typed else _nothing()
        self.stderr = running.outputs.stderr
        self._ended = asyncio.create_task(self._end(), name="container command")
        # Who is cancelled does not ask how it ended.
        self._ended.add_done_callback(lambda task: task.cancelled() or task.exception())

    @property
    def running(self) -> bool:
        return not self._ended.done()

    async def wait(self) -> ExitStatus:
        """Raises AdapterError when the engine went away while it ran."""
        return await asyncio.shield(self._ended)

    async def close(self) -> None:
        self._ended.cancel()
        await asyncio.wait((self._ended,))
        await self._running.close()

    async def _end(self) -> ExitStatus:
        await self._running.parting
        try:
            code = await self._kept.exit_code(self._running)
        except TimeoutError as failure:
            raise AdapterError(
                "The Docker engine does not tell how a command ended.", code="sandbox_failed", retryable=True
            ) from failure
        if code is None and self._kept.usable:
            raise AdapterError(
                "The container of this command was ended by somebody else.", code="sandbox_failed", retryable=True
            )
        used = await asyncio.to_thread(self._measure.used)
        return ExitStatus(
            returncode=_KILLED if code is None else code,
            cpu_seconds=used.cpu_seconds,
            peak_memory_bytes=used.peak_memory_bytes,
            read_bytes=used.read_bytes,
            written_bytes=used.written_bytes,
        )


class ContainerTerminal:
    """The pseudo-terminal that the engine made for the command."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def reader(self) -> asyncio.StreamReader:
        return self._running.outputs.stdout

    async def write(self, data: bytes) -> None:
        """Types it, waiting while the terminal takes no more. Raises OSError."""
        self._running.stream.writer.write(data)
        await self._running.stream.writer.drain()

    def close(self) -> None:
        self._running.stream.close()


class ContainerConfined:
    """Made by `begin`; whoever holds it calls `end`, whatever happened: the container is free then, or gone."""

    def __init__(
        self, command: Command, kept: KeptContainer, running: Running, measure: ContainerMeter, free: Callable[[], None]
    ) -> None:
        self._kept = kept
        self._free = free
        self._measure = measure
        self.process = ContainerProcess(command, kept, running, measure)
        self.terminal = None if command.terminal is None else ContainerTerminal(running)
        self.remarks: list[str] = []
        self.closing = contextlib.AsyncExitStack()

    @classmethod
    async def begin(
        cls,
        command: Command,
        kept: KeptContainer,
        free: Callable[[], None],
        *,
        input_open: bool,
        environment: Mapping[str, str],
    ) -> ContainerConfined:
        """In a container that is ready. `free` gives it back. The command's own variables go before `environment`."""
        measure = ContainerMeter(kept)
        if command.terminal is None:
            running = await kept.begin(script_of(command, {**environment, **dict(command.env)}, input_open=input_open))
        else:
            variables = {**environment, "TERM": "xterm-256color", **dict(command.env)}
            # Before the command looks; the engine can be told its size only once it runs.
            size = b"stty rows %d columns %d 2>/dev/null\n" % (command.terminal.rows, command.terminal.columns)
            script = size + script_of(command, variables, input_open=True)
            running = await kept.begin_in_terminal(script, command.terminal.rows, command.terminal.columns)
        return cls(command, kept, running, measure, free)

    def follow_granted(self, granted: GrantedHosts) -> None:
        """The way to its granted hosts ends with it."""

        async def close() -> None:
            self.remarks += await granted.close()

        self.closing.push_async_callback(close)

    @property
    def init(self) -> int | None:
        """The number of the container's first process on this machine."""
        return self._kept.pid if self._kept.pid and self._kept.alive else None

    @property
    def alive(self) -> bool:
        return self._kept.alive

    def meter(self) -> ContainerMeter | None:
        return self._measure if self._kept.alive else None

    async def follow(self) -> None:
        """The engine tells nothing of a command while it runs."""

    def kill(self) -> None:
        """All that runs in the container, at once."""
        self._kept.kill()

    @property
    def used(self) -> Reading:
        """What the command used when it was last looked at, which is at its end."""
        return self._measure.last

    async def end(self) -> None:
        try:
            if self.process.running or not self._kept.usable:
                self._kept.kill()
            await self.process.close()
            if self._kept.usable:
                await self._settle()
            if not self._kept.usable:
                await self._kept.end()
        finally:
            self._measure.close()
            self._free()
            await self.closing.aclose()

    async def _settle(self) -> None:
        """What was told to die may take a moment; what a command that killed its own shell left is killed now."""
        if not self._measure.counts:
            return
        for _ in range(_SETTLE_ROUNDS):
            if (self._measure.tasks() or 0) <= _OWN_TASKS:
                return
            await asyncio.sleep(_SETTLE_SECONDS)
        self._kept.kill()


def _nothing() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_eof()
    return reader
