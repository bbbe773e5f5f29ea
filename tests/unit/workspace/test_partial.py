"""The base with some hunks of a proposal in it: what a further round is measured against."""

from __future__ import annotations

import shutil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draftsmith.workspace.partial import with_hunks
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, listed, snap

BASE = b"".join(b"line %d\n" % number for number in range(1, 21))
CHANGED = BASE.replace(b"line 3\n", b"three\n").replace(b"line 15\n", b"fifteen\nand more\n")


async def two_trees(store: ObjectStore, root: Path) -> tuple[str, str]:
    for path in root.iterdir():
        path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)
    fill(root, {"f": BASE, "bin": b"\0a", "gone": "gone\n", "script": "run\n"})
    (root / "link").symlink_to("f")
    base = (await snap(store, root)).tree
    fill(root, {"f": CHANGED, "new/made.txt": "made\n", "bin": b"\0b", "script": "run it\n"})
    (root / "gone").unlink()
    (root / "script").chmod(0o755)
    (root / "link").unlink()
    (root / "link").symlink_to("bin")
    return base, (await snap(store, root)).tree


async def test_every_hunk_gives_the_draft_and_none_gives_the_base(store: ObjectStore, root: Path) -> None:
    base, tree = await two_trees(store, root)
    changes = await propose(store, base, tree)
    every = [hunk.hunk_id for change in changes for hunk in change.hunks]
    assert await propose(store, await with_hunks(store, base, changes, every), tree) == ()
    assert await propose(store, await with_hunks(store, base, changes, []), base) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.integers(0, 2**9 - 1))
async def test_what_is_left_over_is_just_the_other_hunks(store: ObjectStore, root: Path, chosen: int) -> None:
    base, tree = await two_trees(store, root)
    changes = await propose(store, base, tree)
    every = [(change.path, hunk) for change in changes for hunk in change.hunks]
    taken = {hunk.hunk_id for number, (_, hunk) in enumerate(every) if chosen >> number & 1}
    rest = await propose(store, await with_hunks(store, base, changes, taken), tree)
    left = sorted((path, hunk.kind, hunk.new) for path, hunk in every if hunk.hunk_id not in taken)
    assert sorted((change.path, hunk.kind, hunk.new) for change in rest for hunk in change.hunks) == left


async def test_one_hunk_of_a_file_leaves_the_others_out(store: ObjectStore, root: Path) -> None:
    base, tree = await two_trees(store, root)
    changes = await propose(store, base, tree)
    second = next(change for change in changes if change.path == "f").hunks[1].hunk_id
    made = listed(store, await with_hunks(store, base, changes, [second]))
    content = next(content for name, content in made.items() if name.endswith("/f"))
    assert content == BASE.replace(b"line 15\n", b"fifteen\nand more\n")
