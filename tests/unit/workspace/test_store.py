"""The object store: written in Python, read by git and the other way round; pinned, collected, bounded."""

from __future__ import annotations

import os
import random
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.objects import (
    BLOB,
    FILE,
    FOLDER,
    LINK,
    PROGRAM,
    TREE,
    Entry,
    encode_tree,
    object_id,
    parse_tree,
)
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.store import RECENT_SECONDS, ObjectStore
from draftsmith.workspace.trees import change_tree, compare, every_file

from .conftest import fill, listed, snap


def fsck(store: ObjectStore) -> str:
    done = subprocess.run(
        ["git", "--git-dir", str(store.path), "fsck", "--strict", "--no-dangling"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def put(store: ObjectStore, *contents: bytes) -> list[bytes]:
    with store.writing() as batch:
        return [batch.add(BLOB, content) for content in contents]


async def test_git_finds_nothing_wrong_with_what_is_written(store: ObjectStore, root: Path) -> None:
    fill(root, {f"d{number % 5}/{number}": os.urandom(number * 37) for number in range(200)})
    fill(root, {"a-b": "x", "a.b": "y", "a/b": "z", "a0": "w"})  # the order of trees is peculiar
    tree = (await snap(store, root)).tree
    assert "error" not in fsck(store)
    assert len(listed(store, tree)) == 204


def test_objects_are_read_back_and_reopened(store: ObjectStore) -> None:
    contents = [b"", b"x", os.urandom(100_000), b"y" * 3_000_000]
    ids = put(store, *contents)
    again = ObjectStore.open(store.path)
    assert [again.read_blob(oid) for oid in ids] == contents
    assert not again.has(b"\1" * 20)
    with pytest.raises(AdapterError) as caught:
        again.read(b"\1" * 20)
    assert caught.value.code == "object_missing"


def test_writing_the_same_twice_adds_nothing(store: ObjectStore) -> None:
    put(store, b"one", b"two")
    size = store.size()
    put(store, b"two", b"one", b"one")
    assert store.size() == size


def test_a_batch_that_fails_leaves_nothing(store: ObjectStore) -> None:
    def fail() -> None:
        with store.writing() as batch:
            batch.add(BLOB, b"x" * 3_000_000)
            batch.add(BLOB, os.urandom(3_000_000))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not store.has(object_id(BLOB, b"x" * 3_000_000))
    assert list((store.path / "objects" / "pack").iterdir()) == []


def test_deltas_that_git_makes_are_read(store: ObjectStore) -> None:
    noise = random.Random(1)  # noqa: S311 - has to repeat, not to be secret
    text = [b"%d line of a longer text\n" % noise.randrange(10**9) for _ in range(3000)]
    versions: list[bytes] = []
    for number in range(40):
        text[noise.randrange(3000)] = b"version %d\n" % number
        versions.append(b"".join(text))
        put(store, versions[-1])  # a pack each: git makes no deltas between objects that lay together without
    with store.writing() as batch:
        entries = {b"%d" % number: Entry(FILE, batch.add(BLOB, version)) for number, version in enumerate(versions)}
        tree = batch.add(TREE, encode_tree(entries))
    store.pin("keeper", tree.hex())
    whole = store.size()
    store.release("nobody", "0" * 40)
    assert store.collect(Stop())
    assert store.size() < whole / 4, "git made deltas"
    assert [store.read_blob(entries[b"%d" % number].oid) for number in range(40)] == versions
    assert ObjectStore.open(store.path).read_tree(tree) == entries


def test_collect_keeps_what_is_pinned_and_drops_the_rest(store: ObjectStore) -> None:
    with store.writing() as batch:
        trees = [
            batch.add(TREE, encode_tree({name: Entry(FILE, batch.add(BLOB, name))}))
            for name in (b"kept", b"dropped", b"recent")
        ]
        batch.pin("recent", trees[2])
    kept, dropped, recent = trees
    store.pin("session one/ä", kept.hex())
    store.pin("session two", dropped.hex())
    store.release("session two")
    assert store.collect(Stop())
    assert store.has(kept)
    assert store.has(recent)
    assert not store.has(dropped)
    assert not store.has(object_id(BLOB, b"dropped"))
    assert not store.collect(Stop()), "nothing is left to do"
    pin = store.path / "pins" / "recent" / recent.hex()
    assert store.collect(Stop(), now=pin.stat().st_mtime + RECENT_SECONDS)
    assert not store.has(recent)
    assert store.pinned() == {"session one/ä": frozenset({kept.hex()})} | (
        {"recent": frozenset()} if (store.path / "pins" / "recent").exists() else {}
    )
    assert store.read_blob(object_id(BLOB, b"kept")) == b"kept"


def test_collect_with_nothing_pinned_empties_the_store(store: ObjectStore) -> None:
    put(store, b"x")
    store.release("anybody", "0" * 40)
    store.collect(Stop())
    assert not store.has(object_id(BLOB, b"x"))
    put(store, b"x")
    assert store.has(object_id(BLOB, b"x"))


def test_many_small_packs_are_joined(store: ObjectStore) -> None:
    with store.writing() as batch:
        batch.pin("s", batch.add(TREE, encode_tree({b"a": Entry(FILE, batch.add(BLOB, b"first"))})))
    for number in range(60):
        put(store, b"%d" % number)
    assert store.collect(Stop())
    assert len(list((store.path / "objects" / "pack").glob("*.pack"))) < 10
    assert all(store.has(object_id(BLOB, b"%d" % number)) for number in range(60)), "joining drops nothing"


def test_readers_writers_and_collector_at_once(store: ObjectStore) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            mine = ObjectStore.open(store.path)
            for step in range(12):
                content = b"%d %d" % (number, step)
                with mine.writing() as batch:
                    tree = batch.add(TREE, encode_tree({b"f": Entry(FILE, batch.add(BLOB, content))}))
                    batch.pin(f"worker {number}", tree)
                assert mine.read_blob(mine.read_tree(tree)[b"f"].oid) == content
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        store.release("nobody", "0" * 40)
        store.collect(Stop())
    assert failures == []
    store.collect(Stop())
    assert sum(len(trees) for trees in store.pinned().values()) == 36
    assert all(store.has(bytes.fromhex(tree)) for trees in store.pinned().values() for tree in trees)
    fsck(store)


def test_an_unfinished_store_is_finished_on_opening(tmp_path: Path) -> None:
    first = ObjectStore.open(tmp_path / "s")
    put(first, b"x")
    (tmp_path / "s" / "HEAD").unlink()
    (tmp_path / "s" / "config").write_bytes(b"half")
    again = ObjectStore.open(tmp_path / "s")
    assert again.has(object_id(BLOB, b"x"))
    fsck(again)


def test_a_damaged_pack_is_an_error_and_not_wrong_content(store: ObjectStore) -> None:
    (oid,) = put(store, os.urandom(5000))
    (pack,) = (store.path / "objects" / "pack").glob("*.pack")
    content = bytearray(pack.read_bytes())
    content[2000] ^= 0xFF
    pack.chmod(0o600)
    pack.write_bytes(content)
    with pytest.raises(AdapterError) as caught:
        ObjectStore.open(store.path).read(oid)
    assert caught.value.code == "bad_object"


@pytest.mark.parametrize(
    "name", [b".git", b".GIT", b".Git", b"git~1", b"..", b".", b"", b"a/b", b"/etc", b"x" * 256, b"a\0b"]
)
def test_names_that_could_reach_elsewhere_are_refused_in_trees(name: bytes) -> None:
    raw = b"100644 " + name + b"\0" + bytes(20)
    with pytest.raises(AdapterError) as caught:
        parse_tree(raw)
    assert caught.value.code == "bad_object"


@pytest.mark.parametrize(
    "raw",
    [
        b"100644 b\0" + bytes(20) + b"100644 a\0" + bytes(20),
        b"100644 a\0" + bytes(20) + b"100644 a\0" + bytes(20),
        b"160000 a\0" + bytes(20),
        b"100664 a\0" + bytes(20),
        b"100644 a\0" + bytes(19),
        b"garbage",
    ],
)
def test_trees_git_would_not_write_are_refused(raw: bytes) -> None:
    with pytest.raises(AdapterError):
        parse_tree(raw)


NAMES = st.binary(min_size=1, max_size=4).filter(
    lambda name: not {b"/"[0], 0} & set(name) and name not in (b".", b"..") and name.lower() != b".git"
)
PATHS = st.lists(st.sampled_from([b"a", b"b", b"a.b", b"a0", b"c\xff"]), min_size=1, max_size=3).map(b"/".join)
ENTRIES = st.builds(Entry, st.sampled_from([FILE, PROGRAM, LINK]), st.binary(min_size=20, max_size=20))


@given(st.dictionaries(NAMES, st.builds(Entry, st.sampled_from([FILE, FOLDER, LINK]), st.just(b"x" * 20))))
def test_a_tree_survives_writing_and_reading(entries: dict[bytes, Entry]) -> None:
    assert parse_tree(encode_tree(entries)) == entries


class Memory:
    """A tree store in memory."""

    def __init__(self) -> None:
        self.trees: dict[bytes, bytes] = {}

    def add(self, kind: int, content: bytes, oid: bytes | None = None) -> bytes:
        found = object_id(kind, content)
        self.trees[found] = content
        return found

    def read_tree(self, oid: bytes) -> dict[bytes, Entry]:
        return parse_tree(self.trees[oid])


def apply_to_model(model: dict[bytes, Entry], changes: dict[bytes, Entry | None]) -> dict[bytes, Entry]:
    """What changing paths means: a file removes what was below its place and above it."""
    out = {path: entry for path, entry in model.items() if path not in changes}
    set_now = {path: entry for path, entry in changes.items() if entry is not None}
    for path in set_now:
        out = {
            old: entry
            for old, entry in out.items()
            if not old.startswith(path + b"/") and not path.startswith(old + b"/")
        }
    return out | set_now


def without_clashes(changes: dict[bytes, Entry | None]) -> dict[bytes, Entry | None]:
    """Drop paths that are set below another path that is set: no file system has such."""
    real = [path for path, entry in changes.items() if entry is not None]
    return {path: entry for path, entry in changes.items() if not any(path.startswith(other + b"/") for other in real)}


@settings(max_examples=300)
@given(st.lists(st.dictionaries(PATHS, st.none() | ENTRIES, max_size=6), min_size=1, max_size=5))
def test_changing_paths_equals_building_anew_and_compare_finds_it(steps: list[dict[bytes, Entry | None]]) -> None:
    memory = Memory()
    tree: bytes | None = None
    model: dict[bytes, Entry] = {}
    for step in steps:
        changes = without_clashes(step)
        before, old = tree, dict(model)
        tree = change_tree(memory, tree, changes)
        model = apply_to_model(model, changes)
        assert every_file(memory, tree) == model
        assert tree == change_tree(memory, None, dict(model)), "the id depends on content only"
        found = {item.path: (item.before, item.after) for item in compare(memory, before, tree)}
        expected = {
            path: (old.get(path), model.get(path))
            for path in old.keys() | model.keys()
            if old.get(path) != model.get(path)
        }
        assert found == expected


def test_reading_and_writing_start_no_process(store: ObjectStore) -> None:
    before = ProcessCount.started
    ids = put(store, *(b"%d" % number for number in range(100)))
    assert [store.read_blob(oid) for oid in ids][7] == b"7"
    assert ProcessCount.started == before
