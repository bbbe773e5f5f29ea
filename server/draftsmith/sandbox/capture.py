"""What is kept of a command's output: head and tail at line borders, and all of it in a file once it is long.

It decodes for people and models; it never interprets the text.
"""

from __future__ import annotations

import asyncio
import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from draftsmith.ports.sandbox import Captured, OnOutput, StreamName


@dataclass(slots=True, kw_only=True)
class OutputBudget:
    """Bytes that both streams of one command may still write."""

    remaining: int

    @property
    def struck(self) -> bool:
        return self.remaining <= 0


class StreamCapture:
    """Takes one stream's bytes as they come; memory stays below three times `kept_bytes`.

    `kept_whole`: all of it is in the file at once, from the first byte on, for readers who do not wait for its end.
    """

    def __init__(
        self,
        name: StreamName,
        *,
        kept_bytes: int,
        spill: Path,
        budget: OutputBudget,
        on_output: OnOutput | None,
        kept_whole: bool = False,
    ) -> None:
        self._name: StreamName = name
        self._kept = kept_bytes
        self._spill = spill
        self._budget = budget
        self._kept_whole = kept_whole
        self._on_output = on_output
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._head = bytearray()
        self._tail = bytearray()
        self._file: BinaryIO | None = None
        self._total = 0
        self._newlines = 0
        self._last = b""

    @property
    def unfinished(self) -> bool:
        """Whether the last line has no end yet."""
        return self._last not in (b"", b"\n")

    async def feed(self, chunk: bytes) -> None:
        """Keep, spill and announce a chunk. What exceeds the output budget is dropped."""
        chunk = chunk[: max(self._budget.remaining, 0)]
        self._budget.remaining -= len(chunk)
        if not chunk:
            return
        self._total += len(chunk)
        self._newlines += chunk.count(b"\n")
        self._last = chunk[-1:]
        if self._file is None and (self._kept_whole or self._total > self._kept):
            self._file = await asyncio.to_thread(self._open_spill)
        if self._file is not None:
            await asyncio.to_thread(self._file.write, chunk)
        self._keep(chunk)
        if self._on_output is not None and (text := self._decoder.decode(chunk)):
            self._on_output(self._name, text)

    async def finish(self) -> Captured:
        """Close the file and cut what was kept at line borders."""
        if self._file is not None:
            await asyncio.to_thread(self._file.close)
        if self._on_output is not None and (text := self._decoder.decode(b"", final=True)):
            self._on_output(self._name, text)
        lines = self._newlines + (1 if self._last not in (b"", b"\n") else 0)
        if self._total <= self._kept:
            return Captured(head=_text(self._head), total_lines=lines, total_bytes=self._total)
        head, tail = _cut_head(bytes(self._head)), _cut_tail(bytes(self._tail[-(self._kept // 2) :]))
        shown_lines = head.count(b"\n") + tail.count(b"\n") + (1 if tail and not tail.endswith(b"\n") else 0)
        return Captured(
            head=_text(head),
            tail=_text(tail),
            omitted_lines=max(lines - shown_lines, 0),
            omitted_bytes=self._total - len(head) - len(tail),
            total_lines=lines,
            total_bytes=self._total,
            spilled=self._spill,
        )

    def _open_spill(self) -> BinaryIO:
        self._spill.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The run owns the file until `finish`; closing it there needs more than a with block.
        file = self._spill.open("wb", buffering=0 if self._kept_whole else -1)
        file.write(self._head)
        return file

    def _keep(self, chunk: bytes) -> None:
        if self._total <= self._kept:
            self._head += chunk
            return
        half = self._kept // 2
        if not self._tail:
            self._tail += self._head[half:]
            del self._head[half:]
            room = half - len(self._head)
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        if len(self._tail) > self._kept:
            del self._tail[: len(self._tail) - half]


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode("utf-8", "replace")


def _cut_head(data: bytes) -> bytes:
    """Up to the last whole line; one giant line is cut before a character that is not whole."""
    border = data.rfind(b"\n") + 1
    if border:
        return data[:border]
    while data and data[-1] & 0xC0 == 0x80:
        data = data[:-1]
    return data[:-1] if data and data[-1] >= 0xC0 else data


def _cut_tail(data: bytes) -> bytes:
    """From the first whole line; one giant line is cut after a character that is not whole."""
    border = data.find(b"\n") + 1
    if 0 < border < len(data):
        return data[border:]
    start = 0
    while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    return data[start:]
