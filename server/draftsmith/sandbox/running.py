"""One command in bubblewrap under its limits, from start to the moment when nothing of it is left.

It knows no policy and no mounts; it ends commands and tells what they wrote and cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

from draftsmith.platform.processes import ExitStatus
from draftsmith.ports.sandbox import Command, CommandResult, OnOutput, OnUsage, StopReason, Usage
from draftsmith.sandbox.capture import OutputBudget, StreamCapture
from draftsmith.sandbox.confined import CommandStdin, CommandTerminal, Confined
from draftsmith.sandbox.limits import Guard
from draftsmith.sandbox.usage import Meter, Sample

_CHUNK = 1 << 16
_SAMPLE_SECONDS = 0.25
"""How long a limit may be passed unseen. What ends sooner is never looked at, and costs nothing for it."""
_FIRST_SECONDS = 0.1
_SOON_SECONDS, _MANY_NEW = 0.05, 50
"""When so many processes are new since the last look, the next comes sooner."""
_USAGE_SECONDS = 1.0
_DRAIN_SECONDS = 2.0


class ConfinedRun:
    """One command under its limits, from start to the moment when nothing of it is left.

    `kept_whole`: its output is in its files from the first byte on.
    """

    def __init__(
        self,
        command: Command,
        on_output: OnOutput | None,
        on_usage: OnUsage | None,
        cancel: asyncio.Event | None,
        *,
        kept_whole: bool = False,
    ) -> None:
        self._command = command
        self._cancel = cancel
        self._on_usage = on_usage
        self._budget = OutputBudget(remaining=command.output_limit_bytes)
        self._stopped_by: StopReason | None = None
        self._began = self.last_output = time.monotonic()
        self._guard = Guard(command.limits, [root.draft_path for root in command.roots], time.time())
        self._peak_memory = 0
        self._last: Sample | None = None
        self.meter: Meter | None = None
        """There while the command runs and has been looked at."""
        self._out, self._err = (
            StreamCapture(
                name,
                kept_bytes=command.kept_bytes,
                spill=command.output_dir / f"{command.output_id}.{name}",
                budget=self._budget,
                on_output=on_output,
                kept_whole=kept_whole,
            )
            for name in ("stdout", "stderr")
        )

    async def execute(self, confinement: Confined, given: bytes | None, notes: tuple[str, ...]) -> CommandResult:
        """Runs what `confinement` was started for, with `given` on its standard input, and ends it."""
        self._began = self.last_output = time.monotonic()
        try:
            ended = await self._supervise(confinement, given)
        finally:
            await confinement.end()
        return await self._result(ended, (*notes, *confinement.remarks), time.monotonic() - self._began)

    @property
    def unfinished_line(self) -> bool:
        """Whether what it wrote last is no whole line, as a prompt is."""
        return self._out.unfinished or self._err.unfinished

    def stop(self, reason: StopReason, confinement: Confined) -> None:
        """Ends all of it at once; the first reason counts."""
        if self._stopped_by is None:
            self._stopped_by = reason
            confinement.kill()

    async def _supervise(self, confinement: Confined, given: bytes | None) -> ExitStatus:
        """Ends when every pipe is at its end: bubblewrap's first process takes all others with it."""
        process = confinement.process
        async with asyncio.TaskGroup() as group:
            if process.stdin is not None and given is not None:
                group.create_task(self._feed(process.stdin, given))
            watches = [group.create_task(self._watch(confinement)), group.create_task(self._measure(confinement))]
            if self._cancel is not None:
                watches.append(group.create_task(self._await_cancel(self._cancel, confinement)))
            group.create_task(self._pump(process.stdout, self._out, confinement))
            group.create_task(self._pump(process.stderr, self._err, confinement))
            shown: list[asyncio.Task[None]] = []
            if confinement.terminal is not None:
                shown.append(group.create_task(self._pump(await confinement.terminal.reader(), self._out, confinement)))
                if given is not None:
                    watches.append(group.create_task(self._type(confinement.terminal, given)))
            group.create_task(confinement.follow())
            ended = await process.wait()
            if shown:
                # What is left in it is there at once; one that nobody ever opened has no end.
                await asyncio.wait(shown, timeout=_DRAIN_SECONDS)
            for task in (*watches, *shown):
                task.cancel()
        return ended

    async def _pump(self, stream: asyncio.StreamReader, capture: StreamCapture, confinement: Confined) -> None:
        # A terminal ends with an error when its last user is gone.
        with contextlib.suppress(OSError):
            while chunk := await stream.read(_CHUNK):
                self.last_output = time.monotonic()
                if self._stopped_by is None:
                    await capture.feed(chunk)
                    if self._budget.struck:
                        self.stop("output", confinement)

    async def _feed(self, stdin: CommandStdin, given: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(given)
            await stdin.drain()
        stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await stdin.wait_closed()

    async def _type(self, terminal: CommandTerminal, given: bytes) -> None:
        with contextlib.suppress(OSError):
            await terminal.write(given)

    async def _watch(self, confinement: Confined) -> None:
        deadline = time.monotonic() + self._command.time_limit_seconds
        while True:
            now = time.monotonic()
            idle_end = deadline
            if self._command.idle_seconds is not None:
                idle_end = self.last_output + self._command.idle_seconds
            if now >= deadline:
                return self.stop("time", confinement)
            if now >= idle_end:
                return self.stop("idle", confinement)
            await asyncio.sleep(min(deadline, idle_end) - now)

    async def _measure(self, confinement: Confined) -> None:
        told, tasks = self._began, 1
        await asyncio.sleep(_FIRST_SECONDS)
        try:
            while True:
                sample = await asyncio.to_thread(self._look, confinement)
                now = time.monotonic()
                if sample is not None and self._on_usage is not None and now - told >= _USAGE_SECONDS:
                    told = now
                    self._on_usage(self._usage(sample, now - self._began))
                tasks, before = (sample.tasks if sample is not None else 0), tasks
                await asyncio.sleep(_SAMPLE_SECONDS if tasks < before + _MANY_NEW else _SOON_SECONDS)
        finally:
            if self.meter is not None:
                self.meter.close()

    def _look(self, confinement: Confined) -> Sample | None:
        """What is used now; ends the command when that is too much."""
        if self.meter is None:
            self.meter = confinement.meter()
        sample = self.meter.sample(self._guard.too_many) if self.meter is not None else None
        if sample is None or self.meter is None:
            return None
        if sample.cpu_seconds or self._last is None:
            self._last = sample
        self._peak_memory = max(self._peak_memory, sample.memory_bytes)
        reason = self._guard.struck(sample, self.meter.exact_memory)
        if reason is not None:
            self.stop(reason, confinement)
        return sample

    def _usage(self, sample: Sample, wall: float) -> Usage:
        return Usage(
            wall_seconds=wall,
            cpu_seconds=sample.cpu_seconds,
            memory_bytes=sample.memory_bytes,
            peak_memory_bytes=self._peak_memory,
            processes=sample.tasks,
            read_bytes=sample.read_bytes,
            written_bytes=sample.written_bytes,
        )

    async def _await_cancel(self, cancel: asyncio.Event, confinement: Confined) -> None:
        await cancel.wait()
        self.stop("cancelled", confinement)

    async def _result(self, ended: ExitStatus, notes: tuple[str, ...], wall: float) -> CommandResult:
        # bubblewrap reports a command that died of a signal as 128 + n, as shells do.
        code = ended.returncode if ended.returncode >= 0 else 128 - ended.returncode
        died_of = code - 128 if 128 < code <= 128 + signal.NSIG else None
        last = self._last
        return CommandResult(
            exit_code=None if self._stopped_by else code,
            signal=died_of,
            stopped_by=self._stopped_by,
            wall_seconds=wall,
            # What is killed together with the first process is not counted in it, but was looked at before.
            cpu_seconds=max(ended.cpu_seconds, last.cpu_seconds if last else 0),
            peak_memory_bytes=max(ended.peak_memory_bytes or 0, self._peak_memory) or None,
            read_bytes=max(ended.read_bytes or 0, last.read_bytes if last else 0),
            written_bytes=max(ended.written_bytes or 0, last.written_bytes if last else 0),
            stdout=await self._out.finish(),
            stderr=await self._err.finish(),
            notes=notes,
        )
