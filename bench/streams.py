"""Live streams: 100 sessions of 50 appends a second, each to a socket, beside a bare `websockets` server.

Bars: p99 below 50 ms with nothing lost, processor time of the hub at most 6 times the bare server's for the same bytes,
REST p99 below 250 ms meanwhile; at saturation (p99 passes 100 ms) at least 0.4 of the bare server's rate.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench import ROOT
from bench.method import Line
from draftsmith.client.connection import HubConnection
from draftsmith.client.endpoint import Endpoint, read_endpoint
from draftsmith.client.messages import SessionRef

STREAMS, RATE, SECONDS = 100, 50.0, 6.0
ROUNDS = 3
BAR_P99_MS, BAR_CPU, BAR_REST_MS = 50.0, 6.0, 250.0
SATURATED_MS, BAR_SATURATION = 100.0, 0.4
FIRST_RATE, STEP, PHASE_SECONDS = 4 * RATE, 1.2, 2.0
REST_A_SECOND = 20
LIMITS = {"steps": 100_000, "seconds": 600_000}
START_S, WAIT_S = 60.0, 15.0


@dataclass(slots=True)
class Side:
    """One server with what feeds it and what receives from it."""

    pid: int
    feeder: Worker
    receivers: Worker
    again: bool
    """Whether the feeder begins new calls between phases."""


class Worker:
    """A process of `bench.streaming` that is told what to do and says what came of it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def tell(self, **command: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")

    async def said(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(2 * WAIT_S + PHASE_SECONDS + SECONDS):
            line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of the benchmark ended with {await self.process.wait()}")
        return json.loads(line)


@contextlib.asynccontextmanager
async def worker(module: str, *words: str) -> AsyncIterator[Worker]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"bench.streaming.{module}", *words),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    try:
        yield Worker(process)
        process.stdin.close() if process.stdin is not None else None
        async with asyncio.timeout(WAIT_S):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def bare() -> AsyncIterator[Side]:
    async with worker("bare") as server:
        port = (await server.said())["port"]
        async with worker("receivers", str(port), "/") as receivers:
            receivers.tell(greetings=[["hello"]] * STREAMS)
            await receivers.said()
            yield Side(server.process.pid, server, receivers, again=False)


@contextlib.asynccontextmanager
async def ours(place: Path) -> AsyncIterator[Side]:
    state = place / "state"
    project = place / "project"
    project.mkdir(exist_ok=True)
    (project / "calc.py").write_text("def add(a, b):\n    return a + b\n")
    hub = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "draftsmith.bootstrap.hub", "--state-dir", str(state), "--no-runner")
    )
    try:
        endpoint = await _up(state, hub)
        await _start(endpoint, project)
        async with worker("feeder", str(state), str(STREAMS)) as feeder:
            sessions = (await feeder.said())["sessions"]
            async with worker("receivers", str(endpoint.websocket_port), "/api/v1/ws") as receivers:
                receivers.tell(greetings=[greetings(endpoint, session_id) for session_id in sessions])
                await receivers.said()
                yield Side(hub.pid, feeder, receivers, again=True)
    finally:
        hub.terminate()
        await hub.wait()


def greetings(endpoint: Endpoint, session_id: str) -> list[str]:
    hello = {"token": endpoint.token, "client": "bench", "versions": [1]}
    frames = (("hello", hello), ("session/attach", {"session_id": session_id}))
    return [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        for number, (method, params) in enumerate(frames, start=1)
    ]


async def _up(state: Path, hub: asyncio.subprocess.Process) -> Endpoint:
    async with asyncio.timeout(START_S):
        while (endpoint := read_endpoint(state)) is None:
            if hub.returncode is not None:
                raise RuntimeError(f"the hub ended with {hub.returncode}")
            await asyncio.sleep(0.05)
    return endpoint


async def _start(endpoint: Endpoint, project: Path) -> None:
    connection = await HubConnection.open(endpoint, client="bench", within=START_S)
    for number in range(STREAMS):
        params = {"folders": [str(project)], "request": f"Stream {number}", "model": "x/y", "limits": LIMITS}
        await connection.call("session/start", params, SessionRef)
    await connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    p50: float
    p99: float
    worst: float
    cpu: float
    """Seconds of processor time of the server for each second."""
    lost: int
    whole: bool


async def phase(side: Side, rate: float, seconds: float) -> Measured:
    if side.again:
        side.feeder.tell(do="again")
        await side.feeder.said()
    side.receivers.tell(do="begin")
    process = psutil.Process(side.pid)
    before, begun = process.cpu_times(), time.perf_counter()
    side.feeder.tell(do="send", rate=rate, seconds=seconds)
    sent = (await side.feeder.said())["sent"]
    side.receivers.tell(do="seen", expected=sent, wait=WAIT_S)
    seen = await side.receivers.said()
    after, took = process.cpu_times(), time.perf_counter() - begun
    return Measured(
        p50=seen["p50"],
        p99=seen["p99"],
        worst=seen["worst"],
        cpu=(after.user + after.system - before.user - before.system) / took,
        lost=sent - seen["frames"],
        whole=seen["whole"],
    )


async def saturation(side: Side) -> float:
    """The highest rate of messages a second, over all streams, at which p99 stays below the limit."""
    rate, good = FIRST_RATE, 0.0
    while True:
        found = await phase(side, rate, PHASE_SECONDS)
        print(f"  {rate * STREAMS:.0f}/s: p99 {found.p99:.1f} ms, cpu {found.cpu:.2f}", file=sys.stderr)
        if found.p99 > SATURATED_MS or found.lost:
            return good
        good, rate = rate * STREAMS, rate * STEP


async def asked_meanwhile(state: Path, answers: list[float]) -> None:
    """REST at a steady pace, until it is cancelled."""
    endpoint = read_endpoint(state)
    assert endpoint is not None
    address, headers = f"http://127.0.0.1:{endpoint.websocket_port}", {"Authorization": f"Bearer {endpoint.token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=WAIT_S, trust_env=False) as client:
        while True:
            begun = time.perf_counter()
            (await client.get("/api/v1/sessions", params={"limit": 50})).raise_for_status()
            answers.append((time.perf_counter() - begun) * 1_000)
            await asyncio.sleep(1 / REST_A_SECOND)


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        place = Path(name).resolve()
        async with bare() as theirs, ours(place) as mine:
            await phase(theirs, RATE, 1.0)
            await phase(mine, RATE, 1.0)
            pairs = [(await phase(mine, RATE, SECONDS), await phase(theirs, RATE, SECONDS)) for _ in range(ROUNDS)]
            answers: list[float] = []
            asking = asyncio.create_task(asked_meanwhile(place / "state", answers))
            beside_rest = await phase(mine, RATE, SECONDS)
            asking.cancel()
            most_mine = await saturation(mine)
            most_theirs = await saturation(theirs)
    return _lines(pairs, beside_rest, sorted(answers), most_mine, most_theirs)


def _lines(
    pairs: list[tuple[Measured, Measured]], beside_rest: Measured, answers: list[float], mine: float, theirs: float
) -> list[Line]:
    peer = "bare websockets"
    lost = sum(one.lost for one, _ in pairs) + beside_rest.lost
    whole = all(one.whole for one, _ in pairs)
    p99 = statistics.median(one.p99 for one, _ in pairs)
    load = f"{STREAMS * RATE:,.0f} messages a second"
    return [
        Line(
            what=f"from the runner's gRPC to the socket, p99, {load}",
            unit="ms",
            ours=p99,
            peer=peer,
            theirs=statistics.median(other.p99 for _, other in pairs),
            ratio=p99 / BAR_P99_MS,
            bar=1.0,
            note=f"the ratio is to {BAR_P99_MS:g} ms; worst {max(one.worst for one, _ in pairs):.0f} ms",
        ),
        Line(
            what=f"processor time of the hub, {load}",
            unit="%",
            ours=100 * statistics.median(one.cpu for one, _ in pairs),
            peer=peer,
            theirs=100 * statistics.median(other.cpu for _, other in pairs),
            ratio=statistics.median(one.cpu / other.cpu for one, other in pairs),
            bar=BAR_CPU,
        ),
        Line(
            what="messages lost or out of order",
            unit="",
            ours=float(lost),
            ratio=float(lost if whole else max(lost, 1)),
            bar=0.0,
        ),
        Line(
            what="REST p99 under that load",
            unit="ms",
            ours=answers[int(len(answers) * 0.99)],
            ratio=answers[int(len(answers) * 0.99)] / BAR_REST_MS,
            bar=1.0,
            note=f"the ratio is to {BAR_REST_MS:g} ms; streams meanwhile {beside_rest.p99:.0f} ms",
        ),
        Line(
            what=f"most messages a second with p99 below {SATURATED_MS:g} ms",
            unit="/s",
            ours=mine,
            peer=peer,
            theirs=theirs,
            ratio=mine / theirs if theirs else 0.0,
            bar=BAR_SATURATION,
            more_is_better=True,
        ),
    ]
