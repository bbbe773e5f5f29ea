"""Bytes to text and back without a changed byte."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import ToolFailure
from draftsmith.workspace.text import decode, prevailing_line_end, split_lines, strip_line_end, with_line_end


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_any_bytes_are_decoded_back_to_themselves_or_refused(raw: bytes) -> None:
    try:
        file = decode(raw)
    except ToolFailure:
        return
    mark = raw[: file.byte_offset(0)]
    assert mark + file.encode_kept(file.text) == raw
    assert mark in (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@pytest.mark.parametrize(
    ("raw", "encoding", "text"),
    [
        ("naïve\r\n".encode(), "utf-8", "naïve\r\n"),
        (codecs.BOM_UTF8 + b"a\n", "utf-8-bom", "a\n"),
        (codecs.BOM_UTF16_LE + "é\n".encode("utf-16-le"), "utf-16-le", "é\n"),
        (codecs.BOM_UTF16_BE + "é\n".encode("utf-16-be"), "utf-16-be", "é\n"),
        ("caf\u00e9\n".encode("latin-1"), "latin-1", "café\n"),
        ("日本".encode("shift-jis"), "unknown-8bit", "日本".encode("shift-jis").decode("latin-1")),
        (b"", "utf-8", ""),
    ],
)
def test_encoding_is_found(raw: bytes, encoding: str, text: str) -> None:
    file = decode(raw)
    assert (file.encoding, file.text) == (encoding, text)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x7fELF\x02\x01\x00\x00",
        b"\xff\xfe\x00\xd8",  # a lone surrogate after the UTF-16 mark
        codecs.BOM_UTF32_LE + "a".encode("utf-32-le"),
        b"\x89PNG\r\n\x1a\n",
        b"text\xffwith\x01control",
    ],
)
def test_binary_files_are_refused(raw: bytes) -> None:
    with pytest.raises(ToolFailure) as refusal:
        decode(raw)
    assert refusal.value.code == "binary_file"


def test_a_character_that_the_encoding_cannot_hold_is_refused_by_name() -> None:
    with pytest.raises(ToolFailure, match=r"Latin-1.*'→'"):
        decode(b"caf\xe9").encode("→")


def test_only_ascii_goes_into_an_unknown_encoding() -> None:
    file = decode("日本".encode("shift-jis"))
    assert file.encode("abc") == b"abc"
    with pytest.raises(ToolFailure, match="unknown"):
        file.encode("é")


@given(st.text(alphabet="ab\r\n", max_size=40))
def test_lines_put_together_are_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all("\n" not in strip_line_end(line) for line in lines)
    assert text.count("\n") <= len(lines) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", None),
        ("a\nb\r\nc\r\n", "\r\n"),
        ("a\nb\nc\r\n", "\n"),
        ("a\r\nb\n", "\r\n"),
        ("a\nb\r\n", "\n"),
        ("a\rb", None),
    ],
)
def test_prevailing_line_end(text: str, expected: str | None) -> None:
    assert prevailing_line_end(text) == expected


@given(st.text(alphabet="ab\r\n", max_size=40))
def test_line_ends_become_uniform(text: str) -> None:
    assert prevailing_line_end(with_line_end(text, "\r\n")) in ("\r\n", None)
    assert with_line_end(with_line_end(text, "\r\n"), "\n").count("\n") == text.count("\n")
