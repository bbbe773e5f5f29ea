"""Where prose is broken on a terminal: between words, later lines below the first. Code is left as it is."""

from __future__ import annotations

import re
import shutil
import sys

from draftsmith.cli.widths import width

WIDEST = 120
"""Cells of a line of prose at most; longer ones are hard to read."""
_WORD = re.compile(r"\S+")
_BULLET = re.compile(r"\s*(?:[-*•+]\s+|\d{1,3}[.)]\s+)?")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_INDENTED = re.compile(r"(?: {4,}|\t)(?![-*•]\s|\d{1,3}[.)]\s)")


def room() -> int | None:
    """Cells for a line on standard output; None when it is no terminal, so that pipes get whole lines."""
    return min(WIDEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else None


def hang(text: str) -> int:
    """Cells by which later lines of a paragraph are indented: its own indent and its bullet."""
    found = _BULLET.match(text)
    return width(found[0]) if found else 0


def line_starts(text: str, most: int, indent: int) -> list[int]:
    """Offsets in a text without line feeds at which its lines begin; a word longer than a line is not broken."""
    starts = [0]
    used = begin = 0
    for word in _WORD.finditer(text):
        used += width(text[begin : word.end()])
        if used > most and word.start() > starts[-1] and text[starts[-1] : word.start()].strip():
            starts.append(word.start())
            used = indent + width(word[0])
        begin = word.end()
    return starts


def wrapped(text: str, most: int | None, *, indent: int | None = None) -> str:
    """One paragraph as lines of at most `most` cells, as far as its words allow."""
    if most is None:
        return text
    below = hang(text) if indent is None else indent
    below = below if below <= most // 2 else 0
    starts = line_starts(text, most, below)
    pieces = [text[begin:end].rstrip() for begin, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return ("\n" + " " * below).join(pieces)


def prose(text: str, most: int | None) -> str:
    """Several paragraphs, each wrapped; blocks of code keep their lines."""
    return "\n".join(wrapped(line, most) if is_prose else line for line, is_prose in paragraphs(text))


def paragraphs(text: str) -> list[tuple[str, bool]]:
    """The lines of a text, each with whether it is prose: not within a fence, and not indented as code is."""
    found: list[tuple[str, bool]] = []
    fenced = False
    for line in text.splitlines():
        fence = bool(_FENCE.match(line))
        found.append((line.rstrip(), not (fence or fenced or _INDENTED.match(line))))
        fenced = fenced != fence
    return found


def described(rows: list[tuple[str, str]], most: int | None) -> list[str]:
    """Names and what they mean, in two columns; the second is wrapped within its own."""
    begin = max((width(name) for name, _ in rows), default=0) + 4
    made: list[str] = []
    for name, meaning in rows:
        head = f"  {name}{' ' * (begin - 2 - width(name))}"
        made += wrapped(head + meaning, most, indent=begin).split("\n")
    return made
