"""Text in pages of lines, with the limits said in the text itself. Used for files and for kept command output."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from draftsmith.domain.text import count

MAX_PAGE_LINES = 2_000
DEFAULT_PAGE_LINES = 400
MAX_PAGE_BYTES = 60_000
MAX_LINE_CHARACTERS = 2_000


def cut_line(line: str) -> str:
    """A line as it is shown."""
    if len(line) <= MAX_LINE_CHARACTERS:
        return line
    return f"{line[:MAX_LINE_CHARACTERS]} […{len(line) - MAX_LINE_CHARACTERS:,} more characters in this line]"


def page(lines: Sequence[str], *, start: int, wanted: int) -> tuple[list[str], int]:
    """Shown lines from line `start` (from 1), and the number of the last one. Ends at a whole line."""
    shown: list[str] = []
    size = 0
    for line in islice(lines, start - 1, start - 1 + min(wanted, MAX_PAGE_LINES)):
        text = cut_line(line)
        size += len(text.encode("utf-8", "replace")) + 1
        if shown and size > MAX_PAGE_BYTES:
            break
        shown.append(text)
    return shown, start + len(shown) - 1


def page_note(what: str, *, start: int, last: int, total: int) -> str:
    """The line above a page: what is shown, and how to get the rest."""
    if start == 1 and last >= total:
        return f"{what}: {count(total, 'line')}"
    rest = f"; go on with start={last + 1}" if last < total else ""
    return f"{what}: lines {start} to {last} of {total}{rest}"
