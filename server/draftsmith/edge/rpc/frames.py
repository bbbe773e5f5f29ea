"""Frames of LSP's base protocol out of a stream of bytes, whatever comes.

What is not a header line is passed over until one comes; a body that is too long is passed over as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_BODY = 256 * 1024 * 1024
"""Bytes: room for a document of 100 MB with every character escaped."""
MAX_HEADER = 8 * 1024
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """Something that is no frame; `reason` says it without repeating it."""

    reason: str


class _Input:
    """Bytes by line and by count from a function that gives some at a time, or none at the end."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._held = bytearray()

    def line(self) -> bytes | None:
        """The next line without its end; a piece of at most MAX_HEADER of one that has none. None at the end."""
        looked = 0
        while True:
            end = self._held.find(b"\n", looked)
            if end >= 0 or len(self._held) >= MAX_HEADER:
                break
            looked = len(self._held)
            if not self._more():
                return None
        stop = end + 1 if 0 <= end < MAX_HEADER else MAX_HEADER
        found = bytes(self._held[:stop])
        del self._held[:stop]
        return found.rstrip(b"\r\n")

    def take(self, count: int) -> bytes | None:
        """Exactly `count` bytes, or None when they never came."""
        while len(self._held) < count:
            if not self._more(count - len(self._held)):
                return None
        found = bytes(memoryview(self._held)[:count])
        del self._held[:count]
        return found

    def skip(self, count: int) -> bool:
        while count > len(self._held):
            count -= len(self._held)
            self._held.clear()
            if not self._more():
                return False
        del self._held[:count]
        return True

    def _more(self, wanted: int = 0) -> bool:
        piece = self._read(max(_CHUNK, min(wanted, 1 << 20)))
        self._held += piece
        return bool(piece)


def read_frames(read: Callable[[int], bytes]) -> Iterator[Body | Garbage]:
    """Every frame until the stream ends; an unfinished last one is left out."""
    source = _Input(read)
    while True:
        length, garbage = 0, False
        known = False
        while (line := source.line()) is not None and (line or not known):
            name, colon, value = line.partition(b":")
            if colon and name.strip().lower() == b"content-length" and value.strip().isdigit():
                length, known = int(value), True
            elif not known and line and not (colon and name.strip().lower() == b"content-type"):
                garbage = True
        if garbage:
            yield Garbage(reason="Something came that is no header of a message; it was passed over.")
        if line is None:
            return
        if length > MAX_BODY:
            yield Garbage(reason=f"A message of {length:,} bytes came; at most {MAX_BODY:,} are taken.")
            if not source.skip(length):
                return
            continue
        content = source.take(length)
        if content is None:
            return
        yield Body(content=content)
