"""Offsets of the hub and positions of editors mean the same places, and long text comes in pages without a break."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.edge.applying import Applying, ranges
from draftsmith.edge.documents import Documents
from draftsmith.edge.positions import ENCODINGS, Encoding
from draftsmith.edge.text import Lines
from draftsmith.workspace.held import replacements

PIECES = st.lists(st.sampled_from(["a", "na\u00efve", "\U0001f600", "\n", "\r\n", "\r", "\u2028", " "]), max_size=25)
TEXTS = PIECES.map("".join)


@given(TEXTS, TEXTS, st.sampled_from(ENCODINGS))
def test_edits_by_offsets_are_the_same_edits_by_positions(before: str, after: str, encoding: Encoding) -> None:
    lines = Lines(before, encoding)
    edits: Any = [{"start": one.start, "end": one.end, "text": one.text} for one in replacements(before, after)]
    for place, edit in reversed(list(zip(ranges(lines, edits), edits, strict=True))):
        lines.replace(place, edit["text"])
    assert lines.text == after


def read(documents: Documents, limit: int) -> list[dict[str, Any]]:
    """All pages of the only document, each of so many code units at most."""

    async def pages() -> list[dict[str, Any]]:
        applying = Applying(documents, cast("Any", None))
        found: list[dict[str, Any]] = []
        offset = 0
        while not found or (offset < found[0]["length"] and found[-1]["text"]):
            page = cast("Any", await applying.answer("buffers/read", {"path": "/f", "offset": offset, "limit": limit}))
            found.append(page)
            offset += len(page["text"].encode("utf-16-le")) // 2
        return found

    return asyncio.run(pages())


@given(TEXTS, st.integers(2, 9))
def test_pages_make_up_the_text_and_cut_no_character(text: str, limit: int) -> None:
    documents = Documents()
    documents.open("file:///f", "text", 1, text)
    pages = read(documents, limit)
    assert "".join(page["text"] for page in pages) == text
    assert {page["length"] for page in pages} == {len(text.encode("utf-16-le")) // 2}
    assert len({page["sha256"] for page in pages}) == 1
    assert all(len(page["text"].encode("utf-16-le")) // 2 <= limit for page in pages)


def test_a_document_that_is_not_open_is_said_not_to_be() -> None:
    assert [page["held"] for page in read(Documents(), 10)] == [False]


def test_half_a_character_cannot_be_sent() -> None:
    documents = Documents()
    documents.open("file:///f", "text", 1, "half \ud83d")
    with pytest.raises(AdapterError, match="half a character"):
        read(documents, 10)


def test_what_a_newer_hub_asks_is_refused_in_words() -> None:
    with pytest.raises(AdapterError, match="does not know buffers/fold"):
        asyncio.run(Applying(Documents(), cast("Any", None)).answer("buffers/fold", {}))
