"""How the hub, its runners and the machine are: counted as things happen, summed every few seconds, kept for an hour.

In memory only, and bounded. It measures this process and is told by runners about theirs; it decides nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import RunnerId
from draftsmith.domain.session.events import ModelCallFailed, ModelCallFinished, SessionEvent, ToolCallFinished
from draftsmith.hub.leases import Leases
from draftsmith.platform.clock import now_ms
from draftsmith.platform.usage import DiskUse, MachineUse, ProcessUse, disk_use, machine_use, own_use
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.protocol.methods.monitor import MonitorSample, RunnerLoad

log = structlog.get_logger()

INTERVAL_SECONDS = 5.0
KEPT_SAMPLES = 720
MEASURED = 2_000
"""Durations kept of one interval; of more, the first ones stand for all."""


@dataclass(slots=True)
class Interval:
    """What happened since the last sample. Durations are microseconds, those of models milliseconds."""

    events: int = 0
    calls: int = 0
    failed_calls: int = 0
    model_calls: int = 0
    failed_model_calls: int = 0
    tool_calls: int = 0
    failed_tool_calls: int = 0
    call_us: list[int] = field(default_factory=list[int])
    write_us: list[int] = field(default_factory=list[int])
    first_token_ms: list[int] = field(default_factory=list[int])
    model_ms: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class _Told:
    """A runner's last words about itself, when they came, and the rates since those before."""

    beat: wire.Heartbeat
    at: float
    cpu: int = 0
    command_cpu: int = 0
    written_bytes: int = 0
    """Not yet in a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    at: float
    own: ProcessUse
    machine: MachineUse
    disk: DiskUse


class Monitor:
    """`clients` tells how many connections there are. `run` is one long task of the hub."""

    def __init__(self, folder: Path, leases: Leases, clients: Callable[[], int]) -> None:
        self.samples: deque[MonitorSample] = deque(maxlen=KEPT_SAMPLES)
        self.machine: MachineUse | None = None
        self.disk: DiskUse | None = None
        self._folder = folder
        self._leases = leases
        self._clients = clients
        self._interval = Interval()
        self._told: dict[RunnerId, _Told] = {}

    # --- what happens ---

    def called(self, seconds: float, *, failed: bool) -> None:
        """A client's call of a method ended."""
        self._interval.calls += 1
        self._interval.failed_calls += failed
        _keep(self._interval.call_us, round(seconds * 1_000_000))

    def written(self, envelopes: Sequence[Envelope[SessionEvent]], seconds: float) -> None:
        """Events of a session are durable, which took so long."""
        now = self._interval
        now.events += len(envelopes)
        _keep(now.write_us, round(seconds * 1_000_000))
        for envelope in envelopes:
            match envelope.event:
                case ModelCallFinished(duration_ms=took, first_token_ms=first):
                    now.model_calls += 1
                    _keep(now.model_ms, took)
                    _keep(now.first_token_ms, first)
                case ModelCallFailed():
                    now.model_calls += 1
                    now.failed_model_calls += 1
                case ToolCallFinished(outcome=outcome):
                    now.tool_calls += 1
                    # What was denied or mistaken is the model's doing, and is answered by it.
                    now.failed_tool_calls += outcome in ("failed", "limit")
                case _:
                    pass

    def told(self, runner_id: RunnerId, beat: wire.Heartbeat, at: float) -> None:
        """A runner said how it is; `at` is a steady clock's."""
        before = self._told.get(runner_id)
        told = _Told(beat=beat, at=at)
        if before is not None:
            told.cpu = _share(beat.cpu_ms - before.beat.cpu_ms, at - before.at)
            told.command_cpu = _share(beat.command_cpu_ms - before.beat.command_cpu_ms, at - before.at)
            more = beat.command_written_bytes - before.beat.command_written_bytes
            told.written_bytes = before.written_bytes + max(0, more)
        self._told[runner_id] = told

    # --- what is shown ---

    def since(self, minutes: int) -> tuple[MonitorSample, ...]:
        """The samples of the last minutes, the oldest first."""
        earliest = now_ms() - minutes * 60_000
        return tuple(one for one in self.samples if one.at >= earliest)

    def runners(self) -> tuple[RunnerLoad, ...]:
        found: list[RunnerLoad] = []
        for runner_id, runner in self._leases.runners.items():
            told = self._told.get(runner_id)
            beat = wire.Heartbeat() if told is None else told.beat
            found.append(
                RunnerLoad(
                    runner_id=runner_id,
                    pid=runner.pid,
                    known=beat.memory_bytes > 0,
                    cpu=0 if told is None else told.cpu,
                    memory_bytes=beat.memory_bytes,
                    sessions=len(runner.sessions),
                    capacity=runner.capacity,
                    commands=beat.commands,
                    disk_bytes=beat.disk_bytes,
                    disk_free_bytes=beat.disk_free_bytes,
                )
            )
        return tuple(found)

    async def run(self) -> None:
        """Measures until it is cancelled."""
        before = await self._measure()
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                now = await self._measure()
            except OSError as error:
                log.warning("not_measured", error=str(error))
                continue
            self.samples.append(self._sample(before, now))
            before = now

    async def _measure(self) -> _Measured:
        loop = asyncio.get_running_loop()
        disk = await asyncio.to_thread(disk_use, self._folder)
        measured = _Measured(at=loop.time(), own=own_use(), machine=machine_use(), disk=disk)
        self.machine, self.disk = measured.machine, disk
        return measured

    def _sample(self, before: _Measured, now: _Measured) -> MonitorSample:
        interval, self._interval = self._interval, Interval()
        for gone in self._told.keys() - self._leases.runners.keys():
            del self._told[gone]
        runners = list(self._told.values())
        written = sum(one.written_bytes for one in runners)
        for one in runners:
            one.written_bytes = 0
        return MonitorSample(
            at=now_ms(),
            hub_cpu=_share(now.own.cpu_ms - before.own.cpu_ms, now.at - before.at),
            hub_memory_bytes=now.own.memory_bytes,
            runner_cpu=sum(one.cpu for one in runners),
            runner_memory_bytes=sum(one.beat.memory_bytes for one in runners),
            commands=sum(one.beat.commands for one in runners),
            command_cpu=sum(one.command_cpu for one in runners),
            command_memory_bytes=sum(one.beat.command_memory_bytes for one in runners),
            command_written_bytes=written,
            machine_cpu=_of_machine(before.machine, now.machine),
            machine_memory_bytes=now.machine.memory_used_bytes,
            disk_free_bytes=now.disk.free_bytes,
            events=interval.events,
            calls=interval.calls,
            failed_calls=interval.failed_calls,
            model_calls=interval.model_calls,
            failed_model_calls=interval.failed_model_calls,
            tool_calls=interval.tool_calls,
            failed_tool_calls=interval.failed_tool_calls,
            queue=self._leases.waiting,
            working=sum(len(runner.sessions) for runner in self._leases.runners.values()),
            clients=self._clients(),
            call_us=at_share(interval.call_us, 0.5),
            call_99_us=at_share(interval.call_us, 0.99),
            write_us=at_share(interval.write_us, 0.5),
            write_99_us=at_share(interval.write_us, 0.99),
            first_token_ms=at_share(interval.first_token_ms, 0.5),
            model_ms=at_share(interval.model_ms, 0.5),
        )


def at_share(values: Sequence[int], share: float) -> int | None:
    """The value below or at which this share of them lies (the nearest rank); None of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _keep(values: list[int], value: int) -> None:
    if len(values) < MEASURED:
        values.append(value)


def _share(cpu_ms: int, seconds: float) -> int:
    """Thousandths of one processor."""
    return round(max(0, cpu_ms) / seconds) if seconds > 0 else 0


def _of_machine(before: MachineUse, now: MachineUse) -> int:
    passed = now.all_ms - before.all_ms
    return min(1000, max(0, round((now.busy_ms - before.busy_ms) * 1000 / passed))) if passed > 0 else 0
