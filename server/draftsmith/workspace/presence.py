"""Whether a hunk stands in a text: the only source of what is said of hunks in buffers and files after an apply.

Yes only where the hunk's lines stand between the lines around them, no only where the replaced ones do; what somebody
edited on the spot is neither. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from draftsmith.workspace.changes import TextHunk

Presence = Literal["there", "gone", "unclear"]

_COMPARED_LINES = 2_000
"""Differing lines beyond which nothing is said."""

_Block = tuple[int, int]


def presences(base: bytes, hunks: Sequence[TextHunk], applied: Collection[str], text: bytes) -> dict[str, Presence]:
    """Of each text hunk in `applied`, whether `text` has it. Line ends do not count."""
    lines, base_lines = _lines(text), _lines(base)
    wanted = sorted(
        (hunk for hunk in hunks if hunk.kind == "text" and hunk.hunk_id in applied),
        key=lambda one: (one.base_start, one.base_length),
    )
    whole, places = _with_hunks(base_lines, wanted)
    with_all, without = _Likeness.of(whole, lines), _Likeness.of(base_lines, lines)
    found: dict[str, Presence] = {}
    for hunk, (start, end) in zip(wanted, places, strict=True):
        there = with_all.stands(start, end)
        gone = without.stands(hunk.base_start - 1, hunk.base_start - 1 + hunk.base_length)
        if there and gone:
            # Lines that repeat: the text that is nearer as a whole decides.
            there, gone = with_all.apart < without.apart, without.apart < with_all.apart
        found[hunk.hunk_id] = "there" if there else "gone" if gone else "unclear"
    return found


def whole_presence(before: bytes | None, after: bytes | None, content: bytes | None) -> Presence:
    """Whether a file is what a hunk of the whole file makes it; None where there is no file."""
    if _alike(content, after):
        return "there"
    return "gone" if _alike(content, before) else "unclear"


def _alike(content: bytes | None, other: bytes | None) -> bool:
    if content is None or other is None:
        return content is other
    return content == other or _lines(content) == _lines(other)


def _lines(content: bytes) -> list[bytes]:
    """Lines without their ends, so that CRLF and LF, and a last line without an end, are alike."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def _with_hunks(base: list[bytes], hunks: Sequence[TextHunk]) -> tuple[list[bytes], list[_Block]]:
    out: list[bytes] = []
    places: list[_Block] = []
    at = 0
    for hunk in hunks:
        start = hunk.base_start - 1
        out += base[at:start]
        fresh = _lines(hunk.new) if hunk.new else []
        places.append((len(out), len(out) + len(fresh)))
        out += fresh
        at = start + hunk.base_length
    return [*out, *base[at:]], places


@dataclass(frozen=True, slots=True)
class _Likeness:
    """Where the lines of a known text stand in another one: runs as (place here, place there, length)."""

    runs: tuple[tuple[int, int, int], ...]
    length: int
    other_length: int

    @classmethod
    def of(cls, known: list[bytes], other: list[bytes]) -> _Likeness:
        most, first = min(len(known), len(other)), 0
        while first < most and known[first] == other[first]:
            first += 1
        last = 0
        while last < most - first and known[-1 - last] == other[-1 - last]:
            last += 1
        runs = [(0, 0, first)]
        middle = known[first : len(known) - last], other[first : len(other) - last]
        if max(len(part) for part in middle) <= _COMPARED_LINES:
            matcher = SequenceMatcher(None, *middle, autojunk=False)
            runs += [(first + one.a, first + one.b, one.size) for one in matcher.get_matching_blocks() if one.size]
        if last:
            runs.append((len(known) - last, len(other) - last, last))
        return cls(tuple(runs), len(known), len(other))

    @property
    def apart(self) -> int:
        """How many lines would have to come or go to make one text of the other."""
        return self.length + self.other_length - 2 * sum(size for _, _, size in self.runs)

    def stands(self, start: int, end: int) -> bool:
        """Whether the known text's lines from `start` to before `end`, and their neighbours, stand there as one."""
        low, high = max(start - 1, 0), min(end + 1, self.length)
        return any(
            here <= low
            and high <= here + size
            and (start > 0 or there == here)
            and (end < self.length or there + size == self.other_length)
            for here, there, size in self.runs
        )
