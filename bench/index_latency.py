"""Whether the hub answers while the index reads a large tree for the first time: `hub/status`, idle and meanwhile."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bench.maps import under_git
from bench.method import Line
from draftsmith.client.connection import HubConnection
from draftsmith.client.messages import MapParams, MapResult, StatusParams, StatusResult
from harness.hub import running_hub

TREE = "homeassistant==2024.3.3"
PAUSE_SECONDS = 0.02
IDLE_CALLS = 200
BAR_MS = 50.0
"""What a person takes for immediate, with room to spare."""


async def measure() -> list[Line]:
    root = await asyncio.to_thread(under_git, TREE)
    with tempfile.TemporaryDirectory() as name, running_hub(Path(name)) as hub:
        asking, watching = await hub.connect("cli"), await hub.connect("cli")
        try:
            idle = [await _once(watching) for _ in range(IDLE_CALLS)]
            reading = asyncio.create_task(
                asking.call("code/map", MapParams(folders=[str(root)], words="light"), MapResult)
            )
            busy: list[float] = []
            while not reading.done():
                busy.append(await _once(watching))
            await reading
        finally:
            await asking.close()
            await watching.close()
    return [
        _line("half of the calls", statistics.median(busy), statistics.median(idle), None),
        _line("19 of 20 calls", _most(busy), _most(idle), BAR_MS),
    ]


def _most(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


def _line(what: str, busy: float, idle: float, floor: float | None) -> Line:
    return Line(
        what=f"hub answers within, {what}, while a tree is read",
        unit="ms",
        ours=busy * 1000,
        peer="idle hub",
        theirs=idle * 1000,
        ratio=busy / idle,
        bar=None if floor is None else 2.0,
        floor=floor,
    )


async def _once(connection: HubConnection) -> float:
    begun = time.perf_counter()
    await connection.call("hub/status", StatusParams(), StatusResult)
    seconds = time.perf_counter() - begun
    await asyncio.sleep(PAUSE_SECONDS)
    return seconds
