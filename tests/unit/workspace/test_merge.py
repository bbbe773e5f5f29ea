"""Hunks merged one after another: each on top of those before it, or repeated lines lead it astray."""

from __future__ import annotations

import pytest

from draftsmith.workspace.changes import TextHunk
from draftsmith.workspace.merge import merge_hunks
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.store import ObjectStore

TAIL = b"".join(b"tail %d\n" % number for number in range(6))
MINE = TAIL.replace(b"tail 5", b"mine")
"""What the user changed, far away from every hunk."""


def inserted(start: int, new: bytes, length: int = 0) -> TextHunk:
    old = b"a\n" * length
    return TextHunk(hunk_id=f"h{start}", kind="text", base_start=start, base_length=length, old=old, new=new)


@pytest.mark.parametrize(
    ("head", "hunks", "made"),
    [
        (
            b"a\n" * 6,
            [inserted(1, b"a\nb\n"), inserted(6, b"\n"), inserted(7, b"a\n")],
            b"a\nb\n" + b"a\n" * 5 + b"\na\na\n",
        ),
        (
            b"a\nb\n" + b"a\n" * 6,
            [inserted(2, b"b\na\nb\n"), inserted(6, b"", 3)],
            b"a\nb\na\nb\nb\na\na\na\n",
        ),
    ],
    ids=["each on what is there by now", "each against the base as it is by now"],
)
def test_hunks_among_repeated_lines_are_all_put_where_they_belong(
    store: ObjectStore, head: bytes, hunks: list[TextHunk], made: bytes
) -> None:
    content, outcomes = merge_hunks(store.path, head + MINE, head + TAIL, [], hunks, Stop())
    assert content == made + MINE
    assert [one.state for one in outcomes] == ["applied"] * len(hunks)


def test_hunks_applied_before_are_what_the_next_is_measured_against(store: ObjectStore) -> None:
    head = b"a\n" * 6
    earlier, wanted = [inserted(1, b"a\nb\n"), inserted(6, b"\n")], [inserted(7, b"a\n")]
    present = b"a\nb\n" + b"a\n" * 5 + b"\na\n"
    content, outcomes = merge_hunks(store.path, present + MINE, head + TAIL, earlier, wanted, Stop())
    assert content == b"a\nb\n" + b"a\n" * 5 + b"\na\na\n" + MINE
    assert [one.state for one in outcomes] == ["applied"]
