"""The file of commands that came with a key: that one was begun, before it is, and its answer.

So a command is not done a second time by the next hub either. It holds hashes of keys, and answers as they were given.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

from pydantic import ValidationError

from draftsmith.platform.clock import now_ms
from draftsmith.platform.files import PRIVATE_FILE, disk_errors, replace_file
from draftsmith.protocol.model import Message

MAX_KEPT = 2_000
KEPT_MS = 24 * 3_600_000
MAX_LINES = 4 * MAX_KEPT
"""Then the file is written anew, with what still counts."""

MAX_BODY = 64_000
"""A longer answer is not noted: the next hub knows that the command was begun, and no more."""

BEGUN, FORGOTTEN = 0, -1


class Entry(Message):
    """One key. `status` is that of the answer, or BEGUN: nothing is known of its end, or FORGOTTEN."""

    name: str
    asked: str
    at: int
    status: int = BEGUN
    body: str = ""
    media_type: str = ""
    correlation_id: str = ""


def name_of(caller: str, key: str) -> str:
    return hashlib.sha256(f"{caller}\0{key}".encode()).hexdigest()


class RepeatJournal:
    """One for the hub."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = MAX_LINES
        self._writing = asyncio.Lock()

    def read(self) -> dict[str, Entry]:
        """What was noted, by earlier hubs too, and is not too old; a torn line is left out."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except OSError:
            return {}
        found: dict[str, Entry] = {}
        for line in lines:
            try:
                entry = Entry.model_validate_json(line)
            except ValidationError:
                continue
            found.pop(entry.name, None)
            if entry.status != FORGOTTEN:
                found[entry.name] = entry
        oldest = now_ms() - KEPT_MS
        return {one.name: one for one in [one for one in found.values() if one.at > oldest][-MAX_KEPT:]}

    async def note(self, entry: Entry) -> None:
        """On disk when it returns. Raises AdapterError (`disk_full`, `disk_failed`)."""
        async with self._writing:
            await asyncio.shield(asyncio.to_thread(self._note, entry.model_dump_json().encode() + b"\n"))

    def _note(self, line: bytes) -> None:
        with disk_errors(f"Noting a command in {self._path}"):
            if self._lines >= MAX_LINES:
                kept = b"".join(one.model_dump_json().encode() + b"\n" for one in self.read().values())
                replace_file(self._path, kept + line, mode=PRIVATE_FILE)
                self._lines = (kept + line).count(b"\n")
                return
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
            try:
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
            self._lines += 1
