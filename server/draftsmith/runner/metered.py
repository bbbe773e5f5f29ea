"""A sandbox whose commands are counted: how many run, and what they use together. All else is the sandbox's own.

Adapters tell what a command uses about once a second; what ended sooner is counted from its result.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

from draftsmith.ports.sandbox import (
    Command,
    CommandResult,
    MountedRoot,
    OnOutput,
    OnUsage,
    RunningCommand,
    Sandbox,
    SandboxProbe,
    Usage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsUse:
    """`commands` and `memory_bytes` are of those that run now, the others sums since the start."""

    commands: int
    memory_bytes: int
    cpu_ms: int
    written_bytes: int


@dataclass(slots=True)
class _Command:
    used: Usage
    running: RunningCommand | None = None


class MeteredSandbox:
    """See the port `Sandbox`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._open: dict[int, _Command] = {}
        self._numbers = itertools.count()
        self._cpu_ms = 0
        self._written = 0

    def use(self) -> CommandsUse:
        """Now. Commands that were started and have ended since are put to the sums."""
        for number, one in list(self._open.items()):
            if one.running is not None and one.running.result is not None:
                self._ended(number, one.running.result)
        used = [one.used for one in self._open.values()]
        return CommandsUse(
            commands=len(used),
            memory_bytes=sum(one.memory_bytes or 0 for one in used),
            cpu_ms=self._cpu_ms + round(sum(one.cpu_seconds for one in used) * 1000),
            written_bytes=self._written + sum(one.written_bytes or 0 for one in used),
        )

    @property
    def confines(self) -> bool:
        return self._sandbox.confines

    async def probe(self) -> SandboxProbe:
        return await self._sandbox.probe()

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """See the port."""
        number = next(self._numbers)
        result: CommandResult | None = None
        try:
            result = await self._sandbox.run(
                command, on_output=on_output, on_usage=self._hears(number, on_usage), cancel=cancel
            )
            return result
        finally:
            self._ended(number, result)

    async def start(
        self,
        command: Command,
        *,
        keep_input_open: bool = False,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
    ) -> RunningCommand:
        """See the port."""
        number = next(self._numbers)
        running = await self._sandbox.start(
            command,
            keep_input_open=keep_input_open,
            on_output=on_output,
            on_usage=self._hears(number, on_usage),
        )
        known = self._open.setdefault(number, _Command(used=Usage(wall_seconds=0, cpu_seconds=0)))
        known.running = running
        return running

    def running(self, roots: tuple[MountedRoot, ...]) -> tuple[RunningCommand, ...]:
        return self._sandbox.running(roots)

    async def end(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        await self._sandbox.end(roots)

    async def clear_leftovers(self) -> int:
        return await self._sandbox.clear_leftovers()

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        self._sandbox.stand_by(roots)

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        await self._sandbox.stand_down(roots)

    def _hears(self, number: int, told: OnUsage | None) -> OnUsage:
        def hear(used: Usage) -> None:
            known = self._open.get(number)
            if known is None:
                self._open[number] = _Command(used=used)
            else:
                known.used = used
            if told is not None:
                told(used)

        return hear

    def _ended(self, number: int, result: CommandResult | None) -> None:
        known = self._open.pop(number, None)
        cpu = result.cpu_seconds if result is not None else known.used.cpu_seconds if known is not None else 0.0
        written = result.written_bytes if result is not None else known.used.written_bytes if known is not None else 0
        self._cpu_ms += round(cpu * 1000)
        self._written += written or 0
