"""A draft brought over to what the user has now: their text stands, the draft's comes on top, nothing is lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draftsmith.workspace.changes import splice
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.rebase import Rebased, rebase
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, listed, snap

LINES = [b"line %d\n" % number for number in range(1, 21)]
BASE = b"".join(LINES)

Files = Mapping[str, bytes | None]


def with_line(number: int, text: bytes, content: bytes = BASE) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[number - 1] = text
    return b"".join(lines)


async def tree_of(store: ObjectStore, root: Path, files: Files) -> str:
    """The folder with exactly these files, as a snapshot."""
    for path in root.iterdir():
        path.unlink()
    fill(root, {name: content for name, content in files.items() if content is not None})
    return (await snap(store, root)).tree


async def brought(
    store: ObjectStore, root: Path, base: Files, draft: Files, present: Files, applied: tuple[str, ...] = ()
) -> tuple[dict[str, bytes], Rebased]:
    """The rebased draft's files; `applied` are paths whose hunks the user has on disk."""
    trees = [await tree_of(store, root, files) for files in (base, draft, present)]
    changes = await propose(store, trees[0], trees[1])
    ids = [hunk.hunk_id for change in changes if change.path in applied for hunk in change.hunks]
    made = await rebase(store, trees[0], trees[1], trees[2], ids)
    return {os.path.basename(name): content for name, content in listed(store, made.tree).items()}, made  # noqa: PTH119  a name in git


async def test_changes_of_both_in_different_places_are_joined(store: ObjectStore, root: Path) -> None:
    draft, mine = with_line(3, b"three\n"), with_line(15, b"mine\n")
    files, made = await brought(
        store, root, {"f": BASE, "g": b"g\n"}, {"f": draft, "g": b"g\n"}, {"f": mine, "g": b"h\n"}
    )
    assert files == {"f": with_line(15, b"mine\n", draft), "g": b"h\n"}
    assert made.changed == ((0, "f"), (0, "g"))
    assert made.left_out == ()


async def test_where_both_changed_a_line_the_users_stands_and_the_other_hunks_come_over(
    store: ObjectStore, root: Path
) -> None:
    draft = with_line(15, b"fifteen\n", with_line(3, b"three\n"))
    mine = with_line(3, b"mine\n")
    files, made = await brought(store, root, {"f": BASE}, {"f": draft}, {"f": mine})
    assert files == {"f": with_line(15, b"fifteen\n", mine)}
    [left] = made.left_out
    assert (left.path, left.conflict.ours, left.conflict.theirs) == ("f", b"mine\n", b"three\n")


async def test_what_the_user_made_of_an_applied_hunk_is_theirs(store: ObjectStore, root: Path) -> None:
    draft = {"f": with_line(3, b"three\n"), "new": b"made\n"}
    mine = {"f": with_line(3, b"drei\n"), "new": b"made by two\n"}
    files, made = await brought(store, root, {"f": BASE}, draft, mine, applied=("f", "new"))
    assert files == mine
    assert made.left_out == ()
    files, made = await brought(store, root, {"f": BASE}, draft, {"f": BASE}, applied=("f", "new"))
    assert files == {"f": BASE}, "the user took it out again"


async def test_whole_files_come_over_or_give_way(store: ObjectStore, root: Path) -> None:
    base = {"gone": b"x\n", "kept": b"y\n", "bin": b"\0a"}
    draft = {"new": b"n\n", "both": b"draft\n", "bin": b"\0b"}
    mine = {"gone": b"x\n", "kept": b"mine\n", "both": b"user\n", "bin": b"\0c"}
    files, made = await brought(store, root, base, draft, mine)
    assert files == {"new": b"n\n", "kept": b"mine\n", "both": b"user\n", "bin": b"\0c"}
    assert sorted((one.path, one.reason) for one in made.left_out) == [
        ("bin", "The user changed the file."),
        ("both", "The user made another file there."),
        ("kept", "The user changed the file."),
    ]


async def test_a_file_that_the_user_deleted_stays_deleted_and_the_draft_of_it_is_told(
    store: ObjectStore, root: Path
) -> None:
    files, made = await brought(
        store, root, {"f": BASE, "g": b""}, {"f": with_line(3, b"three\n"), "g": b""}, {"g": b""}
    )
    assert files == {"g": b""}
    assert [one.reason for one in made.left_out] == ["The user deleted the file."]


async def test_the_executable_bit_of_the_draft_and_the_users_text_are_joined(store: ObjectStore, root: Path) -> None:
    base = await tree_of(store, root, {"f": BASE})
    (root / "f").chmod(0o755)
    draft = (await snap(store, root)).tree
    (root / "f").chmod(0o644)
    fill(root, {"f": with_line(3, b"mine\n")})
    present = (await snap(store, root)).tree
    made = await rebase(store, base, draft, present, ())
    [change] = await propose(store, present, made.tree)
    assert (change.kind, made.left_out) == ("mode", ())


CONTENT = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n"]), max_size=6).map(b"".join)
FILES = st.dictionaries(st.sampled_from(["f", "g"]), CONTENT, max_size=2)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(base=FILES, draft=FILES, present=FILES)
async def test_nothing_of_the_users_is_ever_lost_and_what_only_one_side_changed_is_taken(
    home: Path, base: dict[str, bytes], draft: dict[str, bytes], present: dict[str, bytes]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, root = ObjectStore.open(Path(folder) / "state" / "s.git"), Path(folder) / "project"
        root.mkdir()
        files, made = await brought(store, root, base, draft, present)
        told = {one.path for one in made.left_out}
        for name in base.keys() | draft.keys() | present.keys():
            was, theirs, now = base.get(name), draft.get(name), present.get(name)
            if theirs in (was, now):
                assert files.get(name) == now, "the user's file is as they left it"
            elif was == now:
                assert files.get(name) == theirs
            else:
                assert name in told or None not in (theirs, now), "a file that one of both deleted is told"
        assert {path for _, path in made.changed} == {
            name for name in base.keys() | present.keys() if base.get(name) != present.get(name)
        }


async def test_a_hunk_not_taken_yet_comes_over_among_lines_that_the_applied_ones_repeat(
    store: ObjectStore, root: Path
) -> None:
    tail = b"".join(b"tail %d\n" % number for number in range(6))
    mine = tail.replace(b"tail 5", b"mine")
    draft = b"a\nb\n" + b"a\n" * 5 + b"\na\na\n"
    base = await tree_of(store, root, {"f": b"a\n" * 6 + tail})
    drafted = await tree_of(store, root, {"f": draft + tail})
    [change] = await propose(store, base, drafted)
    *applied, left = change.hunks
    assert applied, "git sees one hunk only"
    taken = splice(b"a\n" * 6, applied)
    present = await tree_of(store, root, {"f": taken + mine})
    made = await rebase(store, base, drafted, present, [hunk.hunk_id for hunk in applied])
    assert made.left_out == (), left
    assert listed(store, made.tree)["roots/0/f"] == draft + mine
