"""A place in a document as words for a request: where it is, and what the user sees there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.showing.hover import fenced
from draftsmith.edge.text import Position, Range

if TYPE_CHECKING:
    from draftsmith.edge.documents import Document
    from draftsmith.edge.edge import Edge

_QUOTED_LINES = 120


def quoted_place(edge: Edge, document: Document, span: Range | None) -> str:
    """The file, and of a range its lines, quoted."""
    name = _name(edge, document)
    if span is None:
        return f"This is about `{name}`."
    first, last = span.start.line, span.end.line
    if last > first and span.end.character == 0:
        last -= 1
    if first == last and span.start == span.end:
        return f"This is about `{name}`, line {first + 1}."
    shown = min(last, first + _QUOTED_LINES - 1)
    code = document.lines.slice(Range(Position(first, 0), document.lines.position_at(shown + 1, 0))).rstrip("\r\n")
    rest = f"\n(and {last - shown} more lines)" if last > shown else ""
    return f"This is about `{name}`, lines {first + 1} to {last + 1}:\n\n{fenced(code, document.language)}{rest}"


def _name(edge: Edge, document: Document) -> str:
    """The path in its folder, as the session will know it."""
    if document.path is None:
        return document.uri
    real = edge.folders.real_path(document.path)
    for folder in edge.folders.real:
        if real.startswith(f"{folder.rstrip('/')}/"):
            return real[len(folder.rstrip("/")) + 1 :]
    return real
