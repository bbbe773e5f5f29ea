"""Where lines of a base text are in another version of it. Pure; for long texts call it in a thread."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from difflib import SequenceMatcher

_DIFFED_MOST = 4_000
"""Lines of a difference that are compared in full; beyond it, its beginning and end stand for all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`length` equal lines from `base` and from `other` on. Lines count from 0."""

    base: int
    other: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Equal blocks in order; the last one is empty and stands for both ends."""

    blocks: tuple[Block, ...]

    def line(self, base_line: int, *, end: bool = False) -> int:
        """Where a line's beginning is, or (`end`) where lines before it end. What was taken out is where it was."""
        number = bisect_right(self.blocks, base_line - (1 if end else 0), key=lambda block: block.base) - 1
        if number >= 0:
            block = self.blocks[number]
            offset = base_line - block.base
            if offset <= block.length and (end or offset < block.length):
                return block.other + offset
        if end:
            following = self.blocks[number + 1] if number + 1 < len(self.blocks) else self.blocks[-1]
            return following.other
        before = self.blocks[number] if number >= 0 else Block(base=0, other=0, length=0)
        return before.other + before.length


def align(base: list[str], other: list[str]) -> Alignment:
    """Line ends do not count: editors may show others than the file has."""
    left, right = [_bare(line) for line in base], [_bare(line) for line in other]
    most = min(len(left), len(right))
    start = 0
    while start < most and left[start] == right[start]:
        start += 1
    same = 0
    while same < most - start and left[-1 - same] == right[-1 - same]:
        same += 1
    blocks = [Block(base=0, other=0, length=start)] if start else []
    middle_left, middle_right = left[start : len(left) - same], right[start : len(right) - same]
    if middle_left and middle_right and len(middle_left) + len(middle_right) <= _DIFFED_MOST:
        matcher = SequenceMatcher(None, middle_left, middle_right, autojunk=False)
        blocks += [
            Block(base=start + found.a, other=start + found.b, length=found.size)
            for found in matcher.get_matching_blocks()
            if found.size
        ]
    if same:
        blocks.append(Block(base=len(left) - same, other=len(right) - same, length=same))
    blocks.append(Block(base=len(left), other=len(right), length=0))
    return Alignment(blocks=tuple(blocks))


def _bare(line: str) -> str:
    return line.rstrip("\r\n")
