"""Pack files, read and written in Python: a small checkpoint starts no process and needs three fsyncs.

Written packs hold whole objects; `collect` lets git make deltas of them later, so reading knows both kinds.
Formats: git's `gitformat-pack`, versions 2 of pack and index.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import secrets
import struct
import zlib
from array import array
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from draftsmith.platform.files import disk_errors, fsync_folder, write_all
from draftsmith.workspace.objects import KIND_NAMES, bad_object

_TEMPORARY = "tmp_pack_"
_OFS_DELTA = 6
_REF_DELTA = 7
_LEVEL = 1
_INDEX_HEADER = b"\xfftOc\x00\x00\x00\x02"
_MAX_DELTA_DEPTH = 4095
_FLUSH = 1 << 20
_HASHES_AT = 8 + 256 * 4


class Packed(NamedTuple):
    """An object as it lies in a pack, ready to be copied into another."""

    kind: int
    size: int
    compressed: bytes


def compress(content: bytes) -> bytes:
    return zlib.compress(content, _LEVEL)


def compressed_bound(size: int) -> int:
    """The most bytes that zlib makes of `size` bytes, with room for other writers' settings."""
    return size + (size >> 10) + 64


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
                _INDEX_HEADER,
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


class Pack:
    """One pack, mapped into memory."""

    def __init__(self, index_path: Path) -> None:
        self.index_path = index_path
        self._index = _map(index_path)
        self._pack = _map(index_path.with_suffix(".pack"))
        if self._index[:8] != _INDEX_HEADER or self._pack[:4] != b"PACK":
            raise bad_object(f"{index_path.name} is damaged")
        self._fanout: tuple[int, ...] = struct.unpack_from(">256I", self._index, 8)
        self._offsets: array[int] | None = None

    def __len__(self) -> int:
        return self._fanout[255]

    def position(self, oid: bytes) -> int | None:
        """Where the object begins in the pack."""
        low = self._fanout[oid[0] - 1] if oid[0] else 0
        high = self._fanout[oid[0]]
        index = self._index
        while low < high:
            middle = (low + high) >> 1
            at = _HASHES_AT + middle * 20
            found = index[at : at + 20]
            if found == oid:
                return self._offset(middle)
            if found < oid:
                low = middle + 1
            else:
                high = middle
        return None

    def _offset(self, rank: int) -> int:
        count = self._fanout[255]
        table = _HASHES_AT + count * 24
        near: int = struct.unpack_from(">I", self._index, table + rank * 4)[0]
        if near < 1 << 31:
            return near
        return struct.unpack_from(">Q", self._index, table + count * 4 + (near & 0x7FFFFFFF) * 8)[0]

    def _header(self, at: int) -> tuple[int, int, int]:
        """Kind, size and where the rest begins."""
        byte = self._pack[at]
        kind = byte >> 4 & 7
        size = byte & 15
        shift = 4
        at += 1
        while byte & 0x80:
            byte = self._pack[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            at += 1
        return kind, size, at

    def read(self, at: int, depth: int = 0) -> tuple[int, bytes]:
        """Kind and content of the object that begins at `at`."""
        kind, size, data = self._header(at)
        if kind in KIND_NAMES:
            return kind, self._inflate(data, size)
        if depth > _MAX_DELTA_DEPTH or kind not in (_OFS_DELTA, _REF_DELTA):
            raise bad_object(f"{self.index_path.name} holds an object of kind {kind}")
        if kind == _REF_DELTA:
            base = self.position(self._pack[data : data + 20])
            data += 20
        else:
            back, data = self._back_offset(data)
            base = at - back
        if base is None or (kind == _OFS_DELTA and not 0 < base < at):
            raise bad_object(f"{self.index_path.name} holds a delta without its base")
        base_kind, content = self.read(base, depth + 1)
        return base_kind, _apply_delta(content, self._inflate(data, size))

    def _back_offset(self, at: int) -> tuple[int, int]:
        byte = self._pack[at]
        value = byte & 0x7F
        while byte & 0x80:
            at += 1
            byte = self._pack[at]
            value = (value + 1) << 7 | byte & 0x7F
        return value, at + 1

    def _inflate(self, at: int, size: int) -> bytes:
        stop = min(at + compressed_bound(size), len(self._pack))
        try:
            content = zlib.decompressobj().decompress(self._pack[at:stop])
        except zlib.error as failure:
            raise bad_object(f"{self.index_path.name} is damaged at {at}") from failure
        if len(content) != size:
            raise bad_object(f"{self.index_path.name} is damaged at {at}")
        return content

    def raw(self, at: int) -> Packed | None:
        """The object still compressed, or nothing when it is a delta."""
        kind, size, data = self._header(at)
        if kind not in KIND_NAMES:
            return None
        if self._offsets is None:
            self._offsets = array("Q", sorted(self._offset(rank) for rank in range(len(self))))
            self._offsets.append(len(self._pack) - 20)
        end = self._offsets[bisect_right(self._offsets, at)]
        return Packed(kind, size, self._pack[data:end])

    def close(self) -> None:
        self._index.close()
        self._pack.close()


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _apply_delta(base: bytes, delta: bytes) -> bytes:
    at = 0
    sizes: list[int] = []
    for _ in range(2):
        size = shift = 0
        while True:
            byte = delta[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        sizes.append(size)
    out: list[bytes] = []
    while at < len(delta):
        code = delta[at]
        at += 1
        if code & 0x80:
            values = [0] * 7
            for bit in range(7):
                if code & 1 << bit:
                    values[bit] = delta[at]
                    at += 1
            offset = values[0] | values[1] << 8 | values[2] << 16 | values[3] << 24
            length = values[4] | values[5] << 8 | values[6] << 16 or 0x10000
            out.append(base[offset : offset + length])
        else:
            out.append(delta[at : at + code])
            at += code
    content = b"".join(out)
    if len(base) != sizes[0] or len(content) != sizes[1]:
        raise bad_object("a delta does not fit its base")
    return content
