"""Characters that look alike as one: quotes, dashes, blanks, composed letters, letters of other scripts.

Models write the plain form of what they read. Folding only finds a place; what stays in a file keeps its characters.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

_SAME = {
    "'": "‘’‚‛′ʹʼ´",
    '"': "“”„‟″",
    "-": "‐‑‒–—―−﹘﹣",
    "...": "…",
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f",
    "fi": "ﬁ",
    "fl": "ﬂ",
    "ff": "ﬀ",
    "*": "∗＊",
    "/": "⁄∕",
    ":": "∶",
    "~": "∼",
    "|": "∣",
    "μ": "µ",
    # Letters of the Cyrillic and Greek scripts that are drawn like Latin ones.
    "a": "а",
    "c": "с",
    "e": "е",
    "i": "і",
    "j": "ј",
    "o": "оο",
    "p": "рρ",
    "s": "ѕ",
    "x": "хχ",
    "y": "у",
    "A": "АΑ",
    "B": "ВΒ",
    "C": "С",
    "E": "ЕΕ",
    "H": "НΗ",
    "I": "ІΙ",
    "K": "КΚ",
    "M": "МΜ",
    "N": "Ν",
    "O": "ОΟ",
    "P": "РΡ",
    "S": "Ѕ",
    "T": "ТΤ",
    "X": "ХΧ",
    "Y": "ΥҮ",
    "Z": "Ζ",
}
_FOLDED = {alike: plain for plain, others in _SAME.items() for alike in others}
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_FULL_TO_ASCII = 0xFEE0


@cache
def _fold(character: str) -> str:
    plain = _FOLDED.get(character)
    if plain is not None:
        return plain
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - _FULL_TO_ASCII)
    # Composed and decomposed letters alike: both as letter and mark.
    return unicodedata.normalize("NFD", character)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """`starts[i]` is where the character that gave `text[i]` stands in the original; one more entry for its end."""

    text: str
    starts: list[int]

    def original(self, index: int) -> int | None:
        """The place of a border in the original; None when it falls within what came from one character."""
        if 0 < index < len(self.text) and self.starts[index] == self.starts[index - 1]:
            return None
        return self.starts[index]


def fold(text: str) -> Folded:
    """The text with look-alikes made one. Takes time in proportion to the text."""
    if text.isascii():
        return Folded(text=text, starts=list(range(len(text) + 1)))
    pieces: list[str] = []
    starts: list[int] = []
    for index, character in enumerate(text):
        plain = character if character < "\x80" else _fold(character)
        pieces.append(plain)
        starts += [index] * len(plain)
    return Folded(text="".join(pieces), starts=[*starts, len(text)])


def keep_characters(there: str, old: str, new: str) -> str:
    """`new`, where its lines begin and end like `old` with the very characters that stand `there`.

    All three have LF; `there` is what `old` was found as.
    """
    there_lines, old_lines, new_lines = (each.split("\n") for each in (there, old, new))
    if len(there_lines) != len(old_lines):
        return new
    kept = {fold(line).text: there_line for line, there_line in zip(old_lines, there_lines, strict=True)}
    result: list[str] = []
    for position, line in enumerate(new_lines):
        same = kept.get(fold(line).text)
        if same is not None:
            result.append(same)
        elif len(new_lines) == len(old_lines):
            result.append(_keep_ends(there_lines[position], line))
        else:
            result.append(line)
    return "\n".join(result)


def _keep_ends(there: str, new: str) -> str:
    """`new` with the characters of `there` as far as both begin, and as far as both end, alike."""
    if new == new.rstrip():
        there = there.rstrip()
    first, second = fold(there), fold(new)
    a, b = first.text, second.text
    shorter = min(len(a), len(b))
    head = next((index for index in range(shorter) if a[index] != b[index]), shorter)
    while head and (first.original(head) is None or second.original(head) is None):
        head -= 1
    tail = next((index for index in range(shorter - head) if a[-1 - index] != b[-1 - index]), shorter - head)
    while tail and (first.original(len(a) - tail) is None or second.original(len(b) - tail) is None):
        tail -= 1
    starts = [
        first.original(head),
        first.original(len(a) - tail),
        second.original(head),
        second.original(len(b) - tail),
    ]
    there_head, there_tail, new_head, new_tail = (at or 0 for at in starts)
    return there[:there_head] + new[new_head:new_tail] + there[there_tail:]
