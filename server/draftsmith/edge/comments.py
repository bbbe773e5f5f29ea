"""A comment at a place, as the words that it says: for "Do what this comment says". No grammar is needed for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from draftsmith.edge.documents import Document
    from draftsmith.edge.text import Range

_LINE = re.compile(r"^\s*(?:#+|//+!?|--+(?=\s)|;+|%+)\s?(?P<words>.*)$")
_LINE_OF = {
    "vb": re.compile(r"^\s*'\s?(?P<words>.*)$"),
    "vim": re.compile(r'^\s*"\s?(?P<words>.*)$'),
    "bat": re.compile(r"^\s*(?:rem\b|::)\s?(?P<words>.*)$", re.IGNORECASE),
}
_BLOCK_START = re.compile(r"^\s*(?:/\*+|<!--|\{-|\(\*|\"\"\"|''')\s?(?P<words>.*)$")
_BLOCK_END = re.compile(r"(?P<words>.*?)\s*(?:\*+/|-->|-\}|\*\)|\"\"\"|''')\s*$")
_STAR = re.compile(r"^\s*\*(?!/)\s?")
_TRAILING = re.compile(r"(?:\s#|//|\s--)\s+(?P<words>.*)$")
_MOST = 200
"""Lines of one comment."""

_NOT_COMMENTS = {"markdown": "#", "c": "#", "cpp": "#", "csharp": "#"}
"""Languages in which a line that begins so is something else."""


def comment_at(document: Document, span: Range) -> str | None:
    """The whole comment around the span's first line; None where there is none, or it says nothing."""
    line = span.start.line
    words = _block(document, line) or _lines(document, line) or _after_code(document, line)
    return words or None


def _lines(document: Document, line: int) -> str:
    if _said(document, line) is None:
        return ""
    first = line
    while first > 0 and line - first < _MOST and _said(document, first - 1) is not None:
        first -= 1
    last = line
    while last - line < _MOST and _said(document, last + 1) is not None:
        last += 1
    return "\n".join(_said(document, number) or "" for number in range(first, last + 1)).strip()


def _said(document: Document, line: int) -> str | None:
    text = document.lines.line(line)
    found = _LINE_OF.get(document.language, _LINE).match(text)
    if found is None or text.lstrip().startswith(("--- ", "#!")):
        return None
    marker = _NOT_COMMENTS.get(document.language)
    if marker is not None and text.lstrip().startswith(marker):
        return None
    return found["words"]


def _block(document: Document, line: int) -> str:
    first = line
    while _BLOCK_START.match(document.lines.line(first)) is None:
        ended = first < line and _BLOCK_END.match(document.lines.line(first)) is not None
        if first == 0 or ended or line - first >= _MOST:
            return ""
        first -= 1
    words: list[str] = []
    for number in range(first, min(first + _MOST, len(document.lines.lines))):
        text = document.lines.line(number)
        start = _BLOCK_START.match(text) if number == first else None
        text = start["words"] if start is not None else _STAR.sub("", text)
        end = _BLOCK_END.match(text)
        words.append(end["words"] if end is not None else text)
        if end is not None:
            return "\n".join(words).strip() if number >= line else ""
    return ""


def _after_code(document: Document, line: int) -> str:
    found = _TRAILING.search(document.lines.line(line))
    return found["words"].strip() if found is not None else ""
