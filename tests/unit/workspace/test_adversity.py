"""Full disks, folders that cannot be written, callers that leave: a clear answer and nothing half done."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace import offload
from draftsmith.workspace.draft import Draft, PathInRoot
from draftsmith.workspace.git import run_git
from draftsmith.workspace.offload import Stop, Stopped, in_thread
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.snapshot import take_snapshot
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, names, snap
from .one_go import apply_hunks
from .test_snapshot import as_nobody, digest_of_folder

FULL_DISK = """
import asyncio, os, sys
from pathlib import Path
from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.apply import carry_out, outcomes_after, plan_hunks
from draftsmith.workspace.draft import Draft
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.snapshot import take_snapshot
from draftsmith.workspace.store import ObjectStore

big, small = Path(sys.argv[1]), Path(sys.argv[2])

async def refused(what, work, *left):
    try:
        await work
    except AdapterError as failure:
        print(what, failure.code, *(path.exists() for path in left))
    else:
        print(what, "went through")

async def apply_hunks(store, roots, changes, ids):
    plan = await plan_hunks(store, roots, changes, ids)
    return outcomes_after(plan, await carry_out(store, roots, plan))

async def main():
    fat = big / "fat"
    fat.mkdir()
    for number in range(40):
        (fat / str(number)).write_bytes(os.urandom(100_000))
    store = ObjectStore.open(small / "s.git")
    await refused("snapshot", take_snapshot(store, [fat], small / "maps"))
    print("left over", sum(1 for path in (small / "s.git/objects/pack").iterdir()))
    roomy = ObjectStore.open(big / "s.git")
    snapshot = await take_snapshot(roomy, [fat], big / "maps")
    await refused("draft", Draft.create(roomy, snapshot.tree, small / "draft"), small / "draft")
    root = small / "project"
    root.mkdir()
    (root / "f").write_bytes(b"before")
    base = (await take_snapshot(roomy, [root], big / "maps")).tree
    other = big / "other"
    other.mkdir()
    (other / "f").write_bytes(os.urandom(700_000))
    changes = await propose(roomy, base, (await take_snapshot(roomy, [other], big / "maps")).tree)
    with (small / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    ids = [hunk.hunk_id for change in changes for hunk in change.hunks]
    await refused("apply", apply_hunks(roomy, [root], changes, ids))
    print("user's file", (root / "f").read_bytes().decode(), sorted(os.listdir(root)))
    os.unlink(small / "filler")
    result = await apply_hunks(roomy, [root], changes, ids)
    print("afterwards", result[0].state, len((root / "f").read_bytes()))

asyncio.run(main())
"""


def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path, home: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    script = f"mount -t tmpfs -o size=1m tmpfs {small} && exec {sys.executable} - {tmp_path} {small}"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script], input=FULL_DISK, capture_output=True, text=True, timeout=100
    )
    assert done.stdout.splitlines() == [
        "snapshot disk_full",
        "left over 0",
        "draft disk_full False",
        "apply disk_full",
        "user's file before ['f']",
        "afterwards applied 700000",
    ], done.stderr


async def test_a_folder_that_may_not_be_written_refuses_the_hunk(store: ObjectStore, tmp_path: Path) -> None:
    root, draft = tmp_path / "project", tmp_path / "draft"
    fill(root, {"f": "a\n"})
    fill(draft, {"f": "b\n", "g": "new\n"})
    changes = await propose(store, (await snap(store, root)).tree, (await snap(store, draft)).tree)
    ids = [hunk.hunk_id for one in changes for hunk in one.hunks]
    root.chmod(0o555)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)
    for path in (store.path, *store.path.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    before = digest_of_folder(root)
    with as_nobody():
        result = await apply_hunks(ObjectStore.open(store.path), [root], changes, ids)
    assert {(one.state, "ermi" in one.reason) for one in result.hunks} == {("refused", True)}
    assert digest_of_folder(root) == before
    root.chmod(0o755)


async def test_a_cancelled_snapshot_stops_and_keeps_nothing(store: ObjectStore, root: Path) -> None:
    fill(root, {f"{number}": os.urandom(200_000) for number in range(150)})
    task = asyncio.create_task(snap(store, root))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    give_up = time.monotonic() + 20
    while any(thread.name.startswith("capture") for thread in threading.enumerate()):
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)
    assert len(names(store, (await snap(store, root)).tree)) == 150


async def test_work_past_its_time_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offload, "DEFAULT_TIMEOUT", 0.05)
    stopped = threading.Event()

    def endless(stop: Stop) -> None:
        try:
            while True:
                stop.check()
                time.sleep(0.005)
        except Stopped:
            stopped.set()
            raise

    with pytest.raises(AdapterError) as caught:
        await in_thread(endless)
    assert caught.value.code == "workspace_timeout"
    assert await asyncio.to_thread(stopped.wait, 5)


def test_a_git_that_hangs_is_ended(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 1000\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(AdapterError) as caught:
        run_git(store.path, ["version"], stop=Stop(), timeout=0.3)
    assert caught.value.code == "git_timeout"
    stop = Stop()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Stopped):
        run_git(store.path, ["version"], stop=stop)


def test_a_git_that_fails_is_quoted(store: ObjectStore) -> None:
    with pytest.raises(AdapterError) as caught:
        run_git(store.path, ["no-such-command"], stop=Stop())
    assert caught.value.code == "git_failed"
    assert "no-such-command" in caught.value.message


async def test_two_snapshots_at_once_agree(store: ObjectStore, root: Path) -> None:
    fill(root, {f"d{number % 9}/{number}": str(number) for number in range(400)})
    several = await asyncio.gather(*(snap(ObjectStore.open(store.path), root) for _ in range(4)))
    assert len({one.tree for one in several}) == 1
    fill(root, {"new": "n"})
    assert "new" in names(store, (await snap(store, root)).tree)


async def test_a_store_that_was_thrown_away_is_made_anew(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "a", "b/c": "c"})
    first = await snap(store, root)
    maps = store.path.parent / "maps"
    shutil.rmtree(store.path)
    again = ObjectStore.open(store.path)
    second = await take_snapshot(again, [root], maps)
    assert second.tree == first.tree
    assert names(again, second.tree) == {"a", "b/c"}


async def test_collected_snapshots_do_not_poison_later_ones(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "a", "b/c": "c"})
    await snap(store, root)
    for holder in list(store.pinned()):
        store.release(holder)
    store.collect(Stop())
    fill(root, {"a": "changed"})
    assert names(store, (await snap(store, root)).tree) == {"a", "b/c"}


async def test_pins_do_not_pile_up_over_many_snapshots(store: ObjectStore, root: Path) -> None:
    for number in range(12):
        fill(root, {"a": str(number)})
        await snap(store, root)
    assert {holder.split("-")[0]: len(trees) for holder, trees in store.pinned().items()} == {"scan": 1, "recent": 12}


async def test_a_checkpoint_that_fails_is_made_up_for_by_the_next(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"a": "a", "b": "b"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    fill(draft.roots[0], {"a": "changed", "c/d": "new"})
    (draft.roots[0] / "b").unlink()
    packs, away = store.path / "objects" / "pack", tmp_path / "away"
    for touched in (None, [PathInRoot(root=0, path=path) for path in ("a", "b", "c/d")]):
        packs.rename(away)
        with pytest.raises(AdapterError) as caught:
            await draft.checkpoint(touched)
        assert caught.value.code == "disk_failed"
        away.rename(packs)
    checkpoint = await draft.checkpoint()
    assert checkpoint.changed == 3
    assert names(store, checkpoint.tree) == {"a", "c/d"}
