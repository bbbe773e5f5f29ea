"""Conflicts between the user's text and hunks: the three texts side by side, and as text with markers. Pure.

Markers are those of `git merge-file --diff3`, longer where the texts hold such lines. Nothing is resolved here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.edge.alignment import align
from draftsmith.edge.placing import place_in
from draftsmith.edge.text import split_lines

if TYPE_CHECKING:
    from draftsmith.client.messages import HunkEntity, HunkText

_SHORTEST_MARKER = 7
_RUN = re.compile(r"^(?:<{7,}|\|{7,}|={7,}|>{7,})", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`line` (from 0) and `yours` are those of the user's text, `base` and `draft` what the hunks are about."""

    hunk_ids: tuple[str, ...]
    line: int
    yours: str
    base: str
    draft: str
    note: str

    def marked(self, length: int, end: str) -> str:
        return "".join(
            (
                f"{'<' * length} yours{end}",
                _ended(self.yours, end),
                f"{'|' * length} base{end}",
                _ended(self.base, end),
                f"{'=' * length}{end}",
                _ended(self.draft, end),
                f"{'>' * length} draft{end}",
            )
        )


def conflicts_in(own: str, base: str, hunks: Sequence[tuple[HunkEntity, HunkText]]) -> list[Conflict]:
    """What stands in the user's text where the conflicting hunks would go, from top to bottom; hunks whose places meet
    are one conflict."""
    lines, base_lines = split_lines(own), split_lines(base)
    alignment = align(base_lines, lines)
    placed = sorted(((place_in(hunk, alignment, len(lines)), hunk, text) for hunk, text in hunks), key=_by_place)
    groups: list[list[tuple[tuple[int, int], HunkEntity, HunkText]]] = []
    end = -1
    for one in placed:
        (start, count), _, _ = one
        if groups and start <= end:
            groups[-1].append(one)
        else:
            groups.append([one])
        end = max(end, start + count)
    return [_conflict(lines, base_lines, group) for group in groups]


def _by_place(one: tuple[tuple[int, int], HunkEntity, HunkText]) -> tuple[int, int]:
    return one[0][0], one[1]["base_start"]


def _conflict(lines: list[str], base: list[str], group: list[tuple[tuple[int, int], HunkEntity, HunkText]]) -> Conflict:
    start = min(place[0] for place, _, _ in group)
    end = max(place[0] + place[1] for place, _, _ in group)
    first = min(_first(hunk) for _, hunk, _ in group)
    last = max(_first(hunk) + hunk["base_length"] for _, hunk, _ in group)
    of_draft = _with_hunks(base[:last], [(hunk, text) for _, hunk, text in group])[first:]
    notes = dict.fromkeys(hunk["note"] for _, hunk, _ in group if hunk["note"])
    return Conflict(
        hunk_ids=tuple(hunk["id"] for _, hunk, _ in group),
        line=start,
        yours="".join(lines[start:end]),
        base="".join(base[first:last]),
        draft="".join(of_draft),
        note=" ".join(notes),
    )


def _first(hunk: HunkEntity) -> int:
    return max(hunk["base_start"] - 1, 0)


def _with_hunks(base: list[str], hunks: Sequence[tuple[HunkEntity, HunkText]]) -> list[str]:
    lines = list(base)
    for hunk, text in sorted(hunks, key=lambda pair: pair[0]["base_start"], reverse=True):
        lines[_first(hunk) : _first(hunk) + hunk["base_length"]] = [text["after"]]
    return lines


def marked_text(own: str, conflicts: Sequence[Conflict]) -> str:
    """The user's text with each conflict between markers."""
    lines = split_lines(own)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    length = marker_length(own, conflicts)
    for one in reversed(conflicts):
        count = len(split_lines(one.yours)) if one.yours else 0
        if one.line and lines[one.line - 1 : one.line] and not lines[one.line - 1].endswith("\n"):
            lines[one.line - 1] += end
        lines[one.line : one.line + count] = [one.marked(length, end)]
    return "".join(lines)


def marker_length(own: str, conflicts: Sequence[Conflict]) -> int:
    """So long that no line of the texts looks like a marker."""
    texts = (own, *(text for one in conflicts for text in (one.base, one.draft)))
    runs = (len(found[0]) for text in texts for found in _RUN.finditer(text))
    return max(_SHORTEST_MARKER, *(run + 1 for run in runs), 0)


def offered_text(base: str, hunks: Sequence[tuple[HunkEntity, HunkText]]) -> str:
    """The base with the conflicting hunks alone: what stands against the user's text."""
    return "".join(_with_hunks(split_lines(base), hunks))


def _ended(text: str, end: str) -> str:
    fitted = text.replace("\r\n", "\n").replace("\n", end)
    return fitted if not fitted or fitted.endswith("\n") else fitted + end
