"""Snapshots sent between object stores that share no disk.

A stream of framed, compressed objects, children before the trees that name them. What arrives is hostile until
proved: every hash, name, size and reference is checked, and nothing is kept unless all of it is right.
"""

from __future__ import annotations

import asyncio
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.manifest import MANIFEST_NAME, ROOTS_NAME, decode_manifest
from draftsmith.workspace.objects import (
    BLOB,
    EMPTY_TREE,
    FILE,
    FOLDER,
    KIND_NAMES,
    TREE,
    Entry,
    bad_object,
    object_id,
    parse_tree,
)
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.packs import Packed, compress, compressed_bound
from draftsmith.workspace.store import RECENT, Batch, ObjectStore

CHUNK = 256 * 1024
"""Bytes that a stream gives at once, about; a single object may be more."""

CHUNK_SECONDS = 60.0
"""Seconds without data after which a transfer is given up."""

_MAGIC = b"DSOBJ001"
_FRAME = struct.Struct(">B20sQQ")
_END = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestBounds:
    """The most that is taken from a stream, in bytes and objects; `total_bytes` counts unpacked."""

    object_bytes: int = 256 * 1024 * 1024
    objects: int = 2_000_000
    total_bytes: int = 16 * 1024 * 1024 * 1024
    depth: int = 256


DEFAULT_BOUNDS = IngestBounds()


async def has_tree(store: ObjectStore, tree: str) -> bool:
    """Whether the whole snapshot is here: a stored tree is always complete."""

    def look(_stop: Stop) -> bool:
        return store.has(bytes.fromhex(tree))

    return await in_thread(look)


async def export(store: ObjectStore, tree: str, *, base: str | None = None) -> AsyncIterator[bytes]:
    """The objects of `tree` that `base`, which the receiver has, does not hold at the same path.

    Raises `AdapterError` (`object_missing`). Starts no process, and reads only what differs.
    """
    frames = _frames(store, bytes.fromhex(tree), bytes.fromhex(base) if base is not None else None)

    def next_chunk(stop: Stop) -> bytes:
        chunk = bytearray()
        for frame in frames:
            stop.check()
            chunk += frame
            if len(chunk) >= CHUNK:
                break
        return bytes(chunk)

    while chunk := await in_thread(next_chunk):
        yield chunk


def _frames(store: ObjectStore, tree: bytes, base: bytes | None) -> Iterator[bytes]:
    yield _MAGIC
    sent: set[bytes] = set()
    for oid in _missing(store, Entry(FOLDER, tree), None if base is None else Entry(FOLDER, base), sent):
        packed = store.raw(oid)
        if packed is None:
            kind, content = store.read(oid)
            packed = Packed(kind, len(content), compress(content))
        yield _FRAME.pack(packed.kind, oid, packed.size, len(packed.compressed)) + packed.compressed
    yield _FRAME.pack(_END, tree, len(sent), 0)


def _missing(store: ObjectStore, now: Entry, base: Entry | None, sent: set[bytes]) -> Iterator[bytes]:
    """Objects below and including `now`, children first, each once, without those equal in `base`."""
    if now.oid in sent or (base is not None and now.oid == base.oid):
        return
    if now.mode == FOLDER:
        below = store.read_tree(base.oid) if base is not None and base.mode == FOLDER else {}
        for name, entry in store.read_tree(now.oid).items():
            yield from _missing(store, entry, below.get(name), sent)
    sent.add(now.oid)
    yield now.oid


async def ingest(
    store: ObjectStore, stream: AsyncIterator[bytes], *, expect: str, bounds: IngestBounds = DEFAULT_BOUNDS
) -> None:
    """Store the snapshot `expect` from a stream that nobody vouches for; all of it or nothing.

    Raises `AdapterError` (`bad_object`, `disk_full`). Pinned as recent when it returns.
    """
    wanted = bytes.fromhex(expect)
    writing = store.writing()
    batch = await asyncio.to_thread(writing.__enter__)  # it may wait for a lock
    reader = _Ingest(batch, bounds)
    try:
        chunks = aiter(stream)
        while (chunk := await _next(chunks)) is not None:
            reader.feed(chunk)
            await asyncio.to_thread(reader.work)
        await asyncio.to_thread(reader.finish, wanted)
        batch.pin(RECENT, wanted)
    except BaseException as failure:
        reader.close()
        writing.__exit__(type(failure), failure, failure.__traceback__)
        raise
    await asyncio.to_thread(writing.__exit__, None, None, None)


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(CHUNK_SECONDS):
            return await anext(chunks, None)
    except TimeoutError:
        raise AdapterError(
            f"The other side sent nothing for {CHUNK_SECONDS:.0f} s.",
            code="transfer_stalled",
            remedy="Check the connection; the transfer is tried again.",
            retryable=True,
        ) from None


class _Ingest:
    """Checks objects as they arrive and puts them into one batch."""

    def __init__(self, batch: Batch, bounds: IngestBounds) -> None:
        self._batch = batch
        self._bounds = bounds
        self._buffer = bytearray()
        self._working = threading.Lock()
        self._closed = False
        self._started = False
        self._ended: bytes | None = None
        self._kinds: dict[bytes, int] = {}
        self._depths: dict[bytes, int] = {}
        self._total = 0

    def feed(self, chunk: bytes) -> None:
        if self._ended is not None and chunk:
            raise bad_object("data after the end")
        self._buffer += chunk

    def close(self) -> None:
        """Take nothing more; the thread of a cancelled transfer may still be at its last object."""
        self._closed = True
        with self._working:
            pass

    def work(self) -> None:
        """Take every whole frame out of the buffer."""
        with self._working:
            self._take_frames()

    def _take_frames(self) -> None:
        at = 0
        if not self._started:
            if len(self._buffer) < len(_MAGIC):
                return
            if not self._buffer.startswith(_MAGIC):
                raise bad_object("a stream of another kind")
            self._started = True
            at = len(_MAGIC)
        while not self._closed and self._ended is None and len(self._buffer) - at >= _FRAME.size:
            kind, oid, size, length = _FRAME.unpack_from(self._buffer, at)
            self._check_header(kind, size, length)
            end = at + _FRAME.size + length
            if len(self._buffer) < end:
                break
            if kind == _END:
                self._end(oid, size, len(self._buffer) - end)
            else:
                self._take(kind, oid, size, bytes(self._buffer[at + _FRAME.size : end]))
            at = end
        del self._buffer[:at]

    def _check_header(self, kind: int, size: int, length: int) -> None:
        if kind == _END:
            if length:
                raise bad_object("an end with content")
            return
        if kind not in KIND_NAMES:
            raise bad_object(f"an object of kind {kind}")
        if size > self._bounds.object_bytes or length > compressed_bound(size):
            raise bad_object(f"an object of {size} bytes, over its bound")

    def _end(self, oid: bytes, count: int, rest: int) -> None:
        if count != len(self._kinds) or rest:
            raise bad_object("a stream whose end does not fit")
        self._ended = oid

    def _take(self, kind: int, oid: bytes, size: int, compressed: bytes) -> None:
        self._total += size
        if len(self._kinds) >= self._bounds.objects or self._total > self._bounds.total_bytes:
            raise bad_object("more than its bound")
        if oid in self._kinds:
            raise bad_object("the same object twice")
        content = _inflate(compressed, size)
        if object_id(kind, content) != oid:
            raise bad_object(f"{oid.hex()} is not the hash of its content")
        depth = 1
        if kind == TREE:
            depth = 1 + max((self._check_entry(entry) for entry in parse_tree(content).values()), default=0)
            if depth > self._bounds.depth:
                raise bad_object(f"folders {depth} deep")
        self._kinds[oid] = kind
        self._depths[oid] = depth
        self._batch.add_packed(oid, Packed(kind, size, compressed))

    def _check_entry(self, entry: Entry) -> int:
        """The depth below an entry, which must be here, or have come before, as what its mode says."""
        kind = self._kinds.get(entry.oid)
        if kind is None:
            if entry.oid != EMPTY_TREE and not self._batch.store.has(entry.oid):
                raise bad_object(f"a tree names {entry.oid.hex()}, which was not sent")
            kind = TREE if entry.oid == EMPTY_TREE else self._batch.store.read(entry.oid)[0]
        if kind != (TREE if entry.mode == FOLDER else BLOB):
            raise bad_object("a tree names an object of another kind")
        return self._depths.get(entry.oid, 1)

    def finish(self, wanted: bytes) -> None:
        if self._buffer or self._ended is None:
            raise bad_object("a stream that breaks off")
        if self._ended != wanted or not self._batch.has(wanted):
            raise bad_object(f"not the snapshot that was asked for, {wanted.hex()}")
        top = parse_tree(self._content(wanted))
        manifest = top.get(MANIFEST_NAME)
        if manifest is None or manifest.mode != FILE or top.keys() - {MANIFEST_NAME, ROOTS_NAME}:
            raise bad_object("a tree that is no snapshot")
        decode_manifest(self._content(manifest.oid))

    def _content(self, oid: bytes) -> bytes:
        return self._batch.content(oid)


def _inflate(compressed: bytes, size: int) -> bytes:
    machine = zlib.decompressobj()
    try:
        content = machine.decompress(compressed, size + 1)
    except zlib.error as failure:
        raise bad_object(f"damaged compression ({failure})") from failure
    if len(content) != size or not machine.eof or machine.unused_data or machine.unconsumed_tail:
        raise bad_object("an object of another size than it says")
    return content
