"""What is said of hunks in a text is true, or that nothing can be said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.workspace.changes import TextHunk, splice
from draftsmith.workspace.presence import presences, whole_presence

BASE = b"".join(b"line %d\n" % number for number in range(1, 21))


def hunk(name: str, start: int, length: int, old: bytes, new: bytes) -> TextHunk:
    return TextHunk(hunk_id=name, kind="text", base_start=start, base_length=length, old=old, new=new)


HUNKS = (
    hunk("change", 3, 1, b"line 3\n", b"three\n"),
    hunk("insert", 9, 0, b"", b"new 1\nnew 2\n"),
    hunk("delete", 14, 2, b"line 14\nline 15\n", b""),
)
NAMES = [one.hunk_id for one in HUNKS]
QUIET = (1, 6, 11, 12, 18, 20)
"""Lines of the base that are no neighbours of a hunk."""


@given(
    st.sets(st.sampled_from(NAMES)),
    st.sets(st.sampled_from(QUIET)),
    st.sets(st.sampled_from(QUIET)),
    st.booleans(),
)
def test_hunks_are_found_whatever_the_user_does_elsewhere(
    standing: set[str], changed: set[int], doubled: set[int], crlf: bool
) -> None:
    text = splice(BASE, [one for one in HUNKS if one.hunk_id in standing])
    for number in changed | doubled:
        line = b"line %d\n" % number
        mine = b"mine %d\n" % number if number in changed else line
        text = text.replace(line, mine + (b"more\n" if number in doubled else b""), 1)
    if crlf:
        text = text.replace(b"\n", b"\r\n")
    found = presences(BASE, HUNKS, NAMES, text)
    assert found == {name: "there" if name in standing else "gone" for name in NAMES}


def test_an_edit_on_the_spot_is_neither_there_nor_gone() -> None:
    text = splice(BASE, HUNKS).replace(b"three\n", b"three, better\n").replace(b"new 2\n", b"")
    assert presences(BASE, HUNKS, NAMES, text) == {"change": "unclear", "insert": "unclear", "delete": "there"}


@given(st.integers(1, 6), st.integers(1, 6), st.booleans())
def test_lines_that_repeat_are_told_apart_by_their_number(lines: int, place: int, inserted: bool) -> None:
    base = b"same\n" * lines
    one = hunk("same", min(place, lines + 1), 0, b"", b"same\n")
    text = splice(base, [one] if inserted else [])
    assert presences(base, [one], ["same"], text) == {"same": "there" if inserted else "gone"}


@given(st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n"]), max_size=8), st.data())
def test_the_text_that_an_apply_leaves_has_its_hunk_and_the_one_before_has_not(
    lines: list[bytes], data: st.DataObject
) -> None:
    base = b"".join(lines)
    start = data.draw(st.integers(1, len(lines) + 1))
    length = data.draw(st.integers(0, len(lines) + 1 - start))
    new = b"".join(data.draw(st.lists(st.sampled_from([b"a\n", b"x\n"]), max_size=3)))
    old = b"".join(lines[start - 1 : start - 1 + length])
    one = hunk("h", start, length, old, new)
    if splice(base, [one]) == base:
        return
    assert presences(base, [one], ["h"], splice(base, [one])) == {"h": "there"}
    assert presences(base, [one], ["h"], base) == {"h": "gone"}


def test_a_text_of_many_other_lines_is_left_unsaid() -> None:
    text = b"".join(b"other %d\n" % number for number in range(5_000))
    assert set(presences(BASE, HUNKS, NAMES, text).values()) == {"unclear"}


def test_whole_files_are_compared_whole() -> None:
    assert whole_presence(None, b"new\n", b"new\r\n") == "there"
    assert whole_presence(None, b"new\n", None) == "gone"
    assert whole_presence(b"old\n", None, None) == "there"
    assert whole_presence(b"old\n", None, b"old\n") == "gone"
    assert whole_presence(b"old\n", b"new\n", b"mine\n") == "unclear"
