"""Text of models, tools and files made safe for a terminal.

Nothing that came from outside may move the cursor, set a title, write to the clipboard or reorder what is read.
"""

from __future__ import annotations

import re

from draftsmith.domain.escapes import without_escapes

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)
_ONE_LINE = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without escape sequences, control characters and marks that change the reading direction.

    Line feeds and tabs stay; a carriage return becomes a line feed, as a progress bar means it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub("", without_escapes(text))


def one_line(text: str, limit: int = 200) -> str:
    """`clean`, on one line of at most `limit` characters."""
    flat = _ONE_LINE.sub(" ", clean(text[: limit * 8])).strip()
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def reveal(text: str) -> str:
    """The text with everything hidden made visible: for what is about to be written to the user's files."""
    return _HIDDEN.sub(lambda match: _picture(match[0]), text)


def _picture(character: str) -> str:
    number = ord(character)
    if number < 0x20:
        return chr(0x2400 + number)
    return "\u2421" if number == 0x7F else f"⟨U+{number:04X}⟩"
