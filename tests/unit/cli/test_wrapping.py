from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.cli.widths import width
from draftsmith.cli.wrapping import described, paragraphs, prose, wrapped

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


@given(st.lists(WORDS, max_size=40), st.integers(20, 80))
def test_words_stay_whole_and_in_order_and_lines_fit(words: list[str], room: int) -> None:
    text = " ".join(words)
    lines = wrapped(text, room).split("\n")
    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert width(line) <= room or len(line.split()) == 1


def test_bullet_hangs_and_a_long_word_has_a_line_of_its_own() -> None:
    assert wrapped("- one two three", 9) == "- one two\n  three"
    assert wrapped("see /a/very/long/path here", 10) == "see\n/a/very/long/path\nhere"
    assert wrapped("12. one two", 8) == "12. one\n    two"


def test_pipes_get_whole_lines() -> None:
    assert wrapped("word " * 100, None) == "word " * 100


def test_code_keeps_its_lines() -> None:
    text = "Some words here\n```\nlong code line\n```\n    indented code line\n    - nested words here"
    assert [line for line, is_prose in paragraphs(text) if not is_prose] == [
        "```",
        "long code line",
        "```",
        "    indented code line",
    ]
    assert "long code line\n" in prose(text, 8)
    assert "    indented code line" in prose(text, 8)


def test_meanings_are_aligned_and_wrapped_in_their_column() -> None:
    assert described([("a", "one two three"), ("long", "x")], 16) == [
        "  a     one two",
        "        three",
        "  long  x",
    ]
