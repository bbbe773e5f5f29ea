"""Unified differences as models write them: read leniently, applied strictly.

Line numbers and counts are often wrong, so they never decide: a hunk lands where its lines stand, if that is one place.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from draftsmith.domain.errors import ModelMistake
from draftsmith.workspace.edit import EditOutcome, listed_lines, refuse_rival, replace_places
from draftsmith.workspace.indentation import indentation_of
from draftsmith.workspace.linewise import FinalNewline, lines_place, with_characters
from draftsmith.workspace.matching import TOLERANCES, Place, Tolerance, Window, find_windows
from draftsmith.workspace.nearest import is_nearly, refusal_hint
from draftsmith.workspace.patchtext import Hunk
from draftsmith.workspace.text import decode, split_lines, strip_line_end

_OPENERS = frozenset("{([")
_UNBOUNDED = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A hunk with all its places and the tolerance that found them."""

    hunk: Hunk
    windows: list[Window]
    tolerance: Tolerance


def apply_hunks(raw: bytes, hunks: Sequence[Hunk]) -> EditOutcome:
    """Put the hunks of one file where their lines stand. All of them or none.

    Raises `ModelMistake` (`edit_not_found`, `edit_ambiguous`, `edit_no_change`, `patch_no_context`) or `ToolFailure`
    (`binary_file`, `not_encodable`).
    """
    file = decode(raw)
    pieces = split_lines(file.text)
    lines = [strip_line_end(line) for line in pieces]
    found = [_find(file.text, lines, hunk) for hunk in hunks]
    chosen = _in_order(lines, found)
    _refuse_elsewhere(lines, found, chosen)
    places: list[Place] = []
    for one, window in zip(found, chosen, strict=True):
        places += _places(file.text, pieces, one, window)
    loosest = max((TOLERANCES.index(one.tolerance) for one in found), default=0)
    return replace_places(file, places, TOLERANCES[loosest])


def _find(text: str, lines: Sequence[str], hunk: Hunk) -> _Found:
    wanted = hunk.old
    if not wanted:
        if not text:
            return _Found(hunk=hunk, windows=[Window(first=0)], tolerance="exact")
        raise ModelMistake(
            f"{hunk.name} has no line that is in the file.",
            code="patch_no_context",
            remedy="Give two or three unchanged lines around the change, each with a blank in front.",
        )
    for tolerance in TOLERANCES:
        windows = find_windows(lines, wanted, [line.text for line in hunk.lines], tolerance)
        if hunk.old_open:
            windows = [one for one in windows if one.first + len(wanted) == len(lines)] or windows
        if windows:
            return _Found(hunk=hunk, windows=windows, tolerance=tolerance)
    raise ModelMistake(
        f"{hunk.name} does not fit: its unchanged and removed lines do not stand together in the file.",
        code="edit_not_found",
        remedy=refusal_hint(text, "\n".join(wanted), "\n".join(hunk.new), "the hunk"),
    )


def _in_order(lines: Sequence[str], found: Sequence[_Found]) -> list[Window]:
    """The one way to put all hunks one after another. Raises `edit_ambiguous` when there are none or several."""
    options = [_by_heading(lines, one) for one in found]
    forward: list[Window] = []
    past = 0
    for one, windows in zip(found, options, strict=True):
        fitting = [window for window in windows if window.first >= past]
        if not fitting:
            raise ModelMistake(
                f"{one.hunk.name} stands before or within the one before it.",
                code="edit_ambiguous",
                remedy="Give the hunks in the order of the file, without overlap.",
            )
        forward.append(fitting[0])
        past = fitting[0].first + len(one.hunk.old)
    limit = len(lines)
    for one, windows, first in reversed(list(zip(found, options, forward, strict=True))):
        last = [window for window in windows if window.first + len(one.hunk.old) <= limit][-1]
        if last != first:
            numbers = listed_lines([window.first + 1 for window in one.windows])
            raise ModelMistake(
                f"{one.hunk.name} fits in {len(one.windows)} places: at line {numbers}.",
                code="edit_ambiguous",
                remedy="Give more unchanged lines around the change, until they name one place.",
            )
        limit = last.first
    return forward


def _refuse_elsewhere(lines: Sequence[str], found: Sequence[_Found], chosen: Sequence[Window]) -> None:
    """A hunk that fits elsewhere, while nearly the same stands where its header says: that may be what was meant."""
    for one, window in zip(found, chosen, strict=True):
        first = one.hunk.stated - 1
        there = lines[max(first, 0) : max(first, 0) + len(one.hunk.old)]
        if first >= 0 and window.first != first and is_nearly(there, one.hunk.old):
            raise ModelMistake(
                f"{one.hunk.name} fits at line {window.first + 1}, but nearly so at line {first + 1}, which it names.",
                code="edit_ambiguous",
                remedy="Read both places; take the lines as they are now, with more unchanged lines around.",
            )


def _by_heading(lines: Sequence[str], found: _Found) -> list[Window]:
    """Of several places the ones in the block that the text after `@@` names, if it names one."""
    heading = found.hunk.heading.strip()
    if len(found.windows) < 2 or not heading:
        return found.windows
    inside = [window for window in found.windows if _is_below(lines, window.first, heading)]
    return inside if len(inside) == 1 else found.windows


def _is_below(lines: Sequence[str], first: int, heading: str) -> bool:
    """Whether the line `heading` stands above, and all lines between are further in than it."""
    level = _UNBOUNDED
    for line in reversed(lines[:first]):
        bare = line.strip()
        if not bare or set(bare) <= _OPENERS:
            continue
        depth = len(indentation_of(line).expandtabs())
        if bare.startswith(heading):
            return depth < level
        level = min(level, depth)
    return False


def created_text(hunks: Sequence[Hunk]) -> str:
    """The content of a file that a patch makes. Raises `ModelMistake` (`patch_malformed`)."""
    if any(hunk.old for hunk in hunks):
        raise ModelMistake(
            "The patch makes a file, but has lines that were there before.",
            code="patch_malformed",
            remedy="Begin every line of a new file with `+`.",
        )
    text = "".join(f"{line}\n" for hunk in hunks for line in hunk.new)
    return text.removesuffix("\n") if hunks and hunks[-1].new_open else text


def _places(text: str, pieces: Sequence[str], found: _Found, window: Window) -> list[Place]:
    hunk = found.hunk
    if found.tolerance not in ("exact", "line_ends"):
        start = sum(map(len, pieces[: window.first]))
        end = start + sum(map(len, pieces[window.first : window.first + len(hunk.old)]))
        refuse_rival(text, "\n".join(hunk.old), Place(start=start, end=end, old="", new=""), found.tolerance)
    places: list[Place] = []
    at = window.first
    last = window.first + len(hunk.old)
    for is_kept, run in itertools.groupby(hunk.lines, key=lambda line: line.kind == " "):
        lines = list(run)
        if is_kept:
            at += len(lines)
            continue
        old = "".join(f"{line.text}\n" for line in lines if line.kind == "-")
        new = "".join(f"{line.text}\n" for line in lines if line.kind == "+")
        if window.reindent is not None:
            new, old = _reindented(hunk, window, new), window.reindent.text(old) or old
        past = at + old.count("\n")
        final: FinalNewline = "keep"
        if past == last and hunk.old_open != hunk.new_open:
            final = "drop" if hunk.new_open else "add"
        place = lines_place(text, pieces, at, past, old, new, final)
        places.append(with_characters(text, place) if found.tolerance == "look_alikes" and old else place)
        at = past
    return places


def _reindented(hunk: Hunk, window: Window, new: str) -> str:
    moved = None if window.reindent is None else window.reindent.text(new)
    if moved is None:
        raise ModelMistake(
            f"{hunk.name} adds lines of an indentation that its other lines do not explain.",
            code="edit_not_found",
            remedy="Indent the hunk as the file is; read shows it.",
        )
    return moved
