"""New pack files: a small checkpoint starts no process and needs three fsyncs.

Objects are written whole, for their ids are needed anyway and git can make deltas of them later. Formats: git's
`gitformat-pack`, versions 2 of pack and index.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
import zlib
from array import array
from itertools import accumulate
from pathlib import Path

from draftsmith.platform.files import disk_errors, fsync_folder, write_all
from draftsmith.workspace.packs import INDEX_HEADER, Packed

_TEMPORARY = "tmp_pack_"
_FLUSH = 1 << 20


def _entry_header(kind: int, size: int) -> bytes:
    first = kind << 4 | size & 15
    size >>= 4
    out = bytearray()
    while size:
        out.append(first | 0x80)
        first = size & 0x7F
        size >>= 7
    out.append(first)
    return bytes(out)


class PackWriter:
    """Collects new objects into one pack, which appears under its name only when it is whole and synced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"{_TEMPORARY}{secrets.token_hex(8)}"
        self._entries: dict[bytes, tuple[int, int, int]] = {}  # place, length, checksum
        self._buffer = bytearray()
        self._written = 0
        self._handle: int | None = None
        self._put(b"PACK" + struct.pack(">II", 2, 0))

    def __contains__(self, oid: bytes) -> bool:
        return oid in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def add_packed(self, oid: bytes, packed: Packed) -> None:
        """Take an object whose id the caller has verified."""
        record = _entry_header(packed.kind, packed.size) + packed.compressed
        self._entries[oid] = (self._written + len(self._buffer), len(record), zlib.crc32(record))
        self._put(record)

    def content(self, oid: bytes) -> bytes:
        """What was added under `oid`."""
        start, length, _ = self._entries[oid]
        if start >= self._written:
            record = bytes(self._buffer[start - self._written : start - self._written + length])
        else:
            assert self._handle is not None  # noqa: S101 - something was written
            record = os.pread(self._handle, length, start)
        data = 0
        while record[data] & 0x80:
            data += 1
        return zlib.decompress(record[data + 1 :])

    def _put(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) >= _FLUSH:
            self._flush()

    def _flush(self) -> None:
        with disk_errors("writing a snapshot"):
            if self._handle is None:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            write_all(self._handle, bytes(self._buffer))
        self._written += len(self._buffer)
        self._buffer.clear()

    def commit(self) -> Path | None:
        """Make the pack and its index durable; the index's path, or nothing when there was nothing to write."""
        if not self._entries:
            self.abort()
            return None
        try:
            self._flush()
            checksum = self._seal()
            order = sorted(self._entries)
            name = hashlib.sha1(b"".join(order), usedforsecurity=False).hexdigest()
            with disk_errors("writing a snapshot"):
                return self._publish(self._folder / f"pack-{name}", self._index(order, checksum))
        finally:
            self.abort()

    def _seal(self) -> bytes:
        handle = self._handle
        assert handle is not None  # noqa: S101 - _flush has just opened it
        with disk_errors("writing a snapshot"):
            os.pwrite(handle, struct.pack(">I", len(self._entries)), 8)
            digest = hashlib.sha1(usedforsecurity=False)
            at = 0
            while piece := os.pread(handle, _FLUSH, at):
                digest.update(piece)
                at += len(piece)
            write_all(handle, digest.digest())
            os.fsync(handle)
        return digest.digest()

    def _index(self, order: list[bytes], checksum: bytes) -> bytes:
        counts = [0] * 256
        for oid in order:
            counts[oid[0]] += 1
        far: list[int] = []
        near = array("I")
        for oid in order:
            offset = self._entries[oid][0]
            near.append(offset if offset < 1 << 31 else 1 << 31 | len(far))
            if offset >= 1 << 31:
                far.append(offset)
        body = b"".join(
            (
                INDEX_HEADER,
                struct.pack(">256I", *accumulate(counts)),
                *order,
                struct.pack(f">{len(order)}I", *(self._entries[oid][2] for oid in order)),
                struct.pack(f">{len(order)}I", *near),
                struct.pack(f">{len(far)}Q", *far),
                checksum,
            )
        )
        return body + hashlib.sha1(body, usedforsecurity=False).digest()

    def _publish(self, target: Path, index: bytes) -> Path:
        index_path = target.with_suffix(".idx")
        if index_path.exists():
            return index_path
        temporary = self._path.with_suffix(".idx")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                write_all(handle, index)
                os.fsync(handle)
            finally:
                os.close(handle)
            self._path.replace(target.with_suffix(".pack"))
            temporary.replace(index_path)  # last: a pack without an index is not looked at
            fsync_folder(self._folder)
        finally:
            temporary.unlink(missing_ok=True)
        return index_path

    def abort(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        self._path.unlink(missing_ok=True)
