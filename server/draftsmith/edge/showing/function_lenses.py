"""Lenses over functions and classes, for those who switch them on."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from draftsmith.edge import lsp

if TYPE_CHECKING:
    from draftsmith.edge.documents import Document
    from draftsmith.edge.values import JsonObject

_MOST_CHARACTERS = 1_000_000
_MOST = 500
_DEFINES = re.compile(
    r"^[ \t]*(?:(?:export|default|pub(?:\([a-z]+\))?|public|private|protected|static|async|abstract|override)\s+)*"
    r"(?:def|class|func|function|fn|fun|impl|struct|interface|trait|module|sub|proc)\s+[\w(*]"
)
"""Words with which a definition begins in the languages that have such a word; no grammar needs to be loaded."""


async def function_lenses(document: Document) -> list[JsonObject]:
    lines = document.lines.lines
    if sum(map(len, lines)) > _MOST_CHARACTERS:
        return []
    starts = await asyncio.to_thread(_starts, list(lines))
    lenses: list[JsonObject] = []
    for start, end in starts[:_MOST]:
        span = document.lines.span_of_lines(start, end - start)
        at = lsp.span(document.lines.span_of_lines(start, 0))
        for title, command in (("Ask Draftsmith …", "draftsmith.request"), ("Write tests", "draftsmith.test")):
            lens: JsonObject = {"range": at, "command": lsp.command(title, command, [document.uri, lsp.span(span)])}
            lenses.append(lens)
    return lenses


def _starts(lines: list[str]) -> list[tuple[int, int]]:
    """First line and the one after the last of each definition: as far as lines are indented more, or blank."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if _DEFINES.match(line) is None:
            continue
        depth = _depth(line)
        end = number + 1
        while end < len(lines) and (not lines[end].strip() or _depth(lines[end]) > depth):
            end += 1
        if end < len(lines) and lines[end].strip() in ("}", "};", "end", ")"):
            end += 1
        found.append((number, end))
    return found


def _depth(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())
