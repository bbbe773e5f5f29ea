"""Documents that are edited by ranges: the same text as a plain string edited at the same places."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from draftsmith.edge.documents import Changed, Document, Documents, Happening, Replacement
from draftsmith.edge.positions import ENCODINGS, Encoding, negotiated, to_column, to_index
from draftsmith.edge.text import Lines, Position, Range, split_lines

# Small, so that line ends, wide characters and their neighbours meet often; and two that `splitlines` splits at.
CHARACTERS = "ab\n\r\tä€😀\u2028\x0b"
TEXT = st.text(alphabet=CHARACTERS, max_size=40)
UNITS = {
    "utf-8": lambda text: len(text.encode()),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def reference_offset(text: str, at: Position, encoding: Encoding) -> int:
    """Where a position is, by LSP's own words and without any cleverness."""
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
    if at.line >= len(starts):
        return len(text)
    start = starts[at.line]
    rest = re.match(r"[^\r\n]*", text[start:])
    assert rest is not None
    line = rest[0]
    taken = ""
    for character in line:
        if UNITS[encoding](taken + character) > at.character:
            break
        taken += character
    return start + len(taken)


POSITIONS = st.builds(Position, st.integers(0, 8), st.integers(0, 12))
EDITS = st.lists(st.tuples(POSITIONS, POSITIONS, TEXT), max_size=12)


@given(TEXT, EDITS, st.sampled_from(ENCODINGS))
@example("a\r\nb", [(Position(0, 1), Position(1, 0), "\r")], "utf-16")
@example("a\r", [(Position(1, 0), Position(1, 0), "\n")], "utf-16")
@example("a\rb\nc", [(Position(1, 0), Position(1, 1), "")], "utf-8")
@example("", [(Position(3, 3), Position(0, 0), "x\n")], "utf-32")
def test_a_document_is_what_a_string_would_be_after_the_same_edits(
    text: str, edits: list[tuple[Position, Position, str]], encoding: Encoding
) -> None:
    lines = Lines(text, encoding)
    for start, end, fresh in edits:
        first, last = sorted((reference_offset(text, start, encoding), reference_offset(text, end, encoding)))
        text = text[:first] + fresh + text[last:]
        lines.replace(Range(start, end), fresh)
        assert lines.text == text
        assert lines.lines == split_lines(text)


@given(TEXT, EDITS, st.sampled_from(ENCODINGS))
def test_the_edit_that_is_told_is_the_one_that_happened(
    text: str, edits: list[tuple[Position, Position, str]], encoding: Encoding
) -> None:
    lines = Lines(text, encoding)
    for start, end, fresh in edits:
        before = list(lines.lines)
        edit = lines.replace(Range(start, end), fresh)
        after = lines.lines
        assert [*before[: edit.start], *after[edit.start : edit.start + edit.count], *before[edit.end :]] == after


@given(TEXT, TEXT)
def test_a_new_text_as_a_whole_tells_what_of_it_differs(before: str, after: str) -> None:
    lines = Lines(before, "utf-16")
    edit = lines.replace_all(after)
    old, new = split_lines(before), split_lines(after)
    assert lines.text == after
    assert [*old[: edit.start], *new[edit.start : edit.start + edit.count], *old[edit.end :]] == new


@given(st.text(alphabet="aä€😀", max_size=12), st.sampled_from(ENCODINGS))
def test_every_place_in_a_line_has_a_column_that_leads_back(line: str, encoding: Encoding) -> None:
    for index in range(len(line) + 1):
        column = to_column(line, index, encoding)
        assert column == UNITS[encoding](line[:index])
        assert to_index(line, column, encoding) == index


def test_a_column_inside_a_character_is_where_the_character_begins() -> None:
    assert to_index("a😀b", 2, "utf-16") == 1
    assert to_index("a€b", 3, "utf-8") == 1


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-16", "utf-32"], "utf-32"),
        (["ebcdic"], "utf-16"),
        ("utf-8", "utf-16"),
    ],
)
def test_the_encoding_is_one_that_the_client_offers(offered: object, chosen: str) -> None:
    assert negotiated(offered) == chosen


def test_spans_are_sliced_as_they_are_replaced() -> None:
    lines = Lines("one\ntwo\nthree", "utf-16")
    assert lines.slice(Range(Position(0, 1), Position(2, 2))) == "ne\ntwo\nth"
    assert lines.slice(Range(Position(1, 0), Position(1, 2))) == "tw"
    assert lines.span_of_lines(1, 2) == Range(Position(1, 0), Position(2, 5))
    assert lines.end == Position(2, 5)


def test_listeners_hear_of_everything_and_a_document_is_found_however_its_uri_is_spelled() -> None:
    documents = Documents()
    heard: list[tuple[str, Happening]] = []
    stop = documents.listen(lambda document, happening: heard.append((document.text, happening)))
    document = documents.open("file:///ws/a%20b.py", "python", 1, "x\n")
    assert documents.get("file:///ws/a b.py") is document
    assert documents.at_path("/ws/a b.py") is document
    documents.change(document.uri, 2, [Replacement(text="y", span=Range(Position(0, 0), Position(0, 1)))])
    assert document.dirty
    documents.save(document.uri)
    assert not document.dirty
    documents.close("file:///ws/./a%20b.py")
    assert [happening.kind for _, happening in heard] == ["opened", "changed", "saved", "closed"]
    assert [text for text, _ in heard] == ["x\n", "y\n", "y\n", "y\n"]
    stop()
    documents.open("untitled:1", "python", 1, "")
    assert len(heard) == 4


def test_a_document_without_a_file_is_always_unsaved() -> None:
    documents = Documents()
    assert documents.open("untitled:1", "python", 1, "").dirty


def test_a_save_that_brings_another_text_is_a_change_too() -> None:
    documents = Documents()
    edits: list[Changed] = []

    def hear(_document: Document, happening: Happening) -> None:
        if isinstance(happening, Changed):
            edits.append(happening)

    documents.listen(hear)
    document = documents.open("file:///a", "", 1, "a\nb\n")
    documents.save("file:///a", "a\nc\n")
    assert (document.text, document.dirty, len(edits)) == ("a\nc\n", False, 1)
