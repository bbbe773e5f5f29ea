"""Records by the id of the content they were made from, in one file that only grows. Shared by all folders.

A damaged end is cut off and a damaged record is made anew: everything here can be had again from the files.
"""

from __future__ import annotations

import mmap
import struct
import threading
import zlib
from pathlib import Path

from draftsmith.code.index.record import FORMAT
from draftsmith.code.languages import data_version
from draftsmith.platform.files import disk_errors

MAX_BYTES = 768 * 1024 * 1024
"""When the file has grown beyond, it is begun anew."""
_ENTRY = struct.Struct("<20sII")


class Records:
    """Belongs to one process at a time, which holds a lock on the folder. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"records-{data_version()}-{FORMAT}.bin"
        self._places: dict[bytes, tuple[int, int, int]] = {}
        self._lock = threading.Lock()
        self.damaged = False
        """Something on disk was not as we had written it; it is made anew as it is needed."""
        with disk_errors(f"opening {self._path}"):
            for other in folder.glob("records-*.bin"):
                if other != self._path or other.stat().st_size > MAX_BYTES:
                    other.unlink()
            self._file = self._path.open("a+b")
            self._end = self._read_places()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, content_id: bytes) -> bool:
        return content_id in self._places

    def get(self, content_id: bytes) -> bytes | None:
        """None when there is none, or when it is damaged."""
        with self._lock:
            place = self._places.get(content_id)
            if place is None:
                return None
            start, size, checksum = place
            self._file.flush()
            self._file.seek(start)
            data = self._file.read(size)
            if len(data) == size and zlib.crc32(data) == checksum:
                return data
            self.damaged = True
            del self._places[content_id]
            return None

    def add(self, content_id: bytes, record: bytes) -> None:
        """Not synced: what a crash of the machine loses is read again."""
        checksum = zlib.crc32(record)
        with self._lock:
            if content_id not in self._places:
                self._file.write(_ENTRY.pack(content_id, len(record), checksum) + record)
                self._places[content_id] = (self._end + _ENTRY.size, len(record), checksum)
                self._end += _ENTRY.size + len(record)

    def flush(self) -> None:
        with disk_errors(f"writing {self._path}"), self._lock:
            self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _read_places(self) -> int:
        """Where the last whole entry ends; the rest is cut off."""
        size = self._path.stat().st_size
        at = 0
        if size:
            with mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ) as view:
                while at + _ENTRY.size <= size:
                    content_id, length, checksum = _ENTRY.unpack_from(view, at)
                    if at + _ENTRY.size + length > size:
                        break
                    self._places[content_id] = (at + _ENTRY.size, length, checksum)
                    at += _ENTRY.size + length
        if at < size:
            self.damaged = True
            self._file.truncate(at)
        return at
