"""Where a given text stands in a file, more and more tolerant in a stated order; every place is found, none is chosen.

No disk is touched; refusing an ambiguous place is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from draftsmith.workspace.indentation import Reindent, explain, indentation_of, unit_of
from draftsmith.workspace.lookalikes import fold, keep_characters
from draftsmith.workspace.text import split_lines, strip_line_end

Tolerance = Literal["exact", "line_ends", "trailing_blanks", "indentation", "look_alikes"]
"""In order: the very characters; LF and CRLF alike; blanks at line ends ignored (whole lines); another indentation,
the same for every line (whole lines); characters that look alike, after which the three before are tried again."""

TOLERANCES: tuple[Tolerance, ...] = ("exact", "line_ends", "trailing_blanks", "indentation", "look_alikes")
_CRLF = re.compile("\r\n")
_BLANKS = " \t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Characters [start, end) of the text, and `old` and `new` as they read there."""

    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Whole lines from `first` on that match, and how a text's indentation reads there (None: as it is)."""

    first: int
    reindent: Reindent | None = None


def find_text(text: str, old: str, new: str, tolerance: Tolerance) -> list[Place]:
    """All places of `old`, also overlapping ones."""
    match tolerance:
        case "exact":
            return _exact_places(text, old, new)
        case "line_ends":
            return _normalised_places(text, old, new)
        case "trailing_blanks" | "indentation":
            return _line_places(text, old, new, tolerance)
        case "look_alikes":
            return _alike_places(text, old, new)


def find_windows(
    lines: Sequence[str], wanted: Sequence[str], given: Sequence[str], tolerance: Tolerance
) -> list[Window]:
    """All runs of whole lines that match `wanted`. All lines are without their ends; `given` is everything that the
    model wrote, from which the unit of its indentation is read."""
    if not wanted:
        return []
    match tolerance:
        case "exact" | "line_ends":
            found = [Window(first=first) for first in _runs(lines, wanted)]
            # Blanks at line ends are as invisible as line ends: places that differ in them only are the same.
            return found if len(found) == len(list(_runs(_bare(lines), _bare(wanted)))) else []
        case "trailing_blanks":
            return [Window(first=first) for first in _runs(_bare(lines), _bare(wanted))]
        case "indentation":
            return list(_shifted(_bare(lines), _bare(wanted), given))
        case "look_alikes":
            there, looked = _bare(_folded(lines)), _bare(_folded(wanted))
            return [Window(first=first) for first in _runs(there, looked)] or list(_shifted(there, looked, given))


def _bare(lines: Sequence[str]) -> list[str]:
    return [line.rstrip(_BLANKS) for line in lines]


def _folded(lines: Sequence[str]) -> list[str]:
    return [fold(line).text if not line.isascii() else line for line in lines]


def _runs(lines: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    anchor = max(range(len(wanted)), key=lambda position: len(wanted[position].strip()))
    line = wanted[anchor]
    for index, there in enumerate(lines):
        first = index - anchor
        if there == line and first >= 0 and lines[first : first + len(wanted)] == wanted:
            yield first


def _shifted(lines: Sequence[str], wanted: Sequence[str], given: Sequence[str]) -> Iterator[Window]:
    """Windows whose lines differ from the wanted ones in indentation only, in one explained way."""
    bodies = [line.lstrip(_BLANKS) for line in wanted]
    anchor = max(range(len(bodies)), key=lambda position: len(bodies[position]))
    if not bodies[anchor]:
        return
    unit: str | None = None
    asked = False
    for index, there in enumerate(lines):
        first = index - anchor
        if first < 0 or first + len(wanted) > len(lines) or there.lstrip(_BLANKS) != bodies[anchor]:
            continue
        window = lines[first : first + len(wanted)]
        if [line.lstrip(_BLANKS) for line in window] != bodies or window == wanted:
            continue
        if not asked:
            unit, asked = unit_of(lines), True
        pairs = [(indentation_of(one), indentation_of(two)) for one, two in zip(wanted, window, strict=True) if one]
        reindent = explain(pairs, given, unit)
        if reindent is not None:
            yield Window(first=first, reindent=reindent)


def _exact_places(text: str, old: str, new: str) -> list[Place]:
    places = [
        Place(start=start, end=start + len(old), old=old, new=new)
        for start in _occurrences(text, old)
        if not _splits_line_end(text, start, start + len(old)) and not _is_further_in(text, start, old, new)
    ]
    # Line ends are invisible to who reads the file: places that differ in them only are the same to the reader.
    if "\n" in old and "\r\n" in text and len(_normalised_places(text, old, new)) != len(places):
        return []
    return _unless_hidden_twins(text, old, new, places)


def _unless_hidden_twins(text: str, old: str, new: str, places: list[Place]) -> list[Place]:
    """None of the places of whole lines when more of them differ in blanks at line ends only, which nobody sees."""
    if not places or "\n" not in old or any(at.start and text[at.start - 1] != "\n" for at in places):
        return places
    return places if len(_line_places(text, old, new, "trailing_blanks")) <= len(places) else []


def _occurrences(text: str, old: str) -> list[int]:
    """Also overlapping ones, so that they are seen to be ambiguous."""
    starts: list[int] = []
    at = text.find(old)
    while at >= 0:
        starts.append(at)
        at = text.find(old, at + 1)
    return starts


def _splits_line_end(text: str, start: int, end: int) -> bool:
    """Whether a border falls between the CR and the LF of one line end."""
    return any(0 < border < len(text) and text[border - 1 : border + 1] == "\r\n" for border in (start, end))


def _is_further_in(text: str, start: int, old: str, new: str) -> bool:
    """Whether whole lines were found behind blanks that `old` does not have: that is another indentation."""
    lead = text[text.rfind("\n", 0, start) + 1 : start]
    end = start + len(old)
    if not lead or lead.strip(_BLANKS) or not (old.endswith("\n") or text[end : end + 1] in ("", "\r", "\n")):
        return False
    if old[0] in _BLANKS:
        return True
    # The indentation of its first line is often left out; then all further lines have theirs.
    further = [line for line in new.split("\n")[1:] if line.strip()]
    return "\n" not in old.rstrip("\r\n") and not all(line.startswith(lead) for line in further)


def _normalised_places(text: str, old: str, new: str) -> list[Place]:
    if "\r\n" not in text and "\r\n" not in old:
        return []
    plain, plain_old = text.replace("\r\n", "\n"), old.replace("\r\n", "\n")
    found = _occurrences(plain, plain_old)
    if not found:
        return []
    places: list[Place] = []
    # Every line end of two characters before a place moves it by one.
    pairs = [match.start() - count for count, match in enumerate(_CRLF.finditer(text))]
    passed = 0
    for start in found:
        while passed < len(pairs) and pairs[passed] < start:
            passed += 1
        inside = passed
        while inside < len(pairs) and pairs[inside] < start + len(plain_old):
            inside += 1
        if not _is_further_in(plain, start, plain_old, new):
            places.append(Place(start=start + passed, end=start + len(plain_old) + inside, old=old, new=new))
    return _unless_hidden_twins(text, old, new, places)


def _line_places(text: str, old: str, new: str, tolerance: Tolerance) -> list[Place]:
    """Places where whole lines match."""
    lines = split_lines(text)
    wanted = [strip_line_end(line) for line in split_lines(old)]
    if not any(line.strip() for line in wanted):
        return []
    given = [*wanted, *(strip_line_end(line) for line in split_lines(new))]
    starts = line_starts(lines)
    places: list[Place] = []
    for window in find_windows([strip_line_end(line) for line in lines], wanted, given, tolerance):
        pair = (old, new) if window.reindent is None else _reindented(window.reindent, old, new)
        if pair is None:
            continue
        there, replacement = pair
        past = window.first + len(wanted)
        end, last = starts[past], lines[past - 1]
        if not old.endswith("\n"):
            end -= len(last) - len(strip_line_end(last))
        elif not last.endswith("\n"):
            there, replacement = there.removesuffix("\n"), replacement.removesuffix("\n").removesuffix("\r")
        places.append(Place(start=starts[window.first], end=end, old=there, new=replacement))
    return places


def _reindented(reindent: Reindent, old: str, new: str) -> tuple[str, str] | None:
    first, second = reindent.text(old), reindent.text(new)
    return None if first is None or second is None else (first, second)


def line_starts(lines: Sequence[str]) -> list[int]:
    """Where each line with its end begins, and where the last one ends."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def _alike_places(text: str, old: str, new: str) -> list[Place]:
    if text.isascii() and old.isascii():
        return []
    folded, looked = fold(text), fold(old).text
    if not looked:
        return []
    steps: tuple[Tolerance, ...] = ("exact", "line_ends", "trailing_blanks", "indentation")
    for tolerance in steps:
        places: list[Place] = []
        for found in find_text(folded.text, looked, new, tolerance):
            start, end = folded.original(found.start), folded.original(found.end)
            if start is None or end is None:
                continue
            there, wanted, replacement = (
                each.replace("\r\n", "\n") for each in (text[start:end], found.old, found.new)
            )
            places.append(Place(start=start, end=end, old=there, new=keep_characters(there, wanted, replacement)))
        if places:
            return places
    return []
