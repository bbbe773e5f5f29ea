"""Words taken apart one by one and many at a time give the same; so do names weighed at once and as they came."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.index.lexical import Parts
from draftsmith.code.index.ranking import _telling
from draftsmith.code.words import terms_of, with_term

WORD = st.from_regex(rb"[A-Za-z_][A-Za-z0-9_\x80-\xff]{0,20}", fullmatch=True)
PIECES = st.lists(st.sampled_from([b"parse", b"Headers", b"HTTP", b"_", b"mode", b"s", b"2x", b"\xc3\xa4"]), max_size=5)


def joined(pieces: list[bytes]) -> bytes:
    return b"n" + b"".join(pieces)


@given(words=st.lists(WORD | PIECES.map(joined), max_size=20), data=st.data())
def test_many_words_are_taken_apart_as_each_alone(words: list[bytes], data: st.DataObject) -> None:
    known = sorted({term for word in words for term in terms_of(word)}) or [b"mode"]
    term = data.draw(st.sampled_from(known))
    assert with_term(term, words) == [place for place, word in enumerate(words) if term in terms_of(word)]


@given(names=st.lists(WORD | PIECES.map(joined), unique=True, max_size=20), first=st.integers(0, 20))
def test_names_that_came_later_weigh_what_they_would_have_from_the_start(names: list[bytes], first: int) -> None:
    before = _telling(Parts(names[:first]), None)
    later = _telling(Parts(names[:first]).extended(names), before)
    assert np.array_equal(later, _telling(Parts(names), None))
