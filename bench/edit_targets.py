"""What an edit of the corpus is of: a block of a real file that stands once, and what becomes of its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One line of the new block: `source` is the line of the old block that it is or replaces, None for an added
    one; `span` the characters of it that were changed."""

    text: str
    source: int | None
    span: tuple[int, int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Lines [first, past) of the original, and what becomes of them."""

    lines: list[str]
    first: int
    past: int
    new: list[NewLine]
    touched: int
    """The line of the block that is edited, or after which one is added."""

    @property
    def block(self) -> list[str]:
        return self.lines[self.first : self.past]

    def after(self, lines: Sequence[str] | None = None, block: Sequence[str] | None = None) -> list[str]:
        """The file with the edit, where the file's lines are `lines` and the target's are `block`."""
        lines = self.lines if lines is None else lines
        block = self.block if block is None else block
        return [*lines[: self.first], *self.edited(block), *lines[self.past :]]

    def edited(self, block: Sequence[str]) -> list[str]:
        """The new block made of the old one as it reads by now."""
        result: list[str] = []
        for line in self.new:
            if line.source is None:
                result.append(line.text)
            elif line.span is None:
                result.append(block[line.source])
            else:
                start, end, text = line.span
                there = block[line.source]
                result.append(there[:start] + text + there[end:].rstrip())
        return result


def bare(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines without what tolerances overlook."""
    return tuple("".join(line.split()) for line in lines)


def count_of(lines: Sequence[str], block: Sequence[str]) -> int:
    wanted, all_lines = bare(block), bare(lines)
    return sum(all_lines[at : at + len(wanted)] == wanted for at in range(len(all_lines) - len(wanted) + 1))


def pick_target(lines: list[str], random: Random) -> Target | None:
    """A block that stands once, even with blanks ignored, and an edit of it."""
    for _ in range(12):
        length = random.choice((1, 1, 2, 3, 4, 6))
        if len(lines) < length + 4:
            return None
        first = random.randrange(len(lines) - length)
        block = lines[first : first + length]
        solid = [at for at, line in enumerate(block) if len(line.strip()) >= 8 and TOKEN.search(line)]
        if not solid or not block[0].strip() or not block[-1].strip() or count_of(lines, block) != 1:
            continue
        # A single line must not stand within another one either: then it is no name of one place.
        if length == 1 and sum(block[0].strip() in line for line in lines) != 1:
            continue
        touched = random.choice(solid)
        new = _edited(block, touched, random)
        target = Target(lines=lines, first=first, past=first + length, new=new, touched=touched)
        if bare(target.edited(block)) != bare(block):
            return target
    return None


def _edited(block: list[str], at: int, random: Random) -> list[NewLine]:
    kept = [NewLine(text=line, source=index) for index, line in enumerate(block)]
    token = random.choice(list(TOKEN.finditer(block[at])))
    word = f"edited{random.randrange(10_000)}"
    changed = NewLine(text="", source=at, span=(token.start(), token.end(), word))
    kind = random.choice(("change", "change", "insert", "delete"))
    if kind == "delete" and len(block) > 1:
        return [line for index, line in enumerate(kept) if index != at]
    if kind == "insert":
        indent = block[at][: len(block[at]) - len(block[at].lstrip())]
        return [*kept[: at + 1], NewLine(text=f"{indent}added {word}", source=None), *kept[at + 1 :]]
    return [*kept[:at], changed, *kept[at + 1 :]]
