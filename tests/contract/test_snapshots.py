"""The `Snapshots` port: what every adapter does, and what no stream may do to the receiver."""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.ports.snapshots import Snapshots
from draftsmith.workspace import transfer
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.localsnapshots import LocalSnapshots
from draftsmith.workspace.manifest import RootManifest, encode_manifest
from draftsmith.workspace.objects import BLOB, FILE, FOLDER, TREE, Entry, encode_tree, object_id
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.snapshot import compose, open_snapshot, take_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.transfer import IngestBounds, export, ingest
from draftsmith.workspace.trees import every_file


@pytest.fixture
def near(tmp_path: Path) -> ObjectStore:
    return ObjectStore.open(tmp_path / "near.git")


@pytest.fixture
def far(tmp_path: Path) -> ObjectStore:
    return ObjectStore.open(tmp_path / "far.git")


@pytest.fixture
def port(near: ObjectStore, far: ObjectStore) -> Snapshots:
    return LocalSnapshots(near, far)


async def taken(store: ObjectStore, tmp_path: Path, files: dict[str, bytes]) -> str:
    root = tmp_path / "project"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return (await take_snapshot(store, [root], tmp_path / "maps")).tree


def whole(store: ObjectStore, tree: str) -> dict[bytes, bytes]:
    return {path: store.read_blob(entry.oid) for path, entry in every_file(store, bytes.fromhex(tree)).items()}


FILES = {"a": b"a", "dir/b": b"\0binary", "dir/deep/c": b"c" * 100_000, "empty": b"", "twice": b"a"}


async def test_what_is_published_is_there_and_equal(
    port: Snapshots, near: ObjectStore, far: ObjectStore, tmp_path: Path
) -> None:
    tree = await taken(near, tmp_path, FILES)
    assert not await port.has(tree)
    await port.publish(tree)
    assert await port.has(tree)
    assert whole(far, tree) == whole(near, tree)
    assert open_snapshot(far, tree) == open_snapshot(near, tree)
    await port.publish(tree)


async def test_what_is_fetched_is_there_and_equal(
    port: Snapshots, near: ObjectStore, far: ObjectStore, tmp_path: Path
) -> None:
    tree = await taken(far, tmp_path, FILES)
    await port.fetch(tree)
    assert whole(near, tree) == whole(far, tree)
    assert tree in near.pinned()["recent"]


async def test_an_unknown_snapshot_is_told(port: Snapshots) -> None:
    for move in (port.fetch, port.publish):
        with pytest.raises(AdapterError) as caught:
            await move("1" * 40)
        assert caught.value.code == "object_missing"


async def test_only_what_differs_from_the_base_travels_and_no_process_starts(
    port: Snapshots, near: ObjectStore, far: ObjectStore, tmp_path: Path
) -> None:
    base = await taken(near, tmp_path, {f"d{number}/f": os.urandom(20_000) for number in range(50)})
    await port.publish(base)
    tree = await taken(near, tmp_path, {"d7/f": b"changed"})
    before = ProcessCount.started
    sent = b"".join([chunk async for chunk in export(near, tree, base=base)])
    assert len(sent) < 5_000
    await port.publish(tree, base=base)
    assert ProcessCount.started == before
    assert whole(far, tree) == whole(near, tree)


async def test_a_base_the_other_side_lacks_is_no_harm(
    port: Snapshots, near: ObjectStore, far: ObjectStore, tmp_path: Path
) -> None:
    base = await taken(near, tmp_path, FILES)
    tree = await taken(near, tmp_path, {"a": b"changed"})
    await port.publish(tree, base=base)
    assert whole(far, tree) == whole(near, tree)


async def test_objects_that_git_keeps_as_deltas_travel_too(
    port: Snapshots, near: ObjectStore, far: ObjectStore, tmp_path: Path
) -> None:
    text = b"".join(b"%d of a longer line\n" % (number * 7919) for number in range(3000))
    trees = [await taken(near, tmp_path, {"f": text + b"%d" % number}) for number in range(8)]
    near.release("nobody", "0" * 40)
    near.collect(Stop())
    for tree in trees:
        await port.publish(tree)
        assert whole(far, tree) == whole(near, tree)


# What a hostile sender may try

MAGIC = b"DSOBJ001"


def frame(kind: int, content: bytes, oid: bytes | None = None, size: int | None = None) -> bytes:
    packed = zlib.compress(content)
    name = object_id(kind, content) if oid is None and kind in (BLOB, TREE) else oid or bytes(20)
    return struct.pack(">B20sQQ", kind, name, len(content) if size is None else size, len(packed)) + packed


def end(tree: bytes, count: int) -> bytes:
    return struct.pack(">B20sQQ", 0, tree, count, 0)


def manifest() -> bytes:
    return encode_manifest([RootManifest(name="x")])


def snapshot_of(below: bytes) -> list[bytes]:
    """The frames of a snapshot whose first root is the tree `below`, which is sent before."""
    numbered = encode_tree({b"0": Entry(FOLDER, object_id(TREE, below))})
    top = encode_tree(
        {
            b"manifest.json": Entry(FILE, object_id(BLOB, manifest())),
            b"roots": Entry(FOLDER, object_id(TREE, numbered)),
        }
    )
    return [frame(BLOB, manifest()), frame(TREE, numbered), frame(TREE, top), end(object_id(TREE, top), 0)]


def raw_tree(mode: bytes, name: bytes, oid: bytes) -> bytes:
    return mode + b" " + name + b"\0" + oid


def stream_with(below: bytes, *before: bytes) -> tuple[list[bytes], str]:
    *frames, _ = [MAGIC, *before, frame(TREE, below), *snapshot_of(below)]
    tree = frames[-1][1:21]
    return [*frames, end(tree, len(frames) - 1)], tree.hex()


async def chunks(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def refused(store: ObjectStore, parts: list[bytes], expect: str, **bounds: int) -> str:
    size = store.size()
    with pytest.raises(AdapterError) as caught:
        await ingest(store, chunks(parts), expect=expect, bounds=IngestBounds(**bounds))
    assert caught.value.code == "bad_object"
    assert store.size() == size, "nothing of it is kept"
    assert store.pinned() == {}
    return caught.value.message


BLOB_X = object_id(BLOB, b"x")


async def test_a_stream_made_by_hand_is_taken_when_it_is_right(near: ObjectStore) -> None:
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"x"))
    await ingest(near, chunks(parts), expect=tree)
    assert whole(near, tree)[b"roots/0/f"] == b"x"
    again = ObjectStore.open(near.path.parent / "bytewise.git")
    await ingest(again, chunks([bytes([byte]) for byte in b"".join(parts)]), expect=tree)
    assert whole(again, tree) == whole(near, tree)


@pytest.mark.parametrize("name", [b".git", b".GIT", b"git~1", b"..", b".", b"", b"a/b", b"/abs"])
async def test_names_that_reach_elsewhere_are_refused(near: ObjectStore, name: bytes) -> None:
    parts, tree = stream_with(raw_tree(b"100644", name, BLOB_X), frame(BLOB, b"x"))
    assert "name" in await refused(near, parts, tree)


async def test_a_wrong_hash_is_refused(near: ObjectStore) -> None:
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"y", oid=BLOB_X))
    assert "hash" in await refused(near, parts, tree)


async def test_a_tree_that_names_what_was_not_sent_is_refused(near: ObjectStore) -> None:
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X))
    assert "not sent" in await refused(near, parts, tree)


async def test_a_blob_called_a_folder_is_refused(near: ObjectStore) -> None:
    parts, tree = stream_with(raw_tree(b"40000", b"f", BLOB_X), frame(BLOB, b"x"))
    assert "another kind" in await refused(near, parts, tree)


async def test_a_bomb_is_refused_before_it_unpacks(near: ObjectStore) -> None:
    bomb = zlib.compress(bytes(50_000_000))
    head = struct.pack(">B20sQQ", BLOB, BLOB_X, 60_000, len(bomb))
    await refused(near, [MAGIC, head, bomb], "0" * 40)
    huge = struct.pack(">B20sQQ", BLOB, BLOB_X, 1 << 60, 1 << 60)
    await refused(near, [MAGIC, huge], "0" * 40)
    long = struct.pack(">B20sQQ", BLOB, BLOB_X, 10, 1 << 40)
    await refused(near, [MAGIC, long], "0" * 40)


async def test_bounds_on_objects_total_and_depth_hold(near: ObjectStore) -> None:
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"x"))
    await refused(near, parts, tree, objects=3)
    await refused(near, parts, tree, total_bytes=50)
    await refused(near, parts, tree, depth=2)
    await refused(near, parts, tree, object_bytes=20)


async def test_a_stream_cut_off_anywhere_leaves_nothing(near: ObjectStore) -> None:
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"x"))
    data = b"".join(parts)
    for cut in range(0, len(data), 7):
        await refused(near, [data[:cut]], tree)
    await refused(near, [data, b"more"], tree)
    await refused(near, [data], "1" * 40)


async def test_a_transfer_cancelled_or_stalled_leaves_nothing(
    near: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"x"))
    given = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        for part in parts[:3]:
            yield part
        given.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(ingest(near, stalling(), expect=tree))
    await given.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.setattr(transfer, "CHUNK_SECONDS", 0.05)
    with pytest.raises(AdapterError) as caught:
        await ingest(near, stalling(), expect=tree)
    assert caught.value.code == "transfer_stalled"
    assert list((near.path / "objects" / "pack").iterdir()) == []
    near.release("nobody", "0" * 40)
    assert near.collect(Stop()), "no lock is left behind"


async def test_a_tree_that_is_no_snapshot_is_refused(near: ObjectStore) -> None:
    tree = raw_tree(b"100644", b"f", BLOB_X)
    parts = [MAGIC, frame(BLOB, b"x"), frame(TREE, tree), end(object_id(TREE, tree), 2)]
    assert "no snapshot" in await refused(near, parts, object_id(TREE, tree).hex())


@pytest.mark.parametrize("document", [b"", b"[]", b'{"version":1,"roots":[]}', b"[" * 100_000])
async def test_a_damaged_manifest_is_refused(near: ObjectStore, document: bytes) -> None:
    top = encode_tree({b"manifest.json": Entry(FILE, object_id(BLOB, document))})
    parts = [MAGIC, frame(BLOB, document), frame(TREE, top), end(object_id(TREE, top), 2)]
    assert "manifest" in await refused(near, parts, object_id(TREE, top).hex())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
async def test_a_flipped_bit_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    store = ObjectStore.open(tmp_path_factory.mktemp("flip") / "s.git")
    parts, tree = stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"x"))
    data = bytearray(b"".join(parts))
    data[place % len(data)] ^= 1 << bit
    code = ""
    try:
        await ingest(store, chunks([bytes(data)]), expect=tree)
    except AdapterError as failure:
        code = failure.code
    if code:
        assert (code, store.size()) == ("bad_object", 0)
    else:
        assert whole(store, tree)[b"roots/0/f"] == b"x"


def test_composing_by_hand_and_by_snapshot_agree(near: ObjectStore) -> None:
    with near.writing() as batch:
        below = batch.add(TREE, encode_tree({b"f": Entry(FILE, batch.add(BLOB, b"x"))}))
        tree = compose(batch, [(below, RootManifest(name="x"))])
    assert tree.hex() == stream_with(raw_tree(b"100644", b"f", BLOB_X), frame(BLOB, b"x"))[1]
