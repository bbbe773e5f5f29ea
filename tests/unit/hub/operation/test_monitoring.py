"""What is counted and measured is what happened."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain import histories as h

from draftsmith.domain.ids import RunnerId
from draftsmith.hub import monitoring
from draftsmith.hub.leases import ConnectedRunner, Leases
from draftsmith.hub.monitoring import KEPT_SAMPLES, Monitor, at_share
from draftsmith.platform.usage import machine_use, own_use
from draftsmith.protocol.generated import runner_pb2 as wire

WAIT_S = 20.0


def leases(*runners: str) -> Leases:
    made = Leases(lambda _session: 1)
    for number, name in enumerate(runners):
        made.join(ConnectedRunner(runner_id=RunnerId(name), pid=100 + number, capacity=8))
    return made


async def sampled(monitor: Monitor, many: int = 1) -> None:
    measuring = asyncio.create_task(monitor.run())
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                if len(monitor.samples) >= many:
                    return
                await asyncio.sleep(0.002)
    finally:
        measuring.cancel()
        await asyncio.gather(measuring, return_exceptions=True)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals as short as they get; what is in them stays the same."""
    monkeypatch.setattr(monitoring, "INTERVAL_SECONDS", 0.01)


@pytest.mark.usefixtures("quick")
async def test_a_sample_holds_what_happened_since_the_one_before(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path, leases(), lambda: 3)
    events = [
        h.envelope(one, version=version)
        for version, one in enumerate(
            [
                h.model_intended("m1"),
                h.model_finished("m1"),
                h.model_failed("m2"),
                h.tool_finished("t1"),
                h.tool_finished("t2", outcome="failed"),
                h.tool_finished("t3", outcome="denied"),
            ],
            start=1,
        )
    ]
    monitor.written(events, 0.004)
    for milliseconds in range(1, 101):
        monitor.called(milliseconds / 1000, failed=milliseconds > 97)
    await sampled(monitor, 2)
    first, second = list(monitor.samples)[:2]
    assert (first.events, first.model_calls, first.failed_model_calls) == (6, 2, 1)
    assert (first.tool_calls, first.failed_tool_calls) == (3, 1)
    assert (first.calls, first.failed_calls) == (100, 3)
    assert (first.call_us, first.call_99_us, first.write_us) == (50_000, 99_000, 4_000)
    assert first.clients == 3
    assert (second.events, second.calls, second.call_us, second.first_token_ms) == (0, 0, None, None)


@pytest.mark.usefixtures("quick")
async def test_runners_are_measured_by_what_they_tell_and_forgotten_when_they_leave(tmp_path: Path) -> None:
    held = leases("r_1", "r_2", "r_old")
    monitor = Monitor(tmp_path, held, lambda: 0)

    def tell(name: str, at: float, cpu_ms: int, command_ms: int, written: int) -> None:
        beat = wire.Heartbeat(
            cpu_ms=cpu_ms,
            memory_bytes=1_000,
            commands=2,
            command_cpu_ms=command_ms,
            command_memory_bytes=500,
            command_written_bytes=written,
        )
        monitor.told(RunnerId(name), beat, at)

    for name in ("r_1", "r_2"):
        tell(name, 10.0, 1_000, 0, 70)
        tell(name, 12.0, 2_000, 4_000, 170)
        tell(name, 14.0, 3_000, 8_000, 270)
    monitor.told(RunnerId("r_old"), wire.Heartbeat(), 14.0)
    known = {one.runner_id: (one.known, one.cpu) for one in monitor.runners()}
    assert known == {"r_1": (True, 500), "r_2": (True, 500), "r_old": (False, 0)}
    await sampled(monitor, 2)
    first, second = list(monitor.samples)[:2]
    assert (first.runner_cpu, first.runner_memory_bytes) == (1_000, 2_000)
    assert (first.commands, first.command_cpu, first.command_memory_bytes) == (4, 4_000, 1_000)
    assert (first.command_written_bytes, second.command_written_bytes) == (400, 0)
    held.leave(held.runners[RunnerId("r_1")])
    monitor.samples.clear()
    await sampled(monitor)
    assert monitor.samples[-1].runner_memory_bytes == 1_000


async def test_what_is_older_than_the_bound_is_forgotten(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path, leases(), lambda: 0)
    measured = await monitor._measure()
    for _ in range(KEPT_SAMPLES + 5):
        monitor.samples.append(monitor._sample(measured, measured))
    assert len(monitor.samples) == KEPT_SAMPLES
    old = monitor.samples[0].model_copy(update={"at": monitor.samples[0].at - 61 * 60_000})
    monitor.samples.appendleft(old)
    assert old not in monitor.since(60)


def test_processor_time_and_memory_are_this_processs_own() -> None:
    before, machine_before = own_use(), machine_use()
    kept = bytearray(b"x" * 60_000_000)
    for number in itertools.count():
        if number % 50_000 == 0 and own_use().cpu_ms - before.cpu_ms >= 50:
            break
    after, machine_after = own_use(), machine_use()
    assert after.memory_bytes - before.memory_bytes > len(kept) // 2
    assert machine_after.busy_ms > machine_before.busy_ms
    assert 0 < machine_after.memory_used_bytes < machine_after.memory_bytes


@given(st.lists(st.integers(0, 1000), min_size=1), st.sampled_from((0.5, 0.99)))
def test_a_share_of_all_lies_at_or_below_its_rank(values: list[int], share: float) -> None:
    found = cast("int", at_share(values, share))
    assert found in values
    assert sum(one <= found for one in values) >= share * len(values)
    assert sum(one < found for one in values) < share * len(values)
