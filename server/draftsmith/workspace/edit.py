"""Exact search and replace on a file's bytes; only the bytes of the replaced range change.

Matching grows tolerant in a stated order (see `Tolerance`) and never takes an ambiguous place. No disk is touched.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.errors import ModelMistake
from draftsmith.workspace.nearest import refusal_hint
from draftsmith.workspace.text import (
    LineEnd,
    TextFile,
    decode,
    prevailing_line_end,
    split_lines,
    strip_line_end,
    with_line_end,
)

Tolerance = Literal["exact", "line_ends", "trailing_blanks", "indentation"]
"""In order: the very characters; LF and CRLF alike; blanks at line ends ignored (whole lines); one and the same
indentation added to or taken from every line (whole lines)."""

_TOLERANCES: tuple[Tolerance, ...] = ("exact", "line_ends", "trailing_blanks", "indentation")
_CRLF = re.compile("\r\n")
_LISTED_PLACES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Bytes `old` at `offset` of the file before became `new`."""

    offset: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOutcome:
    """`lines` are (first, last) line numbers, from 1, of each replaced place in the file after."""

    before: bytes
    after: bytes
    replacements: tuple[Replacement, ...]
    tolerance: Tolerance
    lines: tuple[tuple[int, int], ...]

    def reverse(self, raw: bytes) -> bytes:
        """Undo on the bytes that the edit gave. Raises ValueError on any other bytes."""
        if raw != self.after:
            raise ValueError("these are not the bytes that the edit gave")
        shift = 0
        pieces: list[bytes] = []
        end = 0
        for each in self.replacements:
            start = each.offset + shift
            pieces += [raw[end:start], each.old]
            end = start + len(each.new)
            shift += len(each.new) - len(each.old)
        return b"".join([*pieces, raw[end:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Characters [start, end) of the text, and `old` and `new` as they read there."""

    start: int
    end: int
    old: str
    new: str


def apply_edit(raw: bytes, *, old: str, new: str, expected: int = 1) -> EditOutcome:
    """Replace all places of `old`, of which there must be `expected`, by `new` in the file's line ends and encoding.

    Raises `ModelMistake` (`edit_empty_old`, `edit_no_change`, `edit_ambiguous`, `edit_not_found`) with what helps to
    repair the call, or `ToolFailure` (`binary_file`, `not_encodable`).
    """
    if not old:
        raise ModelMistake(
            "`old` is empty.", code="edit_empty_old", remedy="Give the text to replace; `write` makes a file."
        )
    if old == new:
        raise ModelMistake("`old` and `new` are the same.", code="edit_no_change", remedy="Nothing needs to be done.")
    file = decode(raw)
    for tolerance in _TOLERANCES:
        if places := _places(file.text, old, new, tolerance):
            _refuse_wrong_count(file.text, places, expected)
            return _apply(file, places, tolerance)
    raise ModelMistake(
        "`old` does not occur in the file.", code="edit_not_found", remedy=refusal_hint(file.text, old, new)
    )


def _refuse_wrong_count(text: str, places: Sequence[_Place], expected: int) -> None:
    overlapping = any(first.end > second.start for first, second in itertools.pairwise(places))
    if len(places) == expected and not overlapping:
        return
    numbers = ", ".join(str(text.count("\n", 0, place.start) + 1) for place in places[:_LISTED_PLACES])
    more = "" if len(places) <= _LISTED_PLACES else f" and {len(places) - _LISTED_PLACES} more"
    wanted = "one was expected" if expected == 1 else f"{expected} were expected"
    raise ModelMistake(
        f"`old` occurs {len(places)} times, {wanted}: at line {numbers}{more}.",
        code="edit_ambiguous",
        remedy="Add lines around it until it names one place"
        + (", for its places overlap." if overlapping else f", or pass expected={len(places)} to replace all of them."),
    )


def _apply(file: TextFile, places: Sequence[_Place], tolerance: Tolerance) -> EditOutcome:
    pieces: list[bytes] = []
    replacements: list[Replacement] = []
    lines: list[tuple[int, int]] = []
    end, line = 0, 1
    offset = file.byte_offset(0)
    pieces.append(file.raw[:offset])
    for place in places:
        kept, replaced = file.text[end : place.start], file.text[place.start : place.end]
        new = fit_line_ends(file.text, place.start, place.end, place.old, place.new)
        kept_bytes, old_bytes, new_bytes = file.encode_kept(kept), file.encode_kept(replaced), file.encode(new)
        offset += len(kept_bytes)
        replacements.append(Replacement(offset=offset, old=old_bytes, new=new_bytes))
        offset += len(old_bytes)
        pieces += [kept_bytes, new_bytes]
        line += kept.count("\n")
        last = line + new.count("\n")
        lines.append((line, last - 1 if new.endswith("\n") and last > line else last))
        line, end = last, place.end
    after = b"".join([*pieces, file.raw[offset:]])
    if after == file.raw:
        raise ModelMistake("The edit changes nothing.", code="edit_no_change", remedy="The file already reads so.")
    return EditOutcome(
        before=file.raw, after=after, replacements=tuple(replacements), tolerance=tolerance, lines=tuple(lines)
    )


def fit_line_ends(text: str, start: int, end: int, old: str, new: str) -> str:
    """`new` with the line ends of what it replaces: a line that stays keeps its very characters, a changed one the
    line end of the line in its place, an added one that of its neighbour."""
    if "\n" not in new:
        return new
    there = split_lines(text[start:end])
    old_lines, new_lines = (with_line_end(each, "\n").split("\n") for each in (old, new))
    around = prevailing_line_end(text[start:end]) or _line_end_near(text, start)
    ends: list[LineEnd] = ["\r\n" if each.endswith("\r\n") else "\n" for each in there if each.endswith("\n")]
    result: list[str] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        for position in range(j1, j2):
            place = i1 + position - j1
            final = position == len(new_lines) - 1
            if kind == "equal" and place < len(there):
                kept = strip_line_end(there[place])
                line_end = ends[place] if place < len(ends) else around
            else:
                kept = new_lines[position]
                line_end = ends[place] if place < min(i2, len(ends)) else _neighbour(ends, place, around)
            result.append(kept if final else kept + line_end)
    return "".join(result)


def _neighbour(ends: Sequence[LineEnd], place: int, around: LineEnd) -> LineEnd:
    return ends[min(place, len(ends)) - 1] if ends and place > 0 else around


def _line_end_near(text: str, start: int) -> LineEnd:
    """The end of the line at `start`, else of the line before, else LF."""
    after = text.find("\n", start)
    at = after if after >= 0 else text.rfind("\n", 0, start)
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def _places(text: str, old: str, new: str, tolerance: Tolerance) -> list[_Place]:
    match tolerance:
        case "exact":
            return _exact_places(text, old, new)
        case "line_ends":
            return _normalised_places(text, old, new)
        case "trailing_blanks":
            return _line_places(text, old, new, shifted=False)
        case "indentation":
            return _line_places(text, old, new, shifted=True)


def _exact_places(text: str, old: str, new: str) -> list[_Place]:
    places = [
        _Place(start=start, end=start + len(old), old=old, new=new)
        for start in _occurrences(text, old)
        if not _splits_line_end(text, start, start + len(old))
    ]
    # Line ends are invisible to who reads the file: places that differ in them only are the same to the reader.
    if "\n" in old and "\r\n" in text and len(_normalised_places(text, old, new)) != len(places):
        return []
    return places


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


def _normalised_places(text: str, old: str, new: str) -> list[_Place]:
    if "\r\n" not in text and "\r\n" not in old:
        return []
    plain, plain_old = text.replace("\r\n", "\n"), old.replace("\r\n", "\n")
    found = _occurrences(plain, plain_old)
    if not found:
        return []
    places: list[_Place] = []
    # Every line end of two characters before a place moves it by one.
    pairs = [match.start() - count for count, match in enumerate(_CRLF.finditer(text))]
    passed = 0
    for start in found:
        while passed < len(pairs) and pairs[passed] < start:
            passed += 1
        inside = passed
        while inside < len(pairs) and pairs[inside] < start + len(plain_old):
            inside += 1
        places.append(_Place(start=start + passed, end=start + len(plain_old) + inside, old=old, new=new))
    return places


def _line_places(text: str, old: str, new: str, *, shifted: bool) -> list[_Place]:
    """Places where whole lines match; with `shifted`, under one indentation added or taken away."""
    lines = split_lines(text)
    old_lines = [strip_line_end(line).rstrip(" \t") for line in split_lines(old)]
    anchor = next((position for position, line in enumerate(old_lines) if line), None)
    if anchor is None:
        return []
    bare = [strip_line_end(line).rstrip(" \t") for line in lines]
    wanted = old_lines[anchor].lstrip(" \t") if shifted else old_lines[anchor]
    starts = _starts(lines)
    places: list[_Place] = []
    for index, line in enumerate(bare):
        first = index - anchor
        if (line.lstrip(" \t") if shifted else line) != wanted or first < 0 or first + len(old_lines) > len(lines):
            continue
        window = bare[first : first + len(old_lines)]
        pair = _shifted(window, old_lines, old, new) if shifted else ((old, new) if window == old_lines else None)
        if pair is None:
            continue
        last = lines[first + len(old_lines) - 1]
        end = starts[first + len(old_lines)]
        there, replacement = pair
        if not old.endswith("\n"):
            end -= len(last) - len(strip_line_end(last))
        elif not last.endswith("\n"):
            there, replacement = there.removesuffix("\n"), replacement.removesuffix("\n").removesuffix("\r")
        places.append(_Place(start=starts[first], end=end, old=there, new=replacement))
    return places


def _starts(lines: Sequence[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def _shifted(window: Sequence[str], old_lines: Sequence[str], old: str, new: str) -> tuple[str, str] | None:
    """`old` and `new` indented as the file is there, or None when no single shift explains the window."""
    shift: tuple[str, str] | None = None
    for there, given in zip(window, old_lines, strict=True):
        if not there and not given:
            continue
        if there.endswith(given) and not there.removesuffix(given).strip(" \t") and given:
            this = ("", there.removesuffix(given))
        elif given.endswith(there) and not given.removesuffix(there).strip(" \t") and there:
            this = (given.removesuffix(there), "")
        else:
            return None
        if shift is not None and this != shift:
            return None
        shift = this
    if shift is None or shift == ("", ""):
        return None
    moved = [_move(each, *shift) for each in (old, new)]
    if moved[0] is None or moved[1] is None:
        return None
    return moved[0], moved[1]


def _move(text: str, taken: str, added: str) -> str | None:
    """Every line that is not blank with `taken` off its front and `added` there; None if a line lacks `taken`."""
    result: list[str] = []
    for line in split_lines(text):
        if not line.strip():
            result.append(line)
        elif not line.startswith(taken):
            return None
        else:
            result.append(added + line[len(taken) :])
    return "".join(result)
