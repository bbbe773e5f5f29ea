"""Edits by line numbers with a check, and of a range that a parser found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.edit.outcomes import check_only_the_range_changed

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.workspace.linewise import Where, edit_lines, replace_range
from draftsmith.workspace.text import decode, split_lines

RAW = b"one\ntwo\nthree\nfour\nfive\n"


@pytest.mark.parametrize(
    ("where", "new", "after"),
    [
        ("replace", "TWO\n", b"one\nTWO\nthree\nfour\nfive\n"),
        ("replace", "TWO", b"one\nTWO\nthree\nfour\nfive\n"),
        ("replace", "", b"one\nthree\nfour\nfive\n"),
        ("insert_before", "x\n", b"one\nx\ntwo\nthree\nfour\nfive\n"),
        ("insert_after", "x\ny\n", b"one\ntwo\nx\ny\nthree\nfour\nfive\n"),
    ],
)
def test_lines_are_replaced_deleted_and_inserted(where: Where, new: str, after: bytes) -> None:
    outcome = edit_lines(RAW, start=2, end=2, check="two\n", new=new, where=where)
    assert outcome.after == after
    check_only_the_range_changed(outcome)


def test_lines_that_moved_are_found_by_their_text() -> None:
    moved = b"zero\n" + RAW
    assert edit_lines(moved, start=2, end=3, check="two\nthree", new="x").after == b"zero\none\nx\nfour\nfive\n"


def test_an_ellipsis_stands_for_lines_between_where_they_are_said_to_be() -> None:
    outcome = edit_lines(RAW, start=2, end=4, check="two\n...\nfour", new="x")
    assert outcome.after == b"one\nx\nfive\n"
    with pytest.raises(ModelMistake, match="stand at line 3 now"):
        edit_lines(b"zero\n" + RAW, start=2, end=4, check="two\n...\nfour", new="x")


def test_a_line_of_dots_is_itself_when_it_stands_there() -> None:
    raw = b"def f():\n    ...\n    pass\n"
    assert edit_lines(raw, start=1, end=3, check="def f():\n    ...\n    pass", new="x").after == b"x\n"


def test_lines_that_do_not_read_so_are_shown() -> None:
    with pytest.raises(ModelMistake) as refusal:
        edit_lines(RAW, start=2, end=2, check="deux", new="x")
    assert refusal.value.code == "edit_not_found"
    assert "they are:\ntwo" in str(refusal.value)


@pytest.mark.parametrize(
    ("raw", "start", "end", "check", "code"),
    [
        (b"a\nb\na\n", 1, 1, "a", "edit_ambiguous"),
        (RAW, 2, 3, "two", "bad_range"),
        (RAW, 3, 2, "two", "bad_range"),
        (RAW, 9, 9, "nine", "edit_not_found"),
        (RAW, 1, 1, "", "edit_empty_old"),
    ],
)
def test_what_cannot_be_certain_is_refused(raw: bytes, start: int, end: int, check: str, code: str) -> None:
    with pytest.raises(ModelMistake) as refusal:
        edit_lines(raw, start=start, end=end, check=check, new="x")
    assert refusal.value.code == code


def test_the_end_of_a_file_keeps_being_without_newline() -> None:
    assert edit_lines(b"a\nb", start=2, end=2, check="b", new="c\n").after == b"a\nc"
    assert edit_lines(b"a\r\nb", start=2, end=2, check="b", new="c\n", where="insert_after").after == b"a\r\nb\r\nc"


@given(raw=st.binary(max_size=150), new=st.text(max_size=10), data=st.data())
def test_any_bytes_outside_the_lines_never_change(raw: bytes, new: str, data: st.DataObject) -> None:
    try:
        lines = split_lines(decode(raw).text)
    except ToolFailure:
        return
    start = data.draw(st.integers(1, max(len(lines), 1)))
    end = data.draw(st.integers(start, max(len(lines), start)))
    where: Where = data.draw(st.sampled_from(("replace", "insert_before", "insert_after")))
    check = "".join(lines[start - 1 : end])
    try:
        outcome = edit_lines(raw, start=start, end=end, check=check, new=new, where=where)
    except (ModelMistake, ToolFailure):
        return
    check_only_the_range_changed(outcome)


@given(raw=st.binary(max_size=150), new=st.text(max_size=10), data=st.data())
def test_any_bytes_outside_a_range_never_change(raw: bytes, new: str, data: st.DataObject) -> None:
    try:
        text = decode(raw).text
    except ToolFailure:
        return
    first = data.draw(st.integers(0, len(text)))
    past = data.draw(st.integers(first, len(text)))
    try:
        outcome = replace_range(raw, start=len(text[:first].encode()), end=len(text[:past].encode()), new=new)
    except (ModelMistake, ToolFailure):
        return
    check_only_the_range_changed(outcome)
    assert (
        text.encode()[: len(text[:first].encode())] == decode(outcome.after).text.encode()[: len(text[:first].encode())]
    )


def test_a_range_takes_the_indentation_and_line_ends_of_its_place() -> None:
    raw = b"class A:\r\n\tdef f(self):\r\n\t\treturn 1\r\n"
    outcome = replace_range(raw, start=11, end=len(raw) - 2, new="def f(self):\n    if self:\n        return 2\n")
    assert outcome.after == b"class A:\r\n\tdef f(self):\r\n\t\tif self:\r\n\t\t\treturn 2\r\n"
