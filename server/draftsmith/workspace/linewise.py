"""Edits that name whole lines: by number with a check of their content, or by a range that a parser found.

A number alone never decides: the lines must read as the model says, in one place of the file only. No disk is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from draftsmith.domain.errors import ModelMistake
from draftsmith.workspace.edit import EditOutcome, listed_lines, refuse_rival, replace_places
from draftsmith.workspace.indentation import Reindent, indentation_of, unit_of
from draftsmith.workspace.lookalikes import keep_characters
from draftsmith.workspace.matching import TOLERANCES, Place, Tolerance, Window, find_windows, line_starts
from draftsmith.workspace.nearest import refusal_hint
from draftsmith.workspace.text import decode, split_lines, strip_line_end

Where = Literal["replace", "insert_before", "insert_after"]
FinalNewline = Literal["keep", "add", "drop"]

_ELLIPSES = ("...", "…")


def edit_lines(raw: bytes, *, start: int, end: int, check: str, new: str, where: Where = "replace") -> EditOutcome:
    """Replace lines `start` to `end` (from 1) by `new`, or insert `new` beside them, when they read as `check`.

    `check` is their text; a line `...` in it stands for any lines between. When the lines have moved and their whole
    text was given, they are found where they are now, if that is one place.

    Raises `ModelMistake` (`edit_empty_old`, `bad_range`, `edit_ambiguous`, `edit_not_found`, `edit_no_change`) or
    `ToolFailure` (`binary_file`, `not_encodable`).
    """
    wanted = _lines_of(check)
    if not wanted:
        raise ModelMistake(
            "`check` is empty.",
            code="edit_empty_old",
            remedy="Give the text that the lines have now, as read shows it.",
        )
    if end < start:
        raise ModelMistake(f"Line {end} comes before line {start}.", code="bad_range", remedy="Give the last line.")
    file = decode(raw)
    pieces = split_lines(file.text)
    lines = [strip_line_end(line) for line in pieces]
    gap = next((at for at, line in enumerate(wanted[1:-1], 1) if line.strip() in _ELLIPSES), None)
    if gap is not None and lines[start - 1 : end] != wanted:
        window, tolerance = _elided(lines, wanted[:gap], wanted[gap + 1 :], start, end), "trailing_blanks"
        length = end - start + 1
    else:
        window, tolerance = _one_window(file.text, lines, wanted, start, end, new)
        length = len(wanted)
    return replace_places(
        file, [_place(file.text, pieces, window, length, "\n".join(wanted), new, where, tolerance)], tolerance
    )


def _lines_of(text: str) -> list[str]:
    return [strip_line_end(line) for line in split_lines(text)]


def _one_window(
    text: str, lines: Sequence[str], wanted: Sequence[str], start: int, end: int, new: str
) -> tuple[Window, Tolerance]:
    if len(wanted) != end - start + 1:
        raise ModelMistake(
            f"`check` has {len(wanted)} lines, the range {start} to {end} has {end - start + 1}.",
            code="bad_range",
            remedy="Give the text of every line of the range, or its first and last lines with a line `...` between.",
        )
    given = [*wanted, *_lines_of(new)]
    for tolerance in TOLERANCES:
        windows = find_windows(lines, wanted, given, tolerance)
        if len(windows) == 1:
            starts = line_starts(split_lines(text))
            first = windows[0].first
            covered = Place(start=starts[first], end=starts[first + len(wanted)], old="", new="")
            refuse_rival(text, "\n".join(wanted), covered, tolerance)
            return windows[0], tolerance
        if windows:
            numbers = listed_lines([window.first + 1 for window in windows])
            raise ModelMistake(
                f"What `check` says stands {len(windows)} times in the file: at line {numbers}.",
                code="edit_ambiguous",
                remedy="Take more lines into the range and the check until they name one place.",
            )
    there = "\n".join(lines[start - 1 : end])
    raise ModelMistake(
        f"Lines {start} to {end} do not read as `check` says" + (f"; they are:\n{there[:2_000]}\n" if there else ".")
        if start <= len(lines)
        else f"The file has {len(lines)} lines; there is no line {start}.",
        code="edit_not_found",
        remedy=refusal_hint(text, "\n".join(wanted), new, "`check`"),
    )


def _elided(lines: Sequence[str], head: Sequence[str], tail: Sequence[str], start: int, end: int) -> Window:
    """The window of the range's length that begins and ends as said; it must be the only one, and be there."""
    length = end - start + 1
    bare = [line.rstrip() for line in lines]
    first, last = [line.rstrip() for line in head], [line.rstrip() for line in tail]
    found = [
        index
        for index in range(len(bare) - length + 1)
        if bare[index : index + len(first)] == first and bare[index + length - len(last) : index + length] == last
    ]
    if found == [start - 1] and length >= len(head) + len(tail):
        return Window(first=start - 1)
    if len(found) > 1:
        raise ModelMistake(
            f"Lines that begin and end as `check` says stand {len(found)} times in the file: at line"
            f" {listed_lines([index + 1 for index in found])}.",
            code="edit_ambiguous",
            remedy="Give more of the first and last lines.",
        )
    where = f" They stand at line {found[0] + 1} now." if found else ""
    raise ModelMistake(
        f"Lines {start} to {end} do not begin and end as `check` says.{where}",
        code="edit_not_found",
        remedy="Read the place again and give its lines as they are.",
    )


def _place(
    text: str,
    pieces: Sequence[str],
    window: Window,
    length: int,
    old: str,
    new: str,
    where: Where,
    tolerance: Tolerance,
) -> Place:
    if new and not new.endswith("\n"):
        new += "\n"
    old += "\n"
    reindented: str | None = new
    if window.reindent is not None:
        reindented, old = window.reindent.text(new), window.reindent.text(old) or old
    if reindented is None:
        raise ModelMistake(
            "`new` has an indentation that `check` does not explain.",
            code="edit_not_found",
            remedy="Indent `check` and `new` as the file is; read shows it.",
        )
    first, past = window.first, window.first + length
    match where:
        case "replace":
            place = lines_place(text, pieces, first, past, old, reindented)
            if tolerance == "look_alikes":
                return with_characters(text, place)
            return place
        case "insert_before":
            return lines_place(text, pieces, first, first, "", reindented)
        case "insert_after":
            return lines_place(text, pieces, past, past, "", reindented)


def with_characters(text: str, place: Place) -> Place:
    """A place found by look-alikes, with the file's characters where its lines stay."""
    there = text[place.start : place.end].replace("\r\n", "\n")
    return Place(start=place.start, end=place.end, old=there, new=keep_characters(there, place.old, place.new))


def lines_place(
    text: str, pieces: Sequence[str], first: int, past: int, old: str, new: str, final: FinalNewline = "keep"
) -> Place:
    """The place of lines [first, past) of `pieces`. `old` and `new` are whole lines with LF; at a file's end without
    a newline, or to get there (`final`), the newline is left out or put in."""
    before = sum(map(len, pieces[:first]))
    end = before + sum(map(len, pieces[first:past]))
    if end < len(text) or not text:
        return Place(start=before, end=end, old=old, new=new)
    open_ended = not text.endswith("\n")
    if open_ended and first == past and new:
        return Place(start=before, end=end, old="", new="\n" + (new if final == "add" else new.removesuffix("\n")))
    if open_ended:
        old = old.removesuffix("\n")
    if final == "drop" or (open_ended and final == "keep"):
        new = new.removesuffix("\n")
    return Place(start=before, end=end, old=old, new=new)


def replace_range(raw: bytes, *, start: int, end: int, new: str) -> EditOutcome:
    """Replace what a parser found: bytes [start, end) of the file's text as UTF-8. `new` gets the indentation of the
    line that the range begins in."""
    file = decode(raw)
    utf8 = file.text.encode()
    first, past = len(utf8[:start].decode()), len(utf8[:end].decode())
    line_start = file.text.rfind("\n", 0, first) + 1
    lead = file.text[line_start:first]
    old = file.text[first:past]
    new = new.strip("\n\r") if new.strip() else ""
    if not lead.strip():
        new = _indented(file.text, lead, old, new)
    return replace_places(file, [Place(start=first, end=past, old=old, new=new)], "exact")


def _indented(text: str, lead: str, old: str, new: str) -> str:
    """`new` at the range's own level and in the file's unit, without the indentation of its first line."""
    given = new.split("\n")
    base = indentation_of(given[0])
    file_unit = unit_of([lead + old.split("\n", 1)[0], *old.split("\n")[1:]]) or unit_of(text.split("\n"))
    given_unit = unit_of(given)
    same = given_unit is None or file_unit is None
    reindent = Reindent(
        known={base: lead},
        given_base=base,
        there_base=lead,
        given_unit="" if same else given_unit or "",
        there_unit="" if same else file_unit or "",
    )
    moved = reindent.text(new)
    return new[len(base) :] if moved is None else moved[len(lead) :]
