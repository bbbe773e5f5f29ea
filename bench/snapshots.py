"""Snapshots and drafts against plain git, in one run: `python bench/snapshots.py [--folder UNPACKED | --files N]`.

Medians of five, ours and the peer's in turns, on a copy of the folder. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from draftsmith.workspace.draft import Draft, PathInRoot
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.localsnapshots import LocalSnapshots
from draftsmith.workspace.snapshot import take_snapshot
from draftsmith.workspace.store import ObjectStore

ROUNDS = 5
FLOOR_SECONDS = 0.3
"""A snapshot after one changed file may take this long however fast the peer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comparison; times in milliseconds. `bar` is the largest ratio allowed, or `None` where there is none."""

    what: str
    ours: float
    peer: str
    theirs: float
    bar: float | None
    floor: float = 0.0

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def passed(self) -> bool:
        return self.bar is None or self.ours <= max(self.floor, self.bar * self.theirs)


class Bench:
    """The folders of one run."""

    def __init__(self, place: Path, tree: Path) -> None:
        self.place = place
        self.tree = tree
        self.number = 0
        self.repository = place / "peer.git"
        self.environment = {**os.environ, "HOME": str(place), "GIT_CONFIG_NOSYSTEM": "1"}

    def fresh(self) -> ObjectStore:
        self.number += 1
        return ObjectStore.open(self.place / f"store-{self.number}" / "s.git")

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0")
        extra = {"GIT_DIR": str(self.repository), "GIT_WORK_TREE": str(self.tree)}
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=self.tree, check=True, env={**self.environment, **extra}, capture_output=True)

    def new_repository(self) -> None:
        shutil.rmtree(self.repository, ignore_errors=True)
        subprocess.run(["git", "init", "-q", "--bare", str(self.repository)], check=True, env=self.environment)

    def change_one(self) -> Path:
        path = self.tree / "changed-by-the-benchmark.txt"
        path.write_text(str(random.random()))  # noqa: S311 - only has to differ
        return path


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    os.sync()  # what was written before is not paid for here
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000


def calling(work: Callable[..., object], *arguments: object) -> Callable[[], Awaitable[object]]:
    async def call() -> object:
        return await asyncio.to_thread(work, *arguments)

    return call


async def in_turns(ours: Callable[[], Awaitable[float]], theirs: Callable[[], Awaitable[float]]) -> tuple[float, float]:
    pairs = [(await ours(), await theirs()) for _ in range(ROUNDS)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


async def snapshots(bench: Bench) -> list[Line]:
    async def first_ours() -> float:
        store = bench.fresh()
        spent = await timed(lambda: take_snapshot(store, [bench.tree], store.path.parent / "maps"))
        shutil.rmtree(store.path.parent)
        return spent

    async def first_theirs() -> float:
        bench.new_repository()
        return await timed(calling(bench.git, "add", "-A"))

    first = await in_turns(first_ours, first_theirs)
    store = bench.fresh()
    maps = store.path.parent / "maps"
    await take_snapshot(store, [bench.tree], maps)

    async def again_ours(change: bool) -> float:
        if change:
            bench.change_one()
        return await timed(lambda: take_snapshot(store, [bench.tree], maps))

    async def again_theirs(change: bool) -> float:
        if change:
            bench.change_one()
        return await timed(calling(bench.git, "add", "-A"))

    none = await in_turns(lambda: again_ours(False), lambda: again_theirs(False))
    one = await in_turns(lambda: again_ours(True), lambda: again_theirs(True))
    floor = FLOOR_SECONDS * 1000
    return [
        Line(what="first snapshot", ours=first[0], peer="git add -A", theirs=first[1], bar=2.0),
        Line(what="snapshot, nothing changed", ours=none[0], peer="git add -A", theirs=none[1], bar=None),
        Line(what="snapshot, one file changed", ours=one[0], peer="git add -A", theirs=one[1], bar=3.0, floor=floor),
    ]


async def drafts(bench: Bench) -> list[Line]:
    store = bench.fresh()
    snapshot = await take_snapshot(store, [bench.tree], store.path.parent / "maps")
    bench.new_repository()
    bench.git("add", "-A")
    bench.git("commit", "-qm", "base")
    folder, linked = bench.place / "draft", bench.place / "linked"

    async def create_ours() -> float:
        shutil.rmtree(folder, ignore_errors=True)
        return await timed(lambda: Draft.create(store, snapshot.tree, folder))

    async def create_theirs() -> float:
        shutil.rmtree(linked, ignore_errors=True)
        bench.git("worktree", "prune")
        return await timed(calling(bench.git, "worktree", "add", "-q", "--detach", str(linked)))

    create = await in_turns(create_ours, create_theirs)
    await create_ours()
    draft = await Draft.create(store, snapshot.tree, bench.place / "small")
    path = draft.roots[0] / "changed-by-the-benchmark.txt"
    started = ProcessCount.started

    async def small_ours() -> float:
        path.write_text(str(random.random()))  # noqa: S311 - only has to differ
        return await timed(lambda: draft.checkpoint([PathInRoot(root=0, path=path.name)]))

    async def small_theirs() -> float:
        bench.change_one()
        return await timed(calling(bench.git, "add", "-A"))

    small = await in_turns(small_ours, small_theirs)
    assert ProcessCount.started == started, "a small checkpoint starts no process"
    far = bench.fresh()
    port = LocalSnapshots(store, far)

    async def send_ours() -> float:
        path.write_text(str(random.random()))  # noqa: S311 - only has to differ
        base = draft.tree
        await port.publish(base)
        checkpoint = await draft.checkpoint([PathInRoot(root=0, path=path.name)])
        return await timed(lambda: port.publish(checkpoint.tree, base=base))

    send = await in_turns(send_ours, small_theirs)
    return [
        Line(what="draft", ours=create[0], peer="git worktree add", theirs=create[1], bar=1.5),
        Line(what="checkpoint of one named file", ours=small[0], peer="git add -A", theirs=small[1], bar=1.0),
        Line(what="that checkpoint to another store", ours=send[0], peer="git add -A", theirs=send[1], bar=None),
    ]


def generate(folder: Path, files: int) -> None:
    """A made-up tree: many small files, some large, a few of them alike."""
    noise = random.Random(7)  # noqa: S311 - has to repeat, not to be secret
    words = ["".join(noise.choices("abcdefghij", k=8)) for _ in range(500)]
    for number in range(files):
        path = folder / f"package{number % 97}" / f"part{number % 7}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = noise.randrange(5, 160)
        path.write_text("\n".join(" ".join(noise.choices(words, k=6)) for _ in range(lines)))


def calibration(place: Path) -> str:
    """What this machine does per second, to read the times against."""
    start, syncs = time.perf_counter(), 0
    with (place / "sync").open("wb") as file:
        while time.perf_counter() - start < 0.5:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
            syncs += 1
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    python = time.perf_counter() - start
    block = bytearray(64 << 20)
    start = time.perf_counter()
    bytes(block)
    copied = 64 / (time.perf_counter() - start)
    return f"{syncs * 2} fsyncs/s, Python starts in {python * 1000:.0f} ms, memory copies {copied:.0f} MB/s"


async def run(folder: Path | None, files: int, as_json: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="draftsmith-bench-") as name:
        place = Path(name)
        tree = place / "project"
        if folder is not None:
            shutil.copytree(folder, tree, symlinks=True)
        else:
            generate(tree, files)
        count = sum(len(found) for _, _, found in os.walk(tree))
        bench = Bench(place, tree)
        lines = [*await snapshots(bench), *await drafts(bench)]
        facts = calibration(place)
    if as_json:
        print(json.dumps({"files": count, "machine": facts, "lines": [asdict(line) for line in lines]}))
    else:
        print(f"{count} files; {facts}; medians of {ROUNDS}")
        for line in lines:
            bar = (
                "no bar" if line.bar is None else f"bar {line.bar}" + (f" or {line.floor:.0f} ms" if line.floor else "")
            )
            verdict = "ok" if line.passed else "MISSED"
            print(
                f"{line.what:34} {line.ours:8.1f} ms   {line.peer:17} {line.theirs:8.1f} ms   "
                f"ratio {line.ratio:5.2f}   {bar:16} {verdict}"
            )
    return 0 if all(line.passed for line in lines) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="an unpacked package to measure on (it is copied)")
    parser.add_argument("--files", type=int, default=4000, help="files of the made-up tree")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    return asyncio.run(run(chosen.folder, chosen.files, chosen.json))


if __name__ == "__main__":
    sys.exit(main())
