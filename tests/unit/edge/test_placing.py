"""Where hunks are: lines of a base found in another text, and moved along with edits."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.client.messages import HunkEntity
from draftsmith.edge.alignment import align
from draftsmith.edge.placing import moved, place_in
from draftsmith.edge.showing.diagnostics import line_now
from draftsmith.edge.text import LineEdit, split_lines

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "}\n", "\n"]), max_size=14)
OTHER_LINES = st.lists(st.sampled_from(["x\n", "y\n"]), max_size=14)


def hunk(start: int, old: int, new: int = 1, status: str = "pending") -> HunkEntity:
    fields = {
        "id": f"h{start}",
        "base_start": start,
        "base_length": old,
        "new_length": new,
        "status": status,
        "ordinal": start,
    }
    return cast("HunkEntity", fields)


@given(LINES, LINES)
def test_equal_blocks_are_equal_and_in_order(base: list[str], other: list[str]) -> None:
    last_base = last_other = 0
    for block in align(base, other).blocks:
        assert base[block.base : block.base + block.length] == other[block.other : block.other + block.length]
        assert block.base >= last_base
        assert block.other >= last_other
        last_base, last_other = block.base + block.length, block.other + block.length


@given(LINES, st.data())
def test_a_line_is_found_after_edits_elsewhere(base: list[str], data: st.DataObject) -> None:
    base = [*base, "the one\n", *data.draw(LINES)]
    target = base.index("the one\n")
    before, after = data.draw(OTHER_LINES), data.draw(OTHER_LINES)
    other = [*before, "the one\n", *after]
    alignment = align(base, other)
    assert alignment.line(target) == len(before)
    assert alignment.line(target + 1, end=True) == len(before) + 1


@given(LINES, LINES, st.integers(0, 15), st.integers(0, 6))
def test_a_hunk_always_lies_in_the_text(base: list[str], other: list[str], start: int, length: int) -> None:
    first, count = place_in(hunk(start, length), align(base, other), len(other))
    assert 0 <= first <= first + count <= len(other)


def test_what_the_user_put_in_place_of_the_hunks_lines_is_where_it_is_shown() -> None:
    base = split_lines("one\ntwo\nthree\nfour\n")
    other = split_lines("zero\none\nTWO\nTWO AND A HALF\nthree\nfour\n")
    assert place_in(hunk(2, 1), align(base, other), len(other)) == (2, 2)
    assert place_in(hunk(4, 1), align(base, other), len(other)) == (5, 1)
    assert place_in(hunk(3, 0), align(base, other), len(other)) == (4, 0)


def test_line_ends_do_not_count() -> None:
    base, other = split_lines("a\r\nb\r\nc\r\n"), split_lines("new\na\nb\nc\n")
    assert place_in(hunk(2, 1), align(base, other), len(other)) == (2, 1)


def test_without_a_base_the_numbers_of_the_hunk_count() -> None:
    assert place_in(hunk(3, 2), None, 10) == (2, 2)
    assert place_in(hunk(9, 9), None, 3) == (3, 0)


EDIT = st.builds(
    lambda start, taken, count: LineEdit(start=start, end=start + taken, count=count),
    st.integers(0, 20),
    st.integers(0, 5),
    st.integers(0, 5),
)


@given(st.integers(0, 20), st.integers(0, 5), st.lists(EDIT, max_size=6))
def test_lines_that_no_edit_touches_keep_their_content(start: int, count: int, edits: list[LineEdit]) -> None:
    lines = [f"{number}" for number in range(40)]
    inside = lines[start : start + count]
    at, touched = (start, count), False
    for number, edit in enumerate(edits):
        touched = touched or (edit.start < at[0] + at[1] and at[0] < edit.end) or at[0] < edit.start < at[0] + at[1]
        lines[edit.start : edit.end] = [f"edit {number}"] * edit.count
        at = moved(at, edit)
        assert at[0] >= 0
        assert at[1] >= 0
        if not touched:
            assert lines[at[0] : at[0] + at[1]] == inside


def test_an_edit_inside_a_hunk_makes_it_longer() -> None:
    assert moved((4, 2), LineEdit(start=5, end=6, count=3)) == (4, 4)
    assert moved((4, 2), LineEdit(start=2, end=5, count=1)) == (2, 2)
    assert moved((4, 0), LineEdit(start=4, end=4, count=2)) == (6, 0)
    assert moved((4, 2), LineEdit(start=0, end=9, count=1)) == (0, 1)


def test_a_line_of_the_draft_is_found_in_the_text_of_the_user() -> None:
    waiting = [hunk(3, 1, 3), hunk(10, 0, 2)]
    assert [line_now(waiting, [], line) for line in (1, 2, 3, 5, 6, 11, 12, 13, 14)] == [1, 2, 3, 3, 4, 9, 10, 10, 10]
    written = [hunk(3, 1, 3, "on_disk"), hunk(10, 0, 2, "on_disk")]
    assert [line_now(written, [], line) for line in (1, 3, 5, 6, 12, 14)] == [1, 3, 5, 6, 12, 14]
