"""Folders listed for people: by pages, without git's own, and never outside of the workspace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.workspace.browse import FolderPage, cursor_of, snapshot_folder, workspace_folder
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, git, snap

BAD = ["..", "a/../..", "/etc", "a//b", "./a", ".git", "a/.GIT/config", "a\0b", "x" * 5_000, "\ud800"]


def names(page: FolderPage) -> list[str]:
    return [one.name for one in page.entries]


async def test_folders_come_first_and_names_in_order(root: Path) -> None:
    fill(root, {"b.txt": "1234", "A.txt": "", "src/x.py": "", ".github/ci.yml": "", ".hidden": ""})
    git(root, "init", "-q")
    page = await workspace_folder(root, "", None, 100)
    assert names(page) == [".github", "src", ".hidden", "A.txt", "b.txt"]
    assert [one.kind for one in page.entries[:3]] == ["folder", "folder", "file"]
    assert (page.entries[-1].size, page.total, page.more) == (4, 5, False)
    assert names(await workspace_folder(root, "src", None, 100)) == ["x.py"]


async def test_pages_join_without_a_gap_and_follow_what_changes(root: Path) -> None:
    fill(root, {f"{number:03}.txt": "" for number in range(25)} | {f"d{number}/f": "" for number in range(3)})
    whole = names(await workspace_folder(root, "", None, 100))
    seen: list[str] = []
    cursor = None
    while True:
        page = await workspace_folder(root, "", cursor, 10)
        seen += names(page)
        assert page.total == 28
        if not page.more:
            break
        cursor = cursor_of(page.entries[-1])
    assert seen == whole
    after = await workspace_folder(root, "", "f003.txt", 2)
    (root / "004.txt").unlink()
    assert names(after)[0] == "004.txt"
    assert names(await workspace_folder(root, "", "f003.txt", 2))[0] == "005.txt"


@pytest.mark.parametrize("path", BAD, ids=range(len(BAD)))
async def test_a_path_that_leads_elsewhere_is_refused(root: Path, store: ObjectStore, path: str) -> None:
    fill(root, {"a/b": ""})
    tree = (await snap(store, root)).tree
    for asked in (workspace_folder(root, path, None, 10), snapshot_folder(store, tree, 0, path, None, 10)):
        with pytest.raises(UserError) as refused:
            await asked
        assert refused.value.code == "unknown_file"


async def test_a_link_is_shown_and_never_followed(root: Path, tmp_path: Path) -> None:
    fill(tmp_path / "outside", {"secret": "x"})
    (root / "out").symlink_to(tmp_path / "outside")
    os.mkfifo(root / "pipe")
    page = await workspace_folder(root, "", None, 10)
    assert {one.name: one.kind for one in page.entries} == {"out": "link", "pipe": "other"}
    with pytest.raises(UserError, match="out"):
        await workspace_folder(root, "out", None, 10)


async def test_a_name_that_is_no_text_is_shown_but_cannot_be_opened(root: Path) -> None:
    (Path(os.fsdecode(os.fsencode(root) + b"/\xff.txt"))).write_text("x")
    [entry] = (await workspace_folder(root, "", None, 10)).entries
    assert (entry.name, entry.kind) == ("\\xff.txt", "other")


async def test_a_snapshot_lists_as_the_folder_did(root: Path, store: ObjectStore) -> None:
    fill(root, {"src/a.py": "", "src/b/c.py": "", "top.txt": ""})
    tree = (await snap(store, root)).tree
    for folder in ("", "src", "src/b"):
        on_disk = await workspace_folder(root, folder, None, 10)
        in_tree = await snapshot_folder(store, tree, 0, folder, None, 10)
        assert [(one.name, one.kind) for one in in_tree.entries] == [(one.name, one.kind) for one in on_disk.entries]
    for missing in ("nothing", "top.txt"):
        with pytest.raises(UserError):
            await snapshot_folder(store, tree, 0, missing, None, 10)
        with pytest.raises(UserError):
            await workspace_folder(root, missing, None, 10)


async def test_a_cursor_of_somebody_elses_is_refused(root: Path) -> None:
    with pytest.raises(UserError) as refused:
        await workspace_folder(root, "", "?", 10)
    assert refused.value.code == "bad_cursor"
