"""How many cells text takes in a terminal, near enough for columns (Unicode Standard Annex 11)."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def pad(text: str, size: int) -> str:
    return text + " " * max(0, size - width(text))


def cut(text: str, size: int) -> str:
    """The text in at most `size` cells, with an ellipsis when it was longer."""
    if width(text) <= size:
        return text
    kept, used = [], 1
    for character in text:
        used += _cells(character)
        if used > size:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
