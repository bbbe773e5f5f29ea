"""The map of a large tree, cold, warm, after one changed file, and its memory, against Aider's `RepoMap`.

Ours is timed from the outside, with the start of the index process; Aider's from the making of its `RepoMap`, without
the start of Python and its imports. Both get the same words, the same budget and the same tree under git.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.method import Line
from bench.peers import CACHE, peers_python, unpacked
from bench.peers.asking_aider import AIDER, aider_answers, forget_tags
from draftsmith.code.index.client import IndexClient, index_environment
from draftsmith.ports.code_index import CodeFolder

WORDS = "Return the supported color modes of a light"
BUDGET = 1_024
OUR_ROUNDS = 5
SAMPLE_SECONDS = 0.02
ENDING_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """`rounds` of the peer: one on the large tree takes minutes. Bars are `None` where there is none."""

    requirement: str
    changed: str
    rounds: int
    cold: float
    warm: float | None
    changed_seconds: float | None
    memory: float | None


TREES = (
    Tree(
        requirement="homeassistant==2024.3.3",
        changed="homeassistant/helpers/entity.py",
        rounds=1,
        cold=8,
        warm=100,
        changed_seconds=0.2,
        memory=0.1,
    ),
    Tree(
        requirement="Django==5.2.19",
        changed="django/db/models/query.py",
        rounds=5,
        cold=4,
        warm=None,
        changed_seconds=None,
        memory=None,
    ),
)


@dataclass(slots=True, kw_only=True)
class Times:
    """Seconds, and bytes at the most."""

    cold: float
    warm: float
    changed: float
    peak: int


async def measure() -> list[Line]:
    peers_python(AIDER)
    lines: list[Line] = []
    for tree in TREES:
        root = under_git(tree.requirement)
        ours, theirs = [await _ours(root, tree)], list[Times]()
        for number in range(max(OUR_ROUNDS, tree.rounds)):
            if number < tree.rounds:
                theirs.append(await asyncio.to_thread(_theirs, root, tree))
            if number:
                ours.append(await _ours(root, tree))
        lines += _lines(tree, _median(ours), _median(theirs), len(theirs))
    return lines


def under_git(requirement: str) -> Path:
    """A copy of the unpacked wheel, committed to a repository of its own."""
    root = CACHE / "trees" / requirement
    if root.exists():
        return root
    part = root.with_name(f"{root.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(unpacked(requirement), part)
    commit_all(part)
    part.rename(root)
    return root


def commit_all(root: Path) -> None:
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "tree")):
        subprocess.run(["git", *identity, *command], cwd=root, check=True, capture_output=True)


def _median(found: list[Times]) -> Times:
    return Times(
        cold=statistics.median(one.cold for one in found),
        warm=statistics.median(one.warm for one in found),
        changed=statistics.median(one.changed for one in found),
        peak=int(statistics.median(one.peak for one in found)),
    )


def _lines(tree: Tree, ours: Times, theirs: Times, rounds: int) -> list[Line]:
    name, peer = tree.requirement.partition("==")[0], "Aider"
    note = "" if rounds > 1 else "one round of the peer"
    mb = 1 << 20

    def faster(what: str, mine: float, other: float, bar: float | None) -> Line:
        return Line(
            what=f"map of {name}, {what}",
            unit="s",
            ours=mine,
            peer=peer,
            theirs=other,
            ratio=other / mine,
            bar=bar,
            more_is_better=True,
            note=note,
        )

    return [
        faster("cold", ours.cold, theirs.cold, tree.cold),
        faster("warm after a restart", ours.warm, theirs.warm, tree.warm),
        Line(
            what=f"map of {name}, one changed file",
            unit="s",
            ours=ours.changed,
            peer=peer,
            theirs=theirs.changed,
            ratio=ours.changed / theirs.changed,
            bar=None if tree.changed_seconds is None else 0.0,
            floor=tree.changed_seconds,
            note=note,
        ),
        Line(
            what=f"map of {name}, peak memory",
            unit="MB",
            ours=ours.peak / mb,
            peer=peer,
            theirs=theirs.peak / mb,
            ratio=ours.peak / theirs.peak,
            bar=tree.memory,
            note=note,
        ),
    ]


async def _ours(root: Path, tree: Tree) -> Times:
    folder = CACHE / "index"
    await asyncio.to_thread(shutil.rmtree, folder, True)
    async with using_index(folder) as index, sampled(folder) as peak:
        cold = await _timed(index, root)
    async with using_index(folder) as index:
        warm = await _timed(index, root)
        changing = root / tree.changed
        before = changing.read_bytes()
        try:
            changing.write_bytes(before + b"\n\ndef changed_by_the_benchmark():\n    pass\n")
            changed = await _timed(index, root)
        finally:
            changing.write_bytes(before)
    return Times(cold=cold, warm=warm, changed=changed, peak=peak[0])


async def _timed(index: IndexClient, root: Path) -> float:
    begun = time.perf_counter()
    found = await index.map([CodeFolder(name=root.name, path=str(root))], words=WORDS, budget=BUDGET)
    seconds = time.perf_counter() - begun
    if not found.text:
        raise RuntimeError(f"The map of {root} is empty.")
    return seconds


@contextlib.asynccontextmanager
async def using_index(folder: Path) -> AsyncIterator[IndexClient]:
    """A client of an index process of its own, which has ended when the block has."""
    index = IndexClient(folder, index_environment())
    try:
        yield index
    finally:
        await index.close()
        async with asyncio.timeout(ENDING_SECONDS):
            while index_processes(folder):  # noqa: ASYNC110  another process: there is no event
                await asyncio.sleep(0.05)


def index_processes(folder: Path) -> list[psutil.Process]:
    """The index process of a folder with its workers."""
    found: list[psutil.Process] = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            line = process.cmdline()
            if "draftsmith.bootstrap.index" in line and str(folder) in line:
                found += [process, *process.children()]
    return found


@contextlib.asynccontextmanager
async def sampled(folder: Path) -> AsyncIterator[list[int]]:
    """The largest sum of the processes' resident memory; pages that they share count for each."""
    peak = [0]
    ended = asyncio.Event()

    async def watch() -> None:
        while not ended.is_set():
            total = 0
            for process in index_processes(folder):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_info().rss
            peak[0] = max(peak[0], total)
            await asyncio.sleep(SAMPLE_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        yield peak
    finally:
        ended.set()
        await watching


def _theirs(root: Path, tree: Tree) -> Times:
    forget_tags(root)
    request = {"words": WORDS, "budgets": [BUDGET]}
    cold = aider_answers(root, [request])[0]
    changing = root / tree.changed
    before = changing.read_bytes()
    try:
        addition = before.decode() + "\n\ndef changed_by_the_benchmark():\n    pass\n"
        change = {"path": str(changing), "text": addition}
        warm, changed = aider_answers(root, [request, {**request, "change": change}])
    finally:
        changing.write_bytes(before)
        forget_tags(root)
    peak = max(int(one["peak"]) for one in (cold, warm, changed))
    return Times(cold=float(cold["seconds"]), warm=float(warm["seconds"]), changed=float(changed["seconds"]), peak=peak)


if __name__ == "__main__":
    print(json.dumps([line.as_json() for line in asyncio.run(measure())], indent=1))
