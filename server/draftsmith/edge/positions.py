"""Columns of a line in the three units that LSP knows, and as an index into a Python string.

A column beyond the line means its end, one inside a character the character's beginning (LSP 3.17, Position).
"""

from __future__ import annotations

from typing import Literal, assert_never

Encoding = Literal["utf-8", "utf-16", "utf-32"]

ENCODINGS: tuple[Encoding, ...] = ("utf-32", "utf-8", "utf-16")
"""In our order of preference: code points are what Python counts."""

DEFAULT_ENCODING: Encoding = "utf-16"
"""What every client of LSP speaks."""


def negotiated(offered: object) -> Encoding:
    """The encoding for a client that offers these (`general.positionEncodings`), or that says nothing."""
    if isinstance(offered, list):
        for encoding in ENCODINGS:
            if encoding in offered:
                return encoding
    return DEFAULT_ENCODING


def to_index(line: str, column: int, encoding: Encoding) -> int:
    """The index in `line` (without its end) of a column."""
    if encoding == "utf-32" or line.isascii():
        return min(max(column, 0), len(line))
    passed = 0
    for index, character in enumerate(line):
        passed += _width(character, encoding)
        if passed > column:
            return index
    return len(line)


def to_column(line: str, index: int, encoding: Encoding) -> int:
    """The column of an index in `line`."""
    before = line[:index]
    if encoding == "utf-32" or before.isascii():
        return len(before)
    return sum(_width(character, encoding) for character in before)


def _width(character: str, encoding: Encoding) -> int:
    """Units that one character takes; a lone surrogate counts as the replacement character would."""
    code = ord(character)
    match encoding:
        case "utf-16":
            return 1 if code < 0x10000 else 2
        case "utf-8":
            return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        case "utf-32":
            return 1
        case _:
            assert_never(encoding)
