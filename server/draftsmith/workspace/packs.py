"""Pack files, read in Python, deltas included: looking at a few objects starts no process.

Formats: git's `gitformat-pack`, versions 2 of pack and index.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from array import array
from bisect import bisect_right
from pathlib import Path
from typing import NamedTuple

from draftsmith.workspace.objects import KIND_NAMES, bad_object

INDEX_HEADER = b"\xfftOc\x00\x00\x00\x02"

_OFS_DELTA = 6
_REF_DELTA = 7
_LEVEL = 1
_MAX_DELTA_DEPTH = 4095
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


class Pack:
    """One pack, mapped into memory."""

    def __init__(self, index_path: Path) -> None:
        self.index_path = index_path
        self._index = _map(index_path)
        self._pack = _map(index_path.with_suffix(".pack"))
        if self._index[:8] != INDEX_HEADER or self._pack[:4] != b"PACK":
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
