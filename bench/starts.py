"""How long the command line, the hub and a first request take to be there.

The command line is held against an empty typer application with the same Python; the rest is stated without a bar.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil

from bench.method import ROUNDS, Line, in_turns
from bench.peers import peers_python
from bench.steps import LIGHT_MODEL, clean_environment, lay_out, run
from draftsmith.client.endpoint import read_endpoint
from harness.hub import running_hub
from harness.replies import script_of
from vendor.server import VendorServer, load_script

BAR_VERSION, BAR_SESSIONS = 1.3, 2.5
STOP_SECONDS = 20.0
CALLS = 10
"""Starts in each round; their median counts."""

EMPTY_APP = "import typer\n\napp = typer.Typer()\n\n\n@app.command()\ndef main() -> None:\n    pass\n\n\napp()\n"
DRAFTSMITH = Path(sys.executable).parent / "draftsmith"


def starter(command: Sequence[str], environment: dict[str, str]) -> Callable[[], Awaitable[float]]:
    """Milliseconds from starting a program to its end, the median of `CALLS`."""

    def calls() -> float:
        return statistics.median(_call(command, environment) for _ in range(CALLS))

    async def measured() -> float:
        return await asyncio.to_thread(calls)

    return measured


def _call(command: Sequence[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    spent = (time.perf_counter() - begun) * 1000
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-1000:]}")
    return spent


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        place = Path(name).resolve()
        (place / "empty.py").write_text(EMPTY_APP, encoding="utf-8")
        environment = {**clean_environment(place), "DRAFTSMITH_STATE_DIR": str(place / "state")}
        empty = starter([str(peers_python()), str(place / "empty.py")], environment)
        version = await in_turns(starter([str(DRAFTSMITH), "--version"], environment), empty)
        ready = [await _hub_ready(place / f"ready-{number}") for number in range(ROUNDS)]
        async with VendorServer([], models=("gpt-4o",)) as vendor:
            with running_hub(place / "state"):
                listed = await in_turns(starter([str(DRAFTSMITH), "sessions", "--all"], environment), empty)
                lay_out(place / "project")
                warm = [await _first_request(place, place / "state", vendor) for _ in range(ROUNDS)]
            cold = [await _cold_request(place, number, vendor) for number in range(ROUNDS)]
    return [
        _against_empty("--version", *version, bar=BAR_VERSION),
        _against_empty("sessions, hub running", *listed, bar=BAR_SESSIONS),
        Line(what="hub start to ready", unit="ms", ours=statistics.median(ready)),
        Line(what="run to first request, hub running", unit="ms", ours=statistics.median(warm)),
        Line(what="run to first request, no hub", unit="ms", ours=statistics.median(cold)),
    ]


def _against_empty(what: str, ours: float, theirs: float, ratio: float, *, bar: float) -> Line:
    return Line(what=what, unit="ms", ours=ours, peer="empty typer app", theirs=theirs, ratio=ratio, bar=bar)


async def _hub_ready(state: Path) -> float:
    """From starting the process to the answer to a client's hello."""
    begun = time.perf_counter()
    with running_hub(state) as hub:
        connection = await hub.connect("bench")
        spent = (time.perf_counter() - begun) * 1000
        await connection.close()
    return spent


async def _first_request(place: Path, state: Path, vendor: VendorServer) -> float:
    """From starting `draftsmith run` to the vendor having read the first request, which is the planner's."""
    vendor.script = load_script([*script_of("gpt-4o", {"plan": [{"begin_work": {"title": "Look"}}]})])
    first = len(vendor.requests)
    environment = {
        **clean_environment(place),
        "DRAFTSMITH_STATE_DIR": str(state),
        "DRAFTSMITH_BASE_URL": vendor.openai_url,
    }
    command = [str(DRAFTSMITH), "run", "Look at the project.", "--auto", "--model", LIGHT_MODEL]
    begun = time.perf_counter()
    await run([*command, "-w", str(place / "project")], environment, place / "project")
    return (vendor.requests[first].arrived_at - begun) * 1000


async def _cold_request(place: Path, number: int, vendor: VendorServer) -> float:
    """The same when the hub and its runner have to be started first."""
    state = place / f"cold-{number}"
    try:
        return await _first_request(place, state, vendor)
    finally:
        endpoint = read_endpoint(state)
        if endpoint is not None:
            hub = psutil.Process(endpoint.pid)
            hub.terminate()
            await asyncio.to_thread(hub.wait, STOP_SECONDS)
