"""Server-sent events from bytes, as far as streamed model replies need them.

Splits at CR, LF and CRLF only (WHATWG HTML, section 9.2.6): text may hold other line separators.
"""

from __future__ import annotations

import re

MAX_EVENT_BYTES = 16_000_000
_LINE_END = re.compile(rb"\r\n|\n|\r")


class EventTooLong(Exception):
    """An event passed `MAX_EVENT_BYTES` without an end."""


class SseDecoder:
    """Feed bytes as they come, get the data of the events they complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """Data of each event that `chunk` completes, undecodable bytes replaced."""
        buffer = self._rest + chunk
        # A CR at the end may be the first half of CRLF: it waits for the next chunk.
        held = b"\r" if buffer.endswith(b"\r") else b""
        *lines, last = _LINE_END.split(buffer[: len(buffer) - len(held)])
        self._rest = last + held
        events = [event for line in lines if (event := self._line(line)) is not None]
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise EventTooLong
        return events

    def _line(self, line: bytes) -> str | None:
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data).decode("utf-8", "replace") if data else None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
        return None
