"""Why a text was not found, told so that a model can repair its call: the nearest place and how it differs.

Bounded in time and length; it only explains and never decides what an edit replaces.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from draftsmith.workspace.text import split_lines, strip_line_end

_WORD = re.compile(r"\w+")
_LINE_NUMBER = re.compile(r"^\s*\d+\t")
_MAX_FUZZY_LINES = 4_000
_MAX_SAME_LINE = 50
_MAX_SHOWN_LINES = 40
_MAX_SHOWN_CHARACTERS = 200
_RIVAL_LIKENESS = 0.6
_RIVAL_CHARACTERS = 4
_ONE_WORD = 0.8
_COMPARED = 10_000


def refusal_hint(text: str, old: str, new: str, name: str = "`old`") -> str:
    """What to do after `old` was not found in `text`; `name` is how the model knows it."""
    advice = f"Read the place again and copy {name} from it."
    given = [line for line in split_lines(old) if line.strip()]
    if given and all(_LINE_NUMBER.match(line) for line in given):
        return "Its lines begin with the line numbers that `read` shows; leave them out, with the tab after them."
    if new.strip() and len(new) > 10 and new.replace("\r\n", "\n") in text.replace("\r\n", "\n"):
        at = text.replace("\r\n", "\n").find(new.replace("\r\n", "\n"))
        line = text.replace("\r\n", "\n").count("\n", 0, at) + 1
        return f"`new` already stands at line {line}: the edit seems to be made."
    lines = [strip_line_end(line) for line in split_lines(text)]
    wanted = [strip_line_end(line) for line in split_lines(old)]
    start = nearest_start(lines, wanted)
    if start is None:
        return f"Nothing in the file resembles it. {advice}"
    window = lines[start : start + len(wanted)]
    return (
        f"The nearest place is line {start + 1} to {start + len(window)}; it differs from {name} so"
        f" (- is {name}, + is the file):\n{_difference(wanted, window)}\n{advice}"
    )


def nearest_start(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Index of the line where the most similar run of lines begins, or None when nothing is similar."""
    places: dict[str, list[int]] = defaultdict(list)
    for position, line in enumerate(wanted):
        if line.strip():
            places[line.strip()].append(position)
    counts = Counter(line.strip() for line in lines)
    votes: Counter[int] = Counter()
    for index, line in enumerate(lines):
        bare = line.strip()
        if bare in places and counts[bare] <= _MAX_SAME_LINE:
            votes.update(max(index - position, 0) for position in places[bare])
    if votes:
        best = max(votes.values())
        return min(start for start, count in votes.items() if count == best)
    return _fuzzy_start(lines, wanted)


def _fuzzy_start(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """By the longest line given, compared with the file's lines."""
    anchor = max(range(len(wanted)), key=lambda position: len(wanted[position].strip()), default=None)
    if anchor is None or not wanted[anchor].strip() or len(wanted[anchor]) > 1_000:
        return None
    candidates = {line.strip()[:1_000]: index for index, line in reversed(list(enumerate(lines[:_MAX_FUZZY_LINES])))}
    close = difflib.get_close_matches(wanted[anchor].strip(), list(candidates), n=1, cutoff=0.6)
    return max(candidates[close[0]] - anchor, 0) if close else None


def _difference(wanted: Sequence[str], window: Sequence[str]) -> str:
    shown: list[str] = []
    for line in difflib.ndiff(wanted, window) if len(wanted) <= 200 else difflib.unified_diff(wanted, window, n=0):
        if line.startswith(("  ", "? ", "---", "+++", "@@")):
            continue
        # Blanks are what most often differs, so tabs and blanks at the end are made visible.
        body = line[2:] if line[1:2] == " " else line[1:]
        visible = body.replace("\t", "→")
        trailing = len(visible) - len(visible.rstrip(" "))
        visible = visible.rstrip(" ") + "·" * trailing
        if len(visible) > _MAX_SHOWN_CHARACTERS:
            visible = visible[:_MAX_SHOWN_CHARACTERS] + " […]"
        shown.append(f"{line[0]} {visible}")
        if len(shown) == _MAX_SHOWN_LINES:
            shown.append("[… more lines differ]")
            break
    legend = " (→ is a tab, · a blank at the end)" if any("→" in line or "·" in line for line in shown) else ""
    return "\n".join(shown) + legend


def rival_line(text: str, old: str, start: int, end: int) -> int | None:
    """The line (from 1) of a place outside [start, end) that may be what `old` was copied from and has changed a
    little since, or None. Blanks count: what stands there is as it was given but for a word."""
    given = [strip_line_end(line) for line in split_lines(old)]
    lines = [strip_line_end(line) for line in split_lines(text)]
    positions: dict[str, list[int]] = defaultdict(list)
    for position, line in enumerate(given):
        if len(line.strip()) >= _RIVAL_CHARACTERS:
            positions[_skeleton(line)].append(position)
    starts: set[int] = set()
    for index, line in enumerate(lines):
        if len(line) < _COMPARED:
            starts.update(index - position for position in positions.get(_skeleton(line), ()))
    first = text.count("\n", 0, start)
    past = max(first + 1, text.count("\n", 0, end))
    for candidate in sorted(starts):
        apart = candidate + len(given) <= first or candidate >= past
        if candidate >= 0 and apart and _likeness(lines[candidate : candidate + len(given)], given) >= _RIVAL_LIKENESS:
            return candidate + 1
    return None


def is_nearly(window: Sequence[str], given: Sequence[str]) -> bool:
    """Whether lines read like the given ones but for a word or a line."""
    return _likeness(window, given) >= _RIVAL_LIKENESS


def _skeleton(line: str) -> str:
    """A line with its words left out."""
    return _WORD.sub("w", line)


def _likeness(window: Sequence[str], given: Sequence[str]) -> float:
    """From 0 to 1; longer lines count for more, lines with one other word a little less than the same."""
    total = sum(len(line.strip()) for line in given) or 1
    pairs = zip(given, window, strict=False)
    return sum(_line_likeness(one, two) * len(one.strip()) for one, two in pairs) / total


def _line_likeness(one: str, two: str) -> float:
    if one == two:
        return 1.0
    if _skeleton(one) != _skeleton(two):
        return 0.0
    words = zip(_WORD.findall(one), _WORD.findall(two), strict=True)
    return _ONE_WORD if sum(first != second for first, second in words) == 1 else 0.0
