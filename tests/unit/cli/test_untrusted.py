from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.cli.untrusted import clean, one_line, reveal

HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x9d[]0;?mJH\x07\\\u202e\u2066\r\n\t\x00\x7f")), max_size=60
)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]52;c;cm0gLXJm\x1b\\clipboard", "clipboard"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jclear", "clear"),
        ("\x1bP1$r0m\x1b\\dcs", "dcs"),
        ("\x1bc reset", " reset"),
        ("up\x1b[1A\x1b[2Kdate", "update"),
        ("bell\x07", "bell"),
        ("back\b\b\b\bfake", "backfake"),
        ("10%\r20%\r\ndone", "10%\n20%\ndone"),
        ("if user\u202e } { \u2066", "if user } { "),
        ("unfinished \x1b]0;title", "unfinished "),
    ],
)
def test_sequences_are_taken_out_whole(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


@given(HOSTILE)
def test_nothing_that_acts_on_a_terminal_is_left(text: str) -> None:
    left = {one for one in clean(text) if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")} - {"\n", "\t"}
    assert not left
    assert not {one for one in clean(text) if unicodedata.bidirectional(one) in {"RLO", "LRO", "RLE", "LRE", "PDF"}}
    clean(text).encode("utf-8")


@given(HOSTILE)
def test_one_line_is_one_line_within_its_limit(text: str) -> None:
    line = one_line(text, 20)
    assert "\n" not in line
    assert len(line) <= 20


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=80))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text
    assert reveal(text) == text


@given(HOSTILE)
def test_what_is_hidden_is_shown_in_a_difference(text: str) -> None:
    shown = reveal(text)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) >= len(text)
    shown.encode("utf-8")
