"""What no snapshot records is put aside and comes back; what was made meanwhile does not stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.workspace.conftest import fill, snap

from draftsmith.domain.errors import UserError
from draftsmith.workspace.aside import CACHE_TAG, bring_back, put_aside
from draftsmith.workspace.draft import Draft
from draftsmith.workspace.store import ObjectStore

FILES = {".gitignore": "data/\n*.tmp\ntarget/\nnode_modules/\n", "src/a.py": "a\n"}
IGNORED = {
    "data/x/y.txt": "y",
    "src/b.tmp": "b",
    "target/CACHEDIR.TAG": CACHE_TAG,
    "target/out": "o",
    "odd\udcff.tmp": "?",
}


@pytest.fixture
async def draft(store: ObjectStore, root: Path, tmp_path: Path) -> Draft:
    fill(root, FILES)
    made = await Draft.create(store, (await snap(store, root)).tree, tmp_path / "draft")
    fill(made.roots[0], IGNORED)
    (made.roots[0] / "node_modules").mkdir()  # where a dependency is shown
    (made.roots[0] / "link.tmp").symlink_to("/etc")
    await made.checkpoint()
    return made


def files(root: Path) -> set[str]:
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_symlink() or not path.is_dir()}
    return found | ({"node_modules/"} if (root / "node_modules").is_dir() else set())


async def test_only_what_is_recorded_stays_and_all_of_it_comes_back(draft: Draft, tmp_path: Path) -> None:
    root, aside = draft.roots[0], tmp_path / "aside"
    before = files(root)
    moved = await put_aside(draft, aside)
    assert files(root) == {*FILES, "target/CACHEDIR.TAG", "target/out", "node_modules/"}
    assert sorted(one.path for one in moved) == ["data", "link.tmp", "odd\udcff.tmp", "src/b.tmp"]
    fill(root, {"data/made.txt": "by a gate", "more.tmp": "m"})
    await bring_back(draft, aside, moved)
    assert files(root) == before
    assert (root / "data" / "x" / "y.txt").read_text() == "y"
    assert not aside.exists()


async def test_what_cannot_be_moved_is_said_and_nothing_is_left_aside(draft: Draft, tmp_path: Path) -> None:
    root = draft.roots[0]
    before = files(root)
    blocked = tmp_path / "aside"
    blocked.mkdir()
    original = os.rename
    calls: list[object] = []

    def refuse(source: str, target: str, *, dst_dir_fd: int | None = None) -> None:
        calls.append(source)
        if len(calls) == 2:
            raise OSError(1, "Not permitted")
        original(source, target, dst_dir_fd=dst_dir_fd)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "rename", refuse)
        with pytest.raises(UserError) as caught:
            await put_aside(draft, blocked)
    assert caught.value.code == "draft_not_clean"
    assert files(root) == before


async def test_a_link_that_was_put_on_the_way_is_not_followed(draft: Draft, tmp_path: Path) -> None:
    root, outside = draft.roots[0], tmp_path / "outside"
    outside.mkdir()
    moved = await put_aside(draft, tmp_path / "aside")
    (root / "src" / "a.py").unlink()
    (root / "src").rmdir()
    (root / "src").symlink_to(outside)
    await draft.checkpoint()  # so that the link is recorded, and stays
    await bring_back(draft, tmp_path / "aside", moved)
    assert list(outside.iterdir()) == []


async def test_a_tag_that_is_no_file_is_not_waited_for(draft: Draft, tmp_path: Path) -> None:
    (draft.roots[0] / "made").mkdir()
    os.mkfifo(draft.roots[0] / "made" / "CACHEDIR.TAG")
    moved = await put_aside(draft, tmp_path / "aside")
    assert "made" in {one.path for one in moved}
