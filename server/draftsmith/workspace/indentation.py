"""How a text that was given with one indentation reads with the file's: shifted as a whole, or one unit for another.

A mapping is taken only when it explains every line; lines of a level that it cannot explain are refused, not guessed.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from draftsmith.workspace.text import split_lines

_BLANKS = " \t"
_LARGEST_STEP = 8
_TAB_WIDTH = 8


def indentation_of(line: str) -> str:
    """The blanks and tabs in front of a line."""
    return line[: len(line) - len(line.lstrip(_BLANKS))]


def unit_of(lines: Iterable[str]) -> str | None:
    """By how much a line is most often further in than the one before; one blank is no unit (comments' stars)."""
    steps: Counter[str] = Counter()
    before = ""
    for line in lines:
        if not line.strip():
            continue
        here = indentation_of(line)
        if here != before and here.startswith(before):
            steps[here[len(before) :]] += 1
        before = here
    usual = [(count, -len(step), step) for step, count in steps.items() if step == "\t" or _is_step(step)]
    return max(usual)[2] if usual else None


def _is_step(step: str) -> bool:
    return 1 < len(step) <= _LARGEST_STEP and not step.strip(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindent:
    """`known` are levels seen on both sides. With `regular`, other levels follow from base and units."""

    known: Mapping[str, str]
    given_base: str
    there_base: str
    given_unit: str
    there_unit: str
    regular: bool = True

    def text(self, text: str) -> str | None:
        """The text indented as the file is; None when a line has a level that is not explained."""
        result: list[str] = []
        for line in split_lines(text):
            if not line.strip():
                result.append(line)
                continue
            given = indentation_of(line)
            there = self.level(given)
            if there is None:
                return None
            result.append(there + line[len(given) :])
        return "".join(result)

    def level(self, given: str) -> str | None:
        """One indentation as the file has it."""
        if given in self.known:
            return self.known[given]
        return self._follow(given) if self.regular else None

    def explains(self, pairs: Mapping[str, str]) -> bool:
        return all(self._follow(given) == there for given, there in pairs.items())

    def _follow(self, given: str) -> str | None:
        if given.startswith(self.given_base):
            more = self._convert(given[len(self.given_base) :])
            return None if more is None else self.there_base + more
        if self.given_base.startswith(given):
            less = self._convert(self.given_base[len(given) :])
            if less is not None and self.there_base.endswith(less):
                return self.there_base[: len(self.there_base) - len(less)]
        return None

    def _convert(self, part: str) -> str | None:
        if self.given_unit == self.there_unit:
            return part
        count, rest = 0, part
        while rest.startswith(self.given_unit):
            count, rest = count + 1, rest[len(self.given_unit) :]
        return None if rest.strip(" ") else self.there_unit * count + rest


def explain(
    pairs: Sequence[tuple[str, str]], given: Sequence[str], file_unit: str | None, *, scaled: bool = True
) -> Reindent | None:
    """What turns each first indentation into its second, or None. `given` are the lines the model wrote."""
    known: dict[str, str] = {}
    for one, there in pairs:
        if known.setdefault(one, there) != there:
            return None
    if not known or not _in_order(known):
        return None
    base = min(known, key=len)
    shift = Reindent(known=known, given_base=base, there_base=known[base], given_unit="", there_unit="")
    given_unit = unit_of(given)
    if scaled and given_unit and file_unit and given_unit != file_unit:
        by_units = Reindent(
            known=known, given_base=base, there_base=known[base], given_unit=given_unit, there_unit=file_unit
        )
        from_zero = Reindent(known={}, given_base="", there_base="", given_unit=given_unit, there_unit=file_unit)
        if base and from_zero.explains(known):
            return by_units
        if not shift.explains(known) and by_units.explains(known):
            return by_units
    if shift.explains(known):
        return shift
    return Reindent(known=known, given_base=base, there_base=known[base], given_unit="", there_unit="", regular=False)


def _in_order(known: Mapping[str, str]) -> bool:
    """What is further in stays further in, and levels stay apart."""
    widths = [
        len(known[one].expandtabs(_TAB_WIDTH)) for one in sorted(known, key=lambda one: len(one.expandtabs(_TAB_WIDTH)))
    ]
    return all(first < second for first, second in itertools.pairwise(widths))
