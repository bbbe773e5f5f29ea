"""The one applier: places of a file's text are replaced, in its own line ends and encoding; no other byte changes.

Every edit format ends here; `apply_edit` is search and replace, `linewise` and `patch` are others. No disk is touched.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.workspace.matching import TOLERANCES, Place, Tolerance, find_text
from draftsmith.workspace.nearest import refusal_hint, rival_line
from draftsmith.workspace.text import (
    LineEnd,
    TextFile,
    decode,
    prevailing_line_end,
    split_lines,
    strip_line_end,
    with_line_end,
)

_LISTED_PLACES = 20
_COMPARED_CHARACTERS = 200_000
"""Above this a rewritten file of mixed line ends is not compared line by line: that takes quadratic time."""


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
    for tolerance in TOLERANCES:
        if places := find_text(file.text, old, new, tolerance):
            _refuse_wrong_count(file.text, places, expected)
            if expected == 1:
                refuse_rival(file.text, old, places[0], tolerance)
            return replace_places(file, places, tolerance)
    raise ModelMistake(
        "`old` does not occur in the file.", code="edit_not_found", remedy=refusal_hint(file.text, old, new)
    )


def _refuse_wrong_count(text: str, places: Sequence[Place], expected: int) -> None:
    overlapping = any(first.end > second.start for first, second in itertools.pairwise(places))
    if len(places) == expected and not overlapping:
        return
    wanted = "one was expected" if expected == 1 else f"{expected} were expected"
    numbers = listed_lines([line_number(text, place.start) for place in places])
    raise ModelMistake(
        f"`old` occurs {len(places)} times, {wanted}: at line {numbers}.",
        code="edit_ambiguous",
        remedy="Add lines around it until it names one place"
        + (", for its places overlap." if overlapping else f", or pass expected={len(places)} to replace all of them."),
    )


def line_number(text: str, index: int) -> int:
    """The line, from 1, that the character at `index` stands in."""
    return text.count("\n", 0, index) + 1


def listed_lines(numbers: Sequence[int]) -> str:
    """Line numbers for a message, bounded."""
    more = "" if len(numbers) <= _LISTED_PLACES else f" and {len(numbers) - _LISTED_PLACES} more"
    return ", ".join(str(number) for number in numbers[:_LISTED_PLACES]) + more


def refuse_rival(text: str, old: str, place: Place, tolerance: Tolerance) -> None:
    """A place that was found by tolerance only is not taken when another one reads more like what was given: the
    place that was meant may have changed meanwhile, and this be its twin. What differs in blanks at line ends reads
    the same to everybody and has no twin."""
    if tolerance not in ("indentation", "look_alikes"):
        return
    rival = rival_line(text, old, place.start, place.end)
    if rival is not None:
        raise ModelMistake(
            f"`old` is not in the file as it was given. Line {line_number(text, place.start)} has it with other blanks"
            f" or characters, line {rival} nearly so.",
            code="edit_ambiguous",
            remedy="Read both places and copy `old` exactly from the one that is meant.",
        )


def replace_places(file: TextFile, places: Sequence[Place], tolerance: Tolerance) -> EditOutcome:
    """Replace places that are in order and do not overlap. Raises `ModelMistake` (`edit_no_change`) or `ToolFailure`
    (`not_encodable`), also when the file would read otherwise afterwards."""
    pieces: list[bytes] = []
    text: list[str] = []
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
        text += [kept, new]
        line += kept.count("\n")
        last = line + new.count("\n")
        lines.append((line, last - 1 if new.endswith("\n") and last > line else last))
        line, end = last, place.end
    after = b"".join([*pieces, file.raw[offset:]])
    if after == file.raw:
        raise ModelMistake("The edit changes nothing.", code="edit_no_change", remedy="The file already reads so.")
    _refuse_misread(after, "".join([*text, file.text[end:]]))
    return EditOutcome(
        before=file.raw, after=after, replacements=tuple(replacements), tolerance=tolerance, lines=tuple(lines)
    )


def whole_file(raw: bytes, content: str) -> bytes:
    """A text file's bytes with another content, in its encoding and line ends; where they are mixed, lines that stay
    keep theirs. Raises `ToolFailure` (`binary_file`, `not_encodable`)."""
    file = decode(raw)
    if not file.mixed_line_ends:
        content = with_line_end(content, file.line_end)
    elif len(file.text) + len(content) <= _COMPARED_CHARACTERS:
        content = fit_line_ends(file.text, 0, len(file.text), file.text, content)
    after = file.encode_whole(content)
    _refuse_misread(after, content)
    return after


def _refuse_misread(after: bytes, text: str) -> None:
    """Zero or control characters make a file binary, others may make its bytes those of another encoding."""
    try:
        reads_so = decode(after).text == text
    except ToolFailure:
        reads_so = False
    if not reads_so:
        raise ToolFailure(
            "With these characters the file would no longer read as text in its encoding.",
            code="not_encodable",
            remedy="Write them as escapes of the language.",
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
