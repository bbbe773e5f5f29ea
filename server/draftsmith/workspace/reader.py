"""Files read as they are at one moment, or a reason why not.

A file is opened without following links or waiting, and its stat data is compared before and after; one that
keeps changing is given up, for half of an old and half of a new version is no version.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from draftsmith.platform.files import open_beneath, open_plain, read_all
from draftsmith.workspace.listing import SkipReason, Stat, stat_of
from draftsmith.workspace.objects import BLOB, LINK, Entry, git_mode, object_id
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.packs import Packed, compress
from draftsmith.workspace.statmap import Known, is_settled
from draftsmith.workspace.store import Batch

_TRIES = 4
_PAUSE_SECONDS = 0.02
_CHUNK = 48
_WORKERS = 2
_FEW = 64


class Folders:
    """Descriptors of folders below a root; the last one used is kept open."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._path: bytes | None = None
        self._handle = -1

    def open(self, path: bytes) -> int:
        """The folder at `path`, no link followed; valid until the next call."""
        if path != self._path:
            self.close()
            self._handle = open_beneath(self._root, path.split(b"/") if path else [])
            self._path = path
        return self._handle

    def close(self) -> None:
        if self._path is not None:
            os.close(self._handle)
            self._path = None


@dataclass(frozen=True, slots=True)
class Captured:
    """A file's content as it was; `packed` is missing when the store has it already."""

    path: bytes
    known: Known
    packed: Packed | None

    @property
    def entry(self) -> Entry:
        return entry_of(self.known)


@dataclass(frozen=True, slots=True)
class Missed:
    path: bytes
    reason: SkipReason
    detail: str


def entry_of(known: Known) -> Entry:
    mode = known.mode
    return Entry(LINK if stat.S_ISLNK(mode) else git_mode(mode), known.oid)


def capture(batch: Batch, root: int, paths: Sequence[bytes], limit: int, stop: Stop) -> Iterator[Captured | Missed]:
    """Read files below an open root and store their content; `limit` bounds a file's bytes."""
    if len(paths) <= _FEW:
        results: Iterable[list[Captured | Missed]] = [_chunk(batch, root, paths, limit, stop)]
        yield from _stored(batch, results)
        return
    chunks = iter([paths[at : at + _CHUNK] for at in range(0, len(paths), _CHUNK)])

    def work(some: Sequence[bytes]) -> list[Captured | Missed]:
        return _chunk(batch, root, some, limit, stop)

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="capture") as pool:
        while wave := list(islice(chunks, _WORKERS * 8)):  # bounds what is read and not yet written
            yield from _stored(batch, pool.map(work, wave))


def _stored(batch: Batch, results: Iterable[list[Captured | Missed]]) -> Iterator[Captured | Missed]:
    for result in results:
        for item in result:
            if isinstance(item, Captured) and item.packed is not None:
                batch.add_packed(item.known.oid, item.packed)
            yield item


def _chunk(batch: Batch, root: int, paths: Sequence[bytes], limit: int, stop: Stop) -> list[Captured | Missed]:
    folders = Folders(root)
    try:
        out: list[Captured | Missed] = []
        for path in paths:
            stop.check()
            out.append(_capture_one(batch, folders, path, limit))
        return out
    finally:
        folders.close()


def _capture_one(batch: Batch, folders: Folders, path: bytes, limit: int) -> Captured | Missed:
    read = read_settled(folders, path, limit)
    if isinstance(read, Missed):
        return read
    content, found, looked = read
    oid = object_id(BLOB, content)
    packed = None if batch.store.search(oid) is not None else Packed(BLOB, len(content), compress(content))
    return Captured(path, Known(found, oid, is_settled(found, looked)), packed)


def read_settled(folders: Folders, path: bytes, limit: int) -> tuple[bytes, Stat, int] | Missed:
    """Content, stat data and the time of the look (ns), read while the file stood still."""
    cut = path.rfind(b"/")
    name = path[cut + 1 :]
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_SECONDS * attempt)
        try:
            read = _read_once(folders.open(path[:cut] if cut > 0 else b""), name, limit)
        except FileNotFoundError:
            return Missed(path, "vanished", "")
        except OSError as failure:
            return Missed(path, "unreadable", failure.strerror or "")
        if not isinstance(read, str):
            return read
        if read != "unstable":
            return Missed(path, read, "")
    return Missed(path, "unstable", f"changed during each of {_TRIES} readings")


def _read_once(folder: int, name: bytes, limit: int) -> tuple[bytes, Stat, int] | SkipReason:
    looked = time.time_ns()
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(before.st_mode):
        target = os.readlink(name, dir_fd=folder)
        after = os.stat(name, dir_fd=folder, follow_symlinks=False)
        return (target, stat_of(after), looked) if stat_of(before) == stat_of(after) else "unstable"
    if not stat.S_ISREG(before.st_mode):
        return "special"
    if before.st_size > limit:
        return "too_large"
    handle = open_plain(name, folder=folder)
    try:
        opened = os.fstat(handle)
        content = read_all(handle, before.st_size, limit)
        after = os.fstat(handle)
    finally:
        os.close(handle)
    same = stat_of(before) == stat_of(opened) == stat_of(after) and len(content) == after.st_size
    return (content, stat_of(after), looked) if same else "unstable"
