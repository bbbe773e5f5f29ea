"""Documents as rows: whole again, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import DocumentId
from draftsmith.store.documents import document_id, pack, unpack

CONTENTS = st.binary(max_size=2000) | st.tuples(st.binary(max_size=9), st.integers(0, 999)).map(lambda p: p[0] * p[1])


@given(CONTENTS)
def test_unpacking_gives_what_was_packed(content: bytes) -> None:
    row = pack(content)
    assert row["document_id"] == document_id(content)
    assert len(row["content"]) <= len(content)
    assert unpack(row["document_id"], row["packing"], row["size"], row["content"]) == content


def test_compression_is_used_where_it_pays() -> None:
    assert pack(b"line\n" * 1000)["packing"] == "zlib"
    assert pack(bytes(range(256)))["packing"] == "plain"


@given(CONTENTS.filter(len), st.data())
def test_changed_bytes_are_noticed(content: bytes, data: st.DataObject) -> None:
    row = pack(content)
    stored = bytearray(row["content"])
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    found: bytes | str
    try:
        found = unpack(row["document_id"], row["packing"], row["size"], bytes(stored))
    except AdapterError as error:
        found = error.code
    assert found in (content, "store_damaged")


@pytest.mark.parametrize("packing", ["zstd", "plain", ""])
def test_wrong_packing_or_name_is_damage(packing: str) -> None:
    with pytest.raises(AdapterError, match="is damaged"):
        unpack(DocumentId("0" * 64), packing, 3, b"abc")


def test_content_that_unpacks_to_more_than_it_was_is_not_unpacked_whole() -> None:
    bomb = pack(bytes(1 << 20))
    with pytest.raises(AdapterError, match="is damaged"):
        unpack(bomb["document_id"], "zlib", 10, bomb["content"])
