"""A hunk that a person wrote differently: the proposal is made anew around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.workspace.amend import amend
from draftsmith.workspace.changes import FileChange
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, listed, snap

BASE = b"".join(b"line %d\n" % number for number in range(1, 21))
CHANGED = BASE.replace(b"line 3\n", b"three\n").replace(b"line 15\n", b"fifteen\n")


async def proposal(store: ObjectStore, root: Path) -> tuple[str, str, tuple[FileChange, ...]]:
    fill(root, {"f": BASE, "bin": b"\0a"})
    base = (await snap(store, root)).tree
    fill(root, {"f": CHANGED, "new.txt": "made\n", "bin": b"\0b"})
    tree = (await snap(store, root)).tree
    return base, tree, await propose(store, base, tree)


def hunk(changes: tuple[FileChange, ...], path: str, number: int = 0) -> str:
    return next(change for change in changes if change.path == path).hunks[number].hunk_id


async def test_the_edited_text_is_what_the_tree_holds_and_other_hunks_keep_their_ids(
    store: ObjectStore, root: Path
) -> None:
    base, tree, changes = await proposal(store, root)
    made, after = await amend(store, base, tree, changes, hunk(changes, "f"), b"drei\nund ein halb\n")
    content = next(content for name, content in listed(store, made).items() if name.endswith("/f"))
    assert content == CHANGED.replace(b"three\n", b"drei\nund ein halb\n")
    assert hunk(after, "f", 1) == hunk(changes, "f", 1)
    assert hunk(after, "f") != hunk(changes, "f")
    assert hunk(after, "new.txt") == hunk(changes, "new.txt")


async def test_the_text_of_the_base_takes_the_hunk_away(store: ObjectStore, root: Path) -> None:
    base, tree, changes = await proposal(store, root)
    _, after = await amend(store, base, tree, changes, hunk(changes, "f"), b"line 3\n")
    assert [one.new for change in after if change.path == "f" for one in change.hunks] == [b"fifteen\n"]


async def test_a_new_file_can_be_edited_whole(store: ObjectStore, root: Path) -> None:
    base, tree, changes = await proposal(store, root)
    made, _ = await amend(store, base, tree, changes, hunk(changes, "new.txt"), b"made otherwise\n")
    assert b"made otherwise\n" in listed(store, made).values()


@pytest.mark.parametrize(("path", "code"), [("bin", "hunk_not_text"), ("f", "unknown_hunk")])
async def test_what_cannot_be_edited_is_refused(store: ObjectStore, root: Path, path: str, code: str) -> None:
    base, tree, changes = await proposal(store, root)
    wanted = hunk(changes, path) if code == "hunk_not_text" else "0" * 24
    with pytest.raises(UserError) as refused:
        await amend(store, base, tree, changes, wanted, b"x")
    assert refused.value.code == code
