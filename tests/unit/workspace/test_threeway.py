"""A conflict as three texts: what merges is merged, and what does not is cut out with all three sides."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.workspace.apply import plan_hunks
from draftsmith.workspace.changes import FileChange
from draftsmith.workspace.merge import Part, _stretches, merge, merged_parts
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.threeway import ThreeSides, three_sides

from .conftest import fill, snap

BASE = b"".join(b"line %d\n" % number for number in range(1, 21))


async def proposed(store: ObjectStore, root: Path, after: bytes) -> FileChange:
    fill(root, {"f": BASE})
    base = (await snap(store, root)).tree
    fill(root, {"f": after})
    tree = (await snap(store, root)).tree
    return next(one for one in await propose(store, base, tree) if one.path == "f")


async def sides(store: ObjectStore, root: Path, change: FileChange, applied: tuple[str, ...] = ()) -> ThreeSides:
    return await three_sides(store, root, change, [hunk.hunk_id for hunk in change.hunks], applied)


async def test_only_what_both_changed_is_to_be_decided(store: ObjectStore, root: Path) -> None:
    change = await proposed(store, root, BASE.replace(b"line 3\n", b"draft\n").replace(b"line 15\n", b"fifteen\n"))
    fill(root, {"f": BASE.replace(b"line 3\n", b"mine\n").replace(b"line 9\n", b"nine\n")})
    found = await sides(store, root, change)
    assert [part for part in found.parts if part.conflict] == [
        Part(conflict=True, base=b"line 3\n", ours=b"mine\n", theirs=b"draft\n")
    ]
    merged = b"".join(part.ours for part in found.parts)
    assert merged == BASE.replace(b"line 3\n", b"mine\n").replace(b"line 9\n", b"nine\n").replace(
        b"line 15\n", b"fifteen\n"
    )


async def test_the_cuts_are_what_made_the_apply_a_conflict(store: ObjectStore, root: Path) -> None:
    change = await proposed(store, root, BASE.replace(b"line 3\n", b"draft\n"))
    fill(root, {"f": BASE.replace(b"line 3\n", b"mine\n")})
    hunks = [hunk.hunk_id for hunk in change.hunks]
    [outcome] = (await plan_hunks(store, [root], [change], hunks)).outcomes
    [part] = [part for part in (await sides(store, root, change)).parts if part.conflict]
    assert outcome.conflict is not None
    assert (part.base, part.ours, part.theirs) == (
        outcome.conflict.base,
        outcome.conflict.ours,
        outcome.conflict.theirs,
    )


async def test_once_a_side_is_written_nothing_is_left_to_decide(store: ObjectStore, root: Path) -> None:
    change = await proposed(store, root, BASE.replace(b"line 3\n", b"draft\n"))
    fill(root, {"f": BASE.replace(b"line 3\n", b"mine\n")})
    found = await sides(store, root, change)
    fill(root, {"f": b"".join(part.theirs if part.conflict else part.ours for part in found.parts)})
    hunks = [hunk.hunk_id for hunk in change.hunks]
    [outcome] = (await plan_hunks(store, [root], [change], hunks)).outcomes
    assert outcome.state == "already_there"


async def test_a_deleted_file_and_one_that_is_no_text_say_so(store: ObjectStore, root: Path) -> None:
    change = await proposed(store, root, BASE.replace(b"line 3\n", b"draft\n"))
    fill(root, {"f": b"\0"})
    binary = await sides(store, root, change)
    assert (binary.parts, bool(binary.reason)) == ((), True)
    (root / "f").unlink()
    gone = await sides(store, root, change)
    assert (gone.exists, gone.version) == (False, "")
    [part] = gone.parts
    assert (part.ours, part.base) == (b"", BASE)


LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\x0c\n", b"d\re\n", b"<<<<<<<\n"]), max_size=8)


@given(base=LINES, ours=LINES, theirs=LINES)
def test_stretches_are_the_whole_merge(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> None:
    texts = [b"".join(lines) for lines in (ours, base, theirs)]
    with_store = Path(__file__).parent
    parts = merged_parts(with_store, texts[0], texts[1], texts[2], Stop())
    whole = merge(with_store, texts[0], texts[1], texts[2], Stop())
    if whole.conflict is None and not any(part.conflict for part in parts):
        assert b"".join(part.ours for part in parts) == whole.content
    assert all(part.ours for part in parts if not part.conflict)


def test_text_that_looks_like_a_marker_is_text() -> None:
    own = b"<" * 61 + b" someone\n" + b"=" * 7 + b"\n"
    assert list(_stretches(own, b"label")) == [Part(conflict=False, ours=own)]
