"""The draft: exact, cheap to record, restored without harm, made again anywhere."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draftsmith.domain.errors import UserError
from draftsmith.workspace.draft import Draft, PathInRoot
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.localsnapshots import LocalSnapshots
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, git, listed, names, snap


def on_disk(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder: mode and content; links by their target, folders by nothing."""
    found: dict[str, tuple[int, bytes]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        mode = path.lstat().st_mode
        if path.is_symlink():
            found[name] = (stat.S_IFMT(mode), os.fsencode(path.readlink()))
        elif path.is_file():
            found[name] = (mode, path.read_bytes())
        else:
            found[name] = (mode, b"")
    return found


def touched(*paths: str) -> list[PathInRoot]:
    return [PathInRoot(root=0, path=path) for path in paths]


async def test_draft_has_exact_bytes_modes_links_and_empty_folders(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    git(root, "init", "-q")
    fill(
        root,
        {
            ".gitattributes": b"* text=auto eol=crlf ident\n*.x filter=lfs working-tree-encoding=UTF-16\n",
            "lf": b"a\nb\n$Id$\n",
            "crlf": b"a\r\nb\r\n",
            "bom": b"\xef\xbb\xbfa",
            "latin": b"caf\xe9",
            "binary": bytes(range(256)),
            "x.x": b"version https://git-lfs.github.com/spec/v1\n",
            "empty-file": b"",
            "run": b"#!/bin/sh\n",
            "sub/dir/f": b"f",
            "sub/.git/HEAD": b"ref: refs/heads/x\n",
        },
    )
    (root / "run").chmod(0o755)
    (root / "lf").chmod(0o600)
    (root / "crlf").chmod(0o444)
    (root / "sub").chmod(0o750)
    (root / "empty/folder").mkdir(parents=True)
    (root / "dangling").symlink_to("nowhere")
    (root / "outward").symlink_to("/etc/passwd")
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9")).write_bytes(b"odd name")
    fill(root, {"Case": "1", "case": "2"})
    snapshot = await snap(store, root)
    draft = await Draft.create(store, snapshot.tree, tmp_path / "draft")
    wanted = {name: item for name, item in on_disk(root).items() if ".git/" not in name + "/"}
    assert on_disk(draft.roots[0]) == wanted
    checkpoint = await draft.checkpoint()
    assert (checkpoint.tree, checkpoint.changed, checkpoint.skipped) == (snapshot.tree, 0, ())
    assert not list(draft.roots[0].rglob(".git"))


async def test_group_writable_trees_keep_their_modes(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(root, {"a": "a", "b/run": "r", "c": "c"})
    for path, mode in (("a", 0o664), ("c", 0o664), ("b/run", 0o775), ("b", 0o775)):
        (root / path).chmod(mode)
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    assert on_disk(draft.roots[0]) == on_disk(root)


async def test_a_closed_folder_can_be_worked_in_and_counts_as_unchanged(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"closed/a": "a", "b": "b"})
    (root / "closed").chmod(0o555)
    snapshot = await snap(store, root)
    draft = await Draft.create(store, snapshot.tree, tmp_path / "draft")
    assert stat.S_IMODE((draft.roots[0] / "closed").stat().st_mode) == 0o755
    assert (await draft.checkpoint()).tree == snapshot.tree
    fill(draft.roots[0], {"closed/new": "n"})
    assert names(store, (await draft.checkpoint()).tree) == {"closed/a", "closed/new", "b"}
    (root / "closed").chmod(0o755)


async def test_changing_the_draft_leaves_the_workspace_alone(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(root, {"a": "a"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    with (draft.roots[0] / "a").open("ab") as file:
        file.write(b"more")
    assert (root / "a").read_bytes() == b"a"


async def test_a_checkpoint_of_named_files_starts_no_process(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(root, {f"d{number}/f": str(number) for number in range(50)} | {".gitignore": "*.tmp\n"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    before = ProcessCount.started
    size = store.size()
    fill(draft.roots[0], {"d3/f": "changed", "new/sub/g": "new", "a.tmp": "wanted although ignored"})
    (draft.roots[0] / "d4/f").unlink()
    checkpoint = await draft.checkpoint(touched("d3/f", "new/sub/g", "a.tmp", "d4/f", "never/was"))
    assert ProcessCount.started == before
    assert checkpoint.changed == 4
    found = listed(store, checkpoint.tree)
    assert found["roots/0/d3/f"] == b"changed"
    assert found["roots/0/new/sub/g"] == b"new"
    assert found["roots/0/a.tmp"] == b"wanted although ignored"
    assert "roots/0/d4/f" not in found
    assert store.size() - size < 20_000, "only what changed is written"
    full = await draft.checkpoint()
    assert (full.tree, full.changed) == (checkpoint.tree, 0), "looking at everything finds the same"


async def test_a_named_folder_is_looked_at_as_a_whole(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(root, {"old/a": "a", "old/b": "b", "c": "c"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    (draft.roots[0] / "old").rename(draft.roots[0] / "new")
    assert names(store, (await draft.checkpoint(touched("old", "new"))).tree) == {"new/a", "new/b", "c"}


async def test_files_the_base_had_stay_although_a_new_rule_ignores_them(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"data/a": "a", "b": "b"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    fill(draft.roots[0], {".gitignore": "data/\n", "data/new": "n"})
    assert names(store, (await draft.checkpoint()).tree) == {"data/a", "b", ".gitignore"}


async def test_the_users_own_ignore_rules_hold_in_a_draft_elsewhere(
    store: ObjectStore, root: Path, tmp_path: Path, home: Path
) -> None:
    git(root, "init", "-q")
    (root / ".git/info/exclude").write_text("*.private\n")
    fill(root, {"a": "a"})
    tree = (await snap(store, root)).tree
    far = ObjectStore.open(tmp_path / "far.git")
    await LocalSnapshots(far, store).fetch(tree)
    draft = await Draft.create(far, tree, tmp_path / "draft")
    fill(draft.roots[0], {"x.private": "x", "b": "b"})
    assert names(far, (await draft.checkpoint()).tree) == {"a", "b"}


async def test_a_repository_that_the_draft_lies_in_says_nothing_about_it(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"a.py": "a"})
    tree = (await snap(store, root)).tree
    around = tmp_path / "around"
    fill(around, {".gitignore": "*.py\n"})
    git(around, "init", "-q")
    draft = await Draft.create(store, tree, around / "draft")
    fill(draft.roots[0], {"b.py": "b"})
    assert names(store, (await draft.checkpoint()).tree) == {"a.py", "b.py"}


async def test_a_file_that_cannot_be_captured_is_not_taken_for_deleted(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"a": "a", "b": "b"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    with (draft.roots[0] / "a").open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    for checkpoint in (await draft.checkpoint(), await draft.checkpoint(touched("a"))):
        assert names(store, checkpoint.tree) == {"a", "b"}
        assert [(item.path, item.reason) for item in checkpoint.skipped] == [("a", "too_large")]


async def test_restore_brings_back_and_is_itself_undone(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(root, {"a": "a", "b/c": "c", "gone": "g", "swap": "file", "pair/x": "x", "run": "r"})
    (root / "run").chmod(0o755)
    (root / "hollow").mkdir()
    base = (await snap(store, root)).tree
    draft = await Draft.create(store, base, tmp_path / "draft")
    here = draft.roots[0]
    at_first = on_disk(here)
    fill(here, {"a": "changed", "b/new/d": "d", ".gitignore": "build/\n"})
    (here / "gone").unlink()
    (here / "swap").unlink()
    fill(here, {"swap/inner": "now a folder", "hollow/full": "f"})
    shutil.rmtree(here / "pair")
    (here / "pair").symlink_to("a")
    (here / "run").chmod(0o644)
    changed = on_disk(here)
    restored = await draft.restore(base)
    assert restored.after == base
    assert restored.blocked == ()
    assert on_disk(here) == at_first
    undone = await draft.restore(restored.before)
    assert undone.after == restored.before
    assert on_disk(here) == changed


async def test_restore_deletes_nothing_that_no_checkpoint_recorded(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {".gitignore": "build/\n*.log\n", "a": "a"})
    base = (await snap(store, root)).tree
    draft = await Draft.create(store, base, tmp_path / "draft")
    here = draft.roots[0]
    fill(here, {"build/huge": "gigabytes", "x.log": "log", "new/made": "by the agent", "new/x.log": "kept"})
    await draft.checkpoint()
    await draft.restore(base)
    left = {name for name in on_disk(here) if (here / name).is_file()}
    assert left == {".gitignore", "a", "build/huge", "x.log", "new/x.log"}


async def test_restore_over_an_unrecorded_file_can_bring_it_back(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"out/data": "tracked"})
    base = (await snap(store, root)).tree
    draft = await Draft.create(store, base, tmp_path / "draft")
    here = draft.roots[0]
    shutil.rmtree(here / "out")
    fill(here, {".gitignore": "out\n"})
    await draft.checkpoint()
    fill(here, {"out/data": "unrecorded"})
    restored = await draft.restore(base)
    assert (here / "out/data").read_bytes() == b"tracked"
    await draft.restore(restored.before)
    assert (here / "out/data").read_bytes() == b"unrecorded"


async def test_restore_never_writes_through_a_link_and_says_what_blocks(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"sub/f": "inside", "g": "g"})
    base = (await snap(store, root)).tree
    draft = await Draft.create(store, base, tmp_path / "draft")
    here = draft.roots[0]
    outside = tmp_path / "outside"
    fill(outside, {"f": "precious"})
    shutil.rmtree(here / "sub")
    (here / "sub").symlink_to(outside)
    (here / "g").unlink()
    fill(here, {"g/ignored.o": "not ours", ".gitignore": "*.o\n"})
    restored = await draft.restore(base)
    assert (outside / "f").read_bytes() == b"precious"
    assert (here / "sub/f").read_bytes() == b"inside"
    assert [item.path for item in restored.blocked] == ["g"]
    assert (here / "g/ignored.o").exists()


async def test_a_draft_is_made_again_on_another_machine(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(root, {"a": "a", "b/c": "c"})
    base = (await snap(store, root)).tree
    draft = await Draft.create(store, base, tmp_path / "draft")
    fill(draft.roots[0], {"b/d": "new"})
    (draft.roots[0] / "a").unlink()
    checkpoint = await draft.checkpoint()
    far = ObjectStore.open(tmp_path / "elsewhere" / "store.git")
    await LocalSnapshots(store, far).publish(base)
    await LocalSnapshots(store, far).publish(checkpoint.tree, base=base)
    again = await Draft.create(far, checkpoint.tree, tmp_path / "elsewhere" / "draft")
    assert on_disk(again.roots[0]) == on_disk(draft.roots[0])
    assert (await again.checkpoint()).tree == checkpoint.tree
    assert (await again.restore(base)).after == base


async def test_an_open_draft_is_taken_up_and_a_damaged_one_is_not(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"a": "a", "b": "b"})
    draft = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft", holder="s1")
    fill(draft.roots[0], {"c": "c"})
    checkpoint = await draft.checkpoint()
    await draft.save()
    again = await Draft.open(store, tmp_path / "draft", holder="s1")
    assert again is not None
    assert again.tree == checkpoint.tree
    fill(again.roots[0], {"d": "d"})
    assert names(store, (await again.checkpoint()).tree) == {"a", "b", "c", "d"}
    assert checkpoint.tree in store.pinned()["s1"]
    (tmp_path / "draft/state/tree").write_bytes(b"\xff")
    assert await Draft.open(store, tmp_path / "draft") is None
    with pytest.raises(UserError) as caught:
        await Draft.create(store, checkpoint.tree, tmp_path / "draft")
    assert caught.value.code == "draft_exists"


async def test_changed_paths_over_several_roots(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    fill(root, {"a": "a"})
    fill(other, {"b": "b"})
    base = (await snap(store, root, other)).tree
    draft = await Draft.create(store, base, tmp_path / "draft")
    fill(draft.roots[1], {"b": "changed", "sub/c": "c"})
    (draft.roots[0] / "a").unlink()
    await draft.checkpoint(
        [PathInRoot(root=1, path="b"), PathInRoot(root=1, path="sub/c"), PathInRoot(root=0, path="a")]
    )
    assert {(item.root, item.path) for item in await draft.changed_paths(base)} == {(0, "a"), (1, "b"), (1, "sub/c")}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["a", "b/c", "b/d", "e/f/g", "e/h", "i"]),
            st.none() | st.sampled_from([b"", b"x", b"y\r\n", b"\0\xff"]),
            max_size=5,
        ),
        min_size=1,
        max_size=4,
    )
)
async def test_any_checkpoint_is_restored_exactly(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, bytes | None]]
) -> None:
    place = tmp_path_factory.mktemp("any")
    root = place / "project"
    fill(root, {"a": "first", "b/c": "first"})
    store = ObjectStore.open(place / "state" / "store.git")
    draft = await Draft.create(store, (await snap(store, root)).tree, place / "draft")
    here = draft.roots[0]
    states: list[tuple[str, dict[str, tuple[int, bytes]]]] = [(draft.tree, on_disk(here))]
    for step in steps:
        for name, content in step.items():
            if content is None:
                (here / name).unlink(missing_ok=True)
            else:
                fill(here, {name: content})
        tree = (await draft.checkpoint(touched(*step))).tree
        assert (await draft.checkpoint()).tree == tree
        states.append((tree, on_disk(here)))
    for tree, content in reversed(states):
        assert (await draft.restore(tree)).after == tree
        assert on_disk(here) == content
