"""The text of one document as lines, so that an edit costs what it touches and not what the document holds.

Lines end with LF, CRLF or CR and with nothing else (LSP 3.17, Text Documents): not what `str.splitlines` thinks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from draftsmith.edge.positions import Encoding, to_column, to_index

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """`character` counts in the negotiated encoding. Both begin at 0."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Range:
    """`end` is the first position that does not belong to it."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEdit:
    """What an edit did to whole lines: those from `start` to before `end` became `count` lines."""

    start: int
    end: int
    count: int


def split_lines(text: str) -> list[str]:
    """The lines with their ends; no empty last one after the last end."""
    return _LINE.findall(text)


def without_end(line: str) -> str:
    """The line without CR, LF or CRLF."""
    return line.rstrip("\r\n")


class Lines:
    """Text that is edited by ranges. What positions name beyond the text is its nearest end."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self._lines = split_lines(text)
        self._encoding: Encoding = encoding
        self._joined: str | None = None

    @property
    def text(self) -> str:
        if self._joined is None:
            self._joined = "".join(self._lines)
        return self._joined

    @property
    def lines(self) -> list[str]:
        """With their ends; for reading only."""
        return self._lines

    @property
    def end(self) -> Position:
        """Behind the last character."""
        return self.position_at(len(self._lines), 0)

    def line(self, number: int) -> str:
        """A line without its end; empty where there is none."""
        return without_end(self._lines[number]) if 0 <= number < len(self._lines) else ""

    def replace_all(self, text: str) -> LineEdit:
        """Other text as a whole; the edit tells what of it differs."""
        fresh = split_lines(text)
        edit = _difference(self._lines, fresh)
        self._lines = fresh
        self._joined = None
        return edit

    def replace(self, span: Range, text: str) -> LineEdit:
        """Put `text` where `span` was. A span whose ends are the wrong way round is turned."""
        start, end = sorted((span.start, span.end))
        first, first_index = self._place(start)
        last, last_index = self._place(end)
        head = self._lines[first][:first_index] if first < len(self._lines) else ""
        tail = self._lines[last][last_index:] if last < len(self._lines) else ""
        stop = last + 1 if last < len(self._lines) else last
        middle = head + text + tail
        # A CR and an LF that come to stand side by side become one line end.
        if middle.startswith("\n") and first > 0 and self._lines[first - 1].endswith("\r"):
            first -= 1
            middle = self._lines[first] + middle
        fresh = split_lines(middle)
        self._lines[first:stop] = fresh
        self._joined = None
        return LineEdit(start=first, end=stop, count=len(fresh))

    def index_at(self, position: Position) -> tuple[int, int]:
        """Line and index within it (before its end) of a position."""
        return self._place(position)

    def position_at(self, line: int, index: int) -> Position:
        """The position of an index within a line; a line behind the last is the end of the text."""
        if line >= len(self._lines):
            if not self._lines:
                return Position(0, 0)
            last = self._lines[-1]
            if last != without_end(last):
                return Position(len(self._lines), 0)
            return Position(len(self._lines) - 1, to_column(last, len(last), self._encoding))
        return Position(line, to_column(without_end(self._lines[line]), index, self._encoding))

    def span_of_lines(self, start: int, count: int) -> Range:
        """The range of whole lines with their ends."""
        return Range(self.position_at(start, 0), self.position_at(start + count, 0))

    def slice(self, span: Range) -> str:
        """The text of a range."""
        first, first_index = self._place(span.start)
        last, last_index = self._place(span.end)
        if first == last:
            return self._lines[first][first_index:last_index] if first < len(self._lines) else ""
        rest = self._lines[last][:last_index] if last < len(self._lines) else ""
        return self._lines[first][first_index:] + "".join(self._lines[first + 1 : last]) + rest

    def _place(self, position: Position) -> tuple[int, int]:
        count = len(self._lines)
        if position.line >= count:
            if count and self._lines[-1] == without_end(self._lines[-1]):
                return count - 1, len(self._lines[-1])
            return count, 0
        line = max(position.line, 0)
        return line, to_index(without_end(self._lines[line]), position.character, self._encoding)


def _difference(before: list[str], after: list[str]) -> LineEdit:
    """The smallest run of lines outside of which nothing differs."""
    most = min(len(before), len(after))
    start = 0
    while start < most and before[start] == after[start]:
        start += 1
    same = 0
    while same < most - start and before[-1 - same] == after[-1 - same]:
        same += 1
    return LineEdit(start=start, end=len(before) - same, count=len(after) - same - start)
