"""One command in bubblewrap under its limits, from start to the moment when nothing of it is left.

It knows no policy and no mounts; it ends commands and tells what they wrote and cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

from draftsmith.platform.processes import ExitStatus
from draftsmith.ports.sandbox import Command, CommandResult, OnOutput, StopReason
from draftsmith.sandbox.capture import OutputBudget, StreamCapture
from draftsmith.sandbox.confinement import Confinement

_CHUNK = 1 << 16


class ConfinedRun:
    """One command under its limits, from start to the moment when nothing of it is left."""

    def __init__(self, command: Command, on_output: OnOutput | None, cancel: asyncio.Event | None) -> None:
        self._command = command
        self._cancel = cancel
        self._budget = OutputBudget(remaining=command.output_limit_bytes)
        self._stopped_by: StopReason | None = None
        self._last_output = time.monotonic()
        self._out, self._err = (
            StreamCapture(
                name,
                kept_bytes=command.kept_bytes,
                spill=command.output_dir / f"{command.output_id}.{name}",
                budget=self._budget,
                on_output=on_output,
            )
            for name in ("stdout", "stderr")
        )

    async def execute(self, confinement: Confinement, given: bytes | None, notes: tuple[str, ...]) -> CommandResult:
        """Runs what `confinement` was started for, with `given` on its standard input, and ends it."""
        began = self._last_output = time.monotonic()
        try:
            ended = await self._supervise(confinement, given)
        finally:
            await confinement.end()
        return await self._result(ended, notes, time.monotonic() - began)

    async def _supervise(self, confinement: Confinement, given: bytes | None) -> ExitStatus:
        """Ends when every pipe is at its end: bubblewrap's first process takes all others with it."""
        process = confinement.process
        async with asyncio.TaskGroup() as group:
            if process.stdin is not None and given is not None:
                group.create_task(self._feed(process.stdin, given))
            watch = group.create_task(self._watch(confinement))
            cancel = group.create_task(self._await_cancel(confinement)) if self._cancel is not None else None
            group.create_task(self._pump(process.stdout, self._out, confinement))
            group.create_task(self._pump(process.stderr, self._err, confinement))
            group.create_task(confinement.follow())
            ended = await process.wait()
            watch.cancel()
            if cancel is not None:
                cancel.cancel()
        return ended

    async def _pump(self, stream: asyncio.StreamReader, capture: StreamCapture, confinement: Confinement) -> None:
        while chunk := await stream.read(_CHUNK):
            self._last_output = time.monotonic()
            if self._stopped_by is None:
                await capture.feed(chunk)
                if self._budget.struck:
                    self._stop("output", confinement)

    async def _feed(self, stdin: asyncio.StreamWriter, given: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(given)
            await stdin.drain()
        stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await stdin.wait_closed()

    async def _watch(self, confinement: Confinement) -> None:
        deadline = time.monotonic() + self._command.time_limit_seconds
        while True:
            now = time.monotonic()
            idle_end = deadline
            if self._command.idle_seconds is not None:
                idle_end = self._last_output + self._command.idle_seconds
            if now >= deadline:
                return self._stop("time", confinement)
            if now >= idle_end:
                return self._stop("idle", confinement)
            await asyncio.sleep(min(deadline, idle_end) - now)

    async def _await_cancel(self, confinement: Confinement) -> None:
        assert self._cancel is not None  # noqa: S101  narrows a type: only started with one
        await self._cancel.wait()
        self._stop("cancelled", confinement)

    def _stop(self, reason: StopReason, confinement: Confinement) -> None:
        if self._stopped_by is None:
            self._stopped_by = reason
            confinement.kill()

    async def _result(self, ended: ExitStatus, notes: tuple[str, ...], wall: float) -> CommandResult:
        # bubblewrap reports a command that died of a signal as 128 + n, as shells do.
        code = ended.returncode if ended.returncode >= 0 else 128 - ended.returncode
        died_of = code - 128 if 128 < code <= 128 + signal.NSIG else None
        return CommandResult(
            exit_code=None if self._stopped_by else code,
            signal=died_of,
            stopped_by=self._stopped_by,
            wall_seconds=wall,
            cpu_seconds=ended.cpu_seconds,
            peak_memory_bytes=ended.peak_memory_bytes,
            stdout=await self._out.finish(),
            stderr=await self._err.finish(),
            notes=notes,
        )
