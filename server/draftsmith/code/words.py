"""Words of code and of prose in one spelling, so that a request finds what it speaks of.

`parseHTTPHeader`, `parse_http_header` and "parsing the HTTP headers" share `pars`, `http` and `header`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]+")
_PART = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\x80-\xff]+|[0-9]{2,}")
_PART_OR_END = re.compile(_PART.pattern + rb"|\n")
_MAX_WORD = 80
_SHORTEST = 2
MOST_TERMS = 2_000
"""Distinct terms kept of one file, the most frequent ones."""
MOST_COUNT = 255


@lru_cache(maxsize=200_000)
def terms_of(word: bytes) -> tuple[bytes, ...]:
    """A word's parts, each in lower case and without its ending."""
    return tuple(stem(part.lower()) for part in _PART.findall(word) if len(part) >= _SHORTEST)


def with_term(term: bytes, words: Sequence[bytes]) -> list[int]:
    """Places of the words of which the term is a part, as `terms_of` takes them apart: many at a time, ten times as
    fast. No word holds a line's end."""
    parts = _PART_OR_END.findall(b"\n".join(words))
    same = {part for part in set(parts) if len(part) >= _SHORTEST and stem(part.lower()) == term}
    found: list[int] = []
    place = 0
    for part in parts:
        if part == b"\n":
            place += 1
        elif part in same and (not found or found[-1] != place):
            found.append(place)
    return found


@lru_cache(maxsize=50_000)
def stem(word: bytes) -> bytes:
    """A light cut of English endings; words of code are rarely anything else."""
    if len(word) > 4:
        for ending, kept in ((b"ies", b"y"), (b"sses", b"ss"), (b"ing", b""), (b"ed", b""), (b"es", b""), (b"s", b"")):
            if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(b"ss"):
                word = word[: -len(ending)] + kept
                break
        if word.endswith(b"e") and len(word) > 4:
            word = word[:-1]
        if len(word) > 4 and word[-1] == word[-2] and word[-1:] not in (b"s", b"l"):
            word = word[:-1]
    return word


def count_words(content: bytes) -> dict[bytes, int]:
    """How often each term occurs in a text, identifiers taken apart."""
    counts: dict[bytes, int] = {}
    for word, times in Counter(_WORD.findall(content)).items():
        if len(word) <= _MAX_WORD:
            for term in terms_of(word):
                counts[term] = counts.get(term, 0) + times
    if len(counts) > MOST_TERMS:
        kept = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_TERMS]
        counts = dict(kept)
    return counts


def words_of(text: str) -> list[bytes]:
    """The words of a request as they are written, each once, in order."""
    return list(dict.fromkeys(_WORD.findall(text.encode("utf-8", "replace"))))
