"""One command in bubblewrap under its limits, from start to the moment when nothing of it is left.

It knows no policy and no mounts; it ends commands and tells what they wrote and cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time

from draftsmith.platform.processes import ChildProcess, ExitStatus, read_pipe, start
from draftsmith.ports.sandbox import Command, CommandResult, OnOutput, StopReason
from draftsmith.sandbox.capture import OutputBudget, StreamCapture
from draftsmith.sandbox.launch import Launch

_CHUNK = 1 << 16
_KILL_GRACE_SECONDS = 2.0


class ConfinedRun:
    """One command under its limits, from start to the moment when nothing of it is left."""

    def __init__(self, command: Command, on_output: OnOutput | None, cancel: asyncio.Event | None) -> None:
        self._command = command
        self._cancel = cancel
        self._budget = OutputBudget(remaining=command.output_limit_bytes)
        self._stopped_by: StopReason | None = None
        self._last_output = time.monotonic()
        self._init: int | None = None
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

    async def execute(self, launch: Launch) -> CommandResult:
        began = time.monotonic()
        status_read, status_write = os.pipe()
        try:
            # Before the start: bubblewrap that cannot write its status dies, and leaves its first process behind.
            status, transport = await read_pipe(os.fdopen(status_read, "rb", buffering=0))
        except BaseException:
            os.close(status_write)
            raise
        try:
            process = await self._start(launch, status_write)
            try:
                ended = await self._supervise(process, status)
            finally:
                await self._end(process)
                process.close()
        finally:
            transport.close()
        return await self._result(ended, launch.notes, time.monotonic() - began)

    async def _start(self, launch: Launch, status_write: int) -> ChildProcess:
        try:
            with launch.arguments(self._command.run, "--json-status-fd", str(status_write)) as (argv, descriptors):
                return await start(
                    argv,
                    env=launch.environment,
                    stdin=self._command.stdin is not None,
                    pass_fds=(*descriptors, status_write),
                )
        finally:
            os.close(status_write)

    async def _supervise(self, process: ChildProcess, status: asyncio.StreamReader) -> ExitStatus:
        """Ends when every pipe is at its end: bubblewrap's first process takes all others with it."""
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(self._watch(process))
            cancel = group.create_task(self._await_cancel(process)) if self._cancel is not None else None
            group.create_task(self._pump(process.stdout, self._out, process))
            group.create_task(self._pump(process.stderr, self._err, process))
            group.create_task(self._read_status(status))
            if process.stdin is not None:
                group.create_task(self._feed(process.stdin))
            ended = await process.wait()
            watch.cancel()
            if cancel is not None:
                cancel.cancel()
        return ended

    async def _pump(self, stream: asyncio.StreamReader, capture: StreamCapture, process: ChildProcess) -> None:
        while chunk := await stream.read(_CHUNK):
            self._last_output = time.monotonic()
            if self._stopped_by is None:
                await capture.feed(chunk)
                if self._budget.struck:
                    self._stop("output", process)

    async def _feed(self, stdin: asyncio.StreamWriter) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(self._command.stdin or b"")
            await stdin.drain()
        stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await stdin.wait_closed()

    async def _read_status(self, status: asyncio.StreamReader) -> None:
        """Learn the first process of the sandbox, whose end is the end of all. A pidfd cannot name another later."""
        while line := await status.readline():
            with contextlib.suppress(ValueError, OSError):
                pid = json.loads(line).get("child-pid")
                if isinstance(pid, int) and self._init is None:
                    self._init = os.pidfd_open(pid)

    async def _watch(self, process: ChildProcess) -> None:
        deadline = time.monotonic() + self._command.time_limit_seconds
        while True:
            now = time.monotonic()
            idle_end = deadline
            if self._command.idle_seconds is not None:
                idle_end = self._last_output + self._command.idle_seconds
            if now >= deadline:
                return self._stop("time", process)
            if now >= idle_end:
                return self._stop("idle", process)
            await asyncio.sleep(min(deadline, idle_end) - now)

    async def _await_cancel(self, process: ChildProcess) -> None:
        assert self._cancel is not None  # noqa: S101  narrows a type: only started with one
        await self._cancel.wait()
        self._stop("cancelled", process)

    def _stop(self, reason: StopReason, process: ChildProcess) -> None:
        if self._stopped_by is None:
            self._stopped_by = reason
            self._kill(process)

    def _kill(self, process: ChildProcess) -> None:
        if self._init is None:
            process.kill()
        else:
            # Through the first process, so that bubblewrap still reaps it and what it cost is known.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)

    async def _end(self, process: ChildProcess) -> None:
        """Leave nothing behind, whatever brought us here."""
        try:
            if process.running:
                if self._init is None:
                    # Its first process may have left the group already: it is found through its parent only.
                    await process.kill_tree()
                self._kill(process)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_KILL_GRACE_SECONDS):
                        await process.wait()
                await process.kill_tree()
        finally:
            if self._init is not None:
                os.close(self._init)
                self._init = None

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
