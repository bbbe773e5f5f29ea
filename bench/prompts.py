"""How much of each prompt is an unchanged beginning of the one before, which is what vendors' caches can hold, over a
session of sixty steps; and the memory of a runner after a thousand calls."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import psutil

from bench.memory import SETTLED_SECONDS, START_SECONDS, megabytes
from bench.method import Line
from bench.steps import lay_out
from e2e.hubs import RunningHub, Talk, children, running
from harness.prompts import share_of_same_beginning
from harness.replies import script_of
from vendor.server import VendorServer, load_script

STEPS = 60
BAR = 0.95
WINDOW = 24_000
CALLS = 1_000
CALLS_A_SESSION = 100


def script(steps: int) -> list[object]:
    reads = [{"say": f"Step {step}.", "read": {"path": f"package{step % 10}/module{step}.py"}} for step in range(steps)]
    digest = {"when": {"system": "You shorten the notes"}, "text": "Learnt: the modules hold numbers.", "times": 0}
    return [digest, *script_of("m", {"code": [*reads, {"finish": {"summary": "Read them."}}]})]


async def session(talk: Talk, vendor: VendorServer, folder: Path, steps: int) -> int:
    """Runs one session to its proposal; the number of its first request."""
    first = len(vendor.requests)
    vendor.script = load_script(script(steps))  # pyright: ignore[reportArgumentType] (mappings, checked there)
    session_id = await talk.start(folder, model="")
    await talk.until(session_id, "proposed", "finished")
    return first


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        place = Path(name).resolve()
        lay_out(place / "project")
        async with VendorServer([], models=("m",)) as vendor:
            with running(place / "state") as hub:
                async with hub.connected() as talk:
                    await talk.call("models/endpoint", {"name": "own", "base_url": vendor.openai_url, "models": ["m"]})
                    await _connected(talk)
                    idle = megabytes(_runner(hub))
                    whole = await _prefix(talk, vendor, place / "project")
                    await _window(talk, WINDOW)
                    small = await _prefix(talk, vendor, place / "project")
                    await _window(talk, 200_000)
                    for _ in range(CALLS // CALLS_A_SESSION):
                        await session(talk, vendor, place / "project", CALLS_A_SESSION)
                    after = megabytes(_runner(hub))
    what = f"prompt bytes unchanged over {STEPS} steps"
    return [
        _share(what, *whole),
        _share(f"{what}, window of {WINDOW:,} tokens", *small),
        Line(
            what=f"memory of the runner after {CALLS:,} calls",
            unit="MB",
            ours=after,
            peer="the same runner, idle",
            theirs=idle,
            ratio=after / idle,
        ),
    ]


async def _connected(talk: Talk) -> None:
    """Returns when the runner is there and has been idle for a while."""
    async with asyncio.timeout(START_SECONDS):
        while not (await talk.call("hub/status", {}))["runners"]:  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLED_SECONDS)


async def _prefix(talk: Talk, vendor: VendorServer, folder: Path) -> tuple[float, int]:
    first = await session(talk, vendor, folder, STEPS)
    mine = [one for one in vendor.requests[first:] if one.asked is not None and "finish" in one.asked.tools]
    return share_of_same_beginning(mine)


async def _window(talk: Talk, tokens: int) -> None:
    await talk.call("models/facts", {"model": "openai_compatible/m", "facts": {"context_window": tokens}})


def _share(what: str, share: float, shortened: int) -> Line:
    note = f"{shortened} times shortened, not counted" if shortened else ""
    return Line(what=what, unit="", ours=share, ratio=share, bar=BAR, more_is_better=True, note=note)


def _runner(hub: RunningHub) -> psutil.Process:
    found = [psutil.Process(pid) for pid in children(hub.process.pid)]
    return next(one for one in found if "draftsmith.bootstrap.runner" in one.cmdline())
