"""Lines of the log files, read from their ends backwards, by pages and with filters. It blocks; call it in a thread.

A page reads a bounded piece. Where a line was is its file and offset, so that a log that rotates meanwhile loses a
page nothing. What is known to be secret is struck out, although no process writes any.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from draftsmith.domain.errors import UserError
from draftsmith.protocol.methods.monitor import LogLevel, LogLine

MAX_READ = 8 << 20
"""Bytes that one page looks through; with a filter that hardly anything fits, the next page goes on from there."""
_BLOCK = 1 << 16
_MAX_LINE = 1 << 20
_SHOWN = 4_000
_FIELD = 600
_LEVELS: Mapping[str, int] = {"debug": 0, "info": 1, "warning": 2, "error": 3, "critical": 4}
_APART = frozenset({"timestamp", "level", "event", "correlation_id", "session_id", "process", "exception"})
_STRUCK = "•••"
_LOOKS_SECRET = re.compile(
    r"\b(?:(?:sk|pk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{20,})"
    r"|(?i:(?P<before>bearer\s+|[?&](?:key|code)=|api_?key=|token=))[^\s&\"',]{8,}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`level` and what is worse; `about` is a correlation or session id; `words` in any case."""

    level: LogLevel = "info"
    about: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """`cursor` is None when the beginning of what is kept was reached."""

    lines: tuple[LogLine, ...]
    cursor: str | None


@dataclass(slots=True)
class _Reading:
    """`read`: bytes looked through so far. `at`: where the earliest line of them begins."""

    read: int = 0
    at: tuple[int, int] | None = None


def read_page(path: Path, wanted: Wanted, cursor: str | None, limit: int, secrets: Sequence[str]) -> LogPage:
    """The next `limit` lines before the cursor, the newest first. Raises UserError (`bad_cursor`)."""
    files = _files(path)
    before = _read_cursor(cursor) if cursor else None
    lines: list[LogLine] = []
    reading = _Reading()
    hidden = [one for one in secrets if len(one) >= 4]
    for line in _backwards(files, before, reading):
        shown = _shown(line, wanted, hidden)
        if shown is not None:
            lines.append(shown)
        if len(lines) == limit or reading.read >= MAX_READ:
            return LogPage(lines=tuple(lines), cursor=None if reading.at is None else _write_cursor(reading.at))
    return LogPage(lines=tuple(lines), cursor=None)


def _files(path: Path) -> list[Path]:
    """The log and what was rotated away of it, the newest first."""
    older = sorted(path.parent.glob(f"{path.name}.*"), key=lambda one: _number(one.name))
    return [one for one in (path, *older) if one.is_file()]


def _number(name: str) -> int:
    ending = name.rpartition(".")[2]
    return int(ending) if ending.isdecimal() else 1 << 30


def _backwards(files: Sequence[Path], before: tuple[int, int] | None, reading: _Reading) -> Iterator[bytes]:
    """Lines before the place, the last first. A place in a file that is gone means: nothing is left."""
    begun = before is None
    for path in files:
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
        except OSError:
            continue
        try:
            found = os.fstat(handle)
            end = found.st_size
            if before is not None and not begun:
                if found.st_ino != before[0]:
                    continue
                begun, end = True, min(before[1], end)
            yield from _lines_of(handle, found.st_ino, end, reading)
        finally:
            os.close(handle)


def _lines_of(handle: int, inode: int, end: int, reading: _Reading) -> Iterator[bytes]:
    rest = b""
    while end > 0:
        begin = max(0, end - _BLOCK)
        block = os.pread(handle, end - begin, begin)
        reading.read += len(block)
        pieces = (block + rest).split(b"\n")
        rest = pieces[0][-_MAX_LINE:]
        place = begin + sum(len(one) + 1 for one in pieces)
        for piece in reversed(pieces[1:]):
            place -= len(piece) + 1
            if piece:
                reading.at = (inode, place)
                yield piece
        end = begin
    if rest:
        reading.at = (inode, 0)
        yield rest


def _shown(line: bytes, wanted: Wanted, secrets: Sequence[str]) -> LogLine | None:
    """None for a line that is not wanted. What is no JSON is a line all the same."""
    text = line.decode("utf-8", "replace")
    if wanted.words and wanted.words.casefold() not in text.casefold():
        return None
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    fields = cast("dict[str, object]", found) if isinstance(found, dict) else {"event": text, "level": "info"}
    level = str(fields.get("level", "info"))
    if _LEVELS.get(level, 1) < _LEVELS[wanted.level]:
        return None
    correlation_id, session_id = str(fields.get("correlation_id", "")), str(fields.get("session_id", ""))
    if wanted.about and wanted.about not in (correlation_id, session_id):
        return None

    def clean(value: object, most: int) -> str:
        return _without(_as_text(value), secrets)[:most]

    others = " ".join(f"{name}={clean(value, _FIELD)}" for name, value in fields.items() if name not in _APART)
    return LogLine(
        at=clean(fields.get("timestamp", ""), 40),
        level=clean(level, 20),
        event=clean(fields.get("event", ""), _FIELD),
        correlation_id=clean(correlation_id, 100),
        session_id=clean(session_id, 100),
        text=others[:_SHOWN],
        trace=clean(fields.get("exception", ""), 4 * _SHOWN),
    )


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _STRUCK)
    return _LOOKS_SECRET.sub(lambda found: f"{found['before'] or ''}{_STRUCK}", text)


def _write_cursor(place: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode("ascii")


def _read_cursor(text: str) -> tuple[int, int]:
    try:
        inode, offset = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        return int(inode), max(0, int(offset))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise UserError(
            "The cursor is not one that this log gave.", code="bad_cursor", remedy="Begin without a cursor."
        ) from error
