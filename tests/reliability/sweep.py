"""Which points are tried, several at once, and the table of what came of each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from reliability.crash import START_SECONDS, TESTS, Crash, Ending
from reliability.judging import defects
from reliability.killing import Kill, Passed, Victim

AT_ONCE = 3
TABLES = Path(__file__).parents[2] / ".cache" / "crash"

HUBS = ("commit.before", "commit.after", "apply.begun", "apply.file", "apply.prepared", "apply.written")
EFFECTS = ("model.answering", "command.running", "command.ended", "edit.done")
PLACES: dict[Victim, tuple[str, ...]] = {
    "runner": ("send.before", "send.after", "commit.after", *EFFECTS),
    "hub": (*HUBS, *EFFECTS),
    "both": (*HUBS, *EFFECTS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    kills: tuple[Kill, ...]
    during: str
    ending: Ending | None
    defects: list[str]

    def row(self) -> str:
        point = ", then ".join(f"{kill.place} {kill.nth}" for kill in self.kills)
        if self.ending is None:
            return f"{point:<22} {'':<27} STUCK   {self.during}"
        counts = f"{len(self.ending.events):>3} events {self.ending.requests:>2} asked {self.ending.seconds:>5.1f} s"
        return f"{point:<22} {counts}  {'same' if not self.defects else 'DIFFERS'}  {self.during[:110]}"


def points(victim: Victim, passed: Sequence[Passed]) -> list[tuple[Kill, ...]]:
    """Every time that the victim's places were come by in a session that nobody killed."""
    joined = next(one.nth for one in passed if one.place == "commit.after" and one.doing == "session_taken_up")
    return [
        (Kill(place=one.place, nth=one.nth, victim=victim),)
        for one in passed
        if one.place in PLACES[victim] and not (victim == "runner" and one.place == "commit.after" and one.nth < joined)
    ]


async def undisturbed(folder: Path) -> Ending:
    """The session that nobody kills, with the places that it comes by."""
    async with a_nursery(folder) as nursery:
        place = folder / "undisturbed"
        place.mkdir()
        return await Crash(place, nursery=nursery, trace=True).run()


async def sweep(
    name: str,
    folder: Path,
    tries: Sequence[tuple[Kill, ...]],
    reference: Ending,
    make: Callable[[Path, tuple[Kill, ...], str], Crash],
    *,
    modules: tuple[str, ...] = (),
) -> list[Tried]:
    """Tries all points, writes the table `name`, and returns those that did not end as they should."""
    begun = time.monotonic()
    slots = asyncio.Semaphore(AT_ONCE)
    async with a_nursery(folder, *modules) as nursery:

        async def one(number: int, kills: tuple[Kill, ...]) -> Tried:
            async with slots:
                place = folder / str(number)
                place.mkdir()
                try:
                    return await _tried(make(place, kills, nursery), kills, reference)
                finally:
                    await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

        tried = await asyncio.gather(*(one(number, kills) for number, kills in enumerate(tries)))
    write_table(name, tried, time.monotonic() - begun)
    return [one for one in tried if one.defects]


async def _tried(crash: Crash, kills: tuple[Kill, ...], reference: Ending) -> Tried:
    try:
        ending = await crash.run()
    except Exception as stuck:  # whatever it is, it belongs to this point, and the others are tried all the same
        return Tried(
            kills=kills, during=str(stuck).split("\n", 1)[0], ending=None, defects=[f"{type(stuck).__name__}: {stuck}"]
        )
    return Tried(
        kills=kills, during="; ".join(ending.struck), ending=ending, defects=defects(ending, reference, len(kills))
    )


@contextlib.asynccontextmanager
async def a_nursery(folder: Path, *modules: str) -> AsyncIterator[str]:
    """The address of a nursery that lives as long as the block; it must have no children left then."""
    address = str(folder / "nursery.sock")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "reliability.nursery",
        address,
        *modules,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            assert await process.stdout.readline() == b"ready\n"
        yield address
        left = await _remaining(psutil.Process(process.pid))
        assert not left, f"processes left behind: {left}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _remaining(nursery: psutil.Process) -> list[list[str]]:
    """What does not end by itself. Every session of the block went on to its end, so that a runner has started after
    each kill and ended what the killed one left; what is still ending may take its time."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while _living(nursery):  # noqa: ASYNC110  other processes set no event of ours
                await asyncio.sleep(0.05)
    except TimeoutError:
        pass
    return _living(nursery)


def _living(nursery: psutil.Process) -> list[list[str]]:
    """The command lines of its descendants; one that has ended and was not waited for yet is none."""
    found: list[list[str]] = []
    for child in nursery.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one of these
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(child.cmdline())
    return found


def write_table(name: str, tried: Sequence[Tried], seconds: float) -> None:
    """One line for each point; `pytest` prints the heads, the rest is in the file."""
    bad = sum(1 for one in tried if one.defects)
    TABLES.mkdir(parents=True, exist_ok=True)
    head = f"{name}: {len(tried)} points, {len(tried) - bad} ended the same, {bad} did not, {seconds:.0f} s"
    rows = [one.row() for one in tried]
    (TABLES / f"{name}.txt").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def report(bad: Sequence[Tried]) -> str:
    """What a failed test says."""
    return "\n\n".join(
        f"{', then '.join(map(str, one.kills))} ({one.during})\n  " + "\n  ".join(one.defects) for one in bad[:8]
    )
