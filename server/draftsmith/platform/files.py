"""Files as the rest needs them: replaced whole or not at all, private, durable, links never followed.

What differs by operating system about opening, replacing and syncing files lives here and nowhere else.
It decides nothing about content.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import AdapterError, DraftsmithError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_BLOCK = getattr(os, "O_NONBLOCK", 0)  # opening a fifo must not wait for a writer
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_TEMPORARY_PREFIX = b".draftsmith-"


@contextlib.contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn the operating system's errors into `AdapterError`: `disk_full` or `disk_failed`."""
    try:
        yield
    except DraftsmithError:
        raise
    except OSError as failure:
        raise disk_error(doing, failure) from failure


def disk_error(doing: str, failure: OSError) -> AdapterError:
    if failure.errno in _FULL:
        return AdapterError(
            f"The disk is full: {doing}.",
            code="disk_full",
            remedy="Free some space there and try again; nothing was half written.",
            retryable=True,
        )
    return AdapterError(f"{doing} failed: {failure}.", code="disk_failed", remedy="Check the disk and folder.")


def open_folder(path: bytes | str | Path) -> int:
    """A descriptor of an existing folder; links in `path` are followed, for it names a root."""
    return os.open(path, _FOLDER)


def open_beneath(root: int, parts: Sequence[bytes], *, create: bool = False) -> int:
    """A descriptor of the folder `parts` below `root`; a link on the way raises `OSError` (ELOOP or ENOTDIR)."""
    current = os.dup(root)
    try:
        for part in parts:
            if part in (b"", b".", b"..") or b"/" in part:
                raise OSError(errno.EINVAL, f"not a plain name: {part!r}")
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=current)
            below = os.open(part, _FOLDER | _NO_LINK, dir_fd=current)
            os.close(current)
            current = below
    except BaseException:
        os.close(current)
        raise
    return current


def open_plain(name: bytes | str | Path, *, folder: int | None = None) -> int:
    """A descriptor to read a regular file; a link raises ELOOP, anything but a file EINVAL."""
    handle = os.open(name, os.O_RDONLY | _NO_LINK | _NO_BLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file")
    return handle


def read_all(handle: int, size_hint: int = 0, limit: int | None = None) -> bytes:
    """Everything from the descriptor's place on, or little more than `limit` bytes of what never ends."""
    first = os.read(handle, size_hint + 1)
    if len(first) == size_hint:
        return first  # one byte more was asked for: this is the end
    pieces = [first]
    total = len(first)
    while first and (limit is None or total <= limit) and (piece := os.read(handle, 1 << 20)):
        pieces.append(piece)
        total += len(piece)
    return b"".join(pieces)


def write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def fsync_folder(folder: int | Path) -> None:
    """Make names created, renamed or removed in this folder durable."""
    if isinstance(folder, int):
        os.fsync(folder)
        return
    handle = open_folder(folder)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A temporary file, written and synced, that waits beside its destination."""

    folder: int
    temporary: bytes
    name: bytes

    def commit(self, *, durable: bool = True) -> None:
        """Take the destination's place in one step; durable on return, if it is to be."""
        os.replace(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        if durable:
            os.fsync(self.folder)

    def commit_new(self) -> None:
        """Take a place that must be free; raises `FileExistsError` if it is not. Durable on return."""
        try:
            os.link(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links: the smallest window that is left
            with contextlib.suppress(FileNotFoundError):
                os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
                raise FileExistsError(errno.EEXIST, "appeared meanwhile") from None
            os.replace(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        else:
            os.unlink(self.temporary, dir_fd=self.folder)
        os.fsync(self.folder)

    def discard(self) -> None:
        _remove(self.folder, self.temporary)


def prepare(
    folder: int,
    name: bytes,
    content: bytes,
    *,
    mode: int,
    like: os.stat_result | None = None,
    steady: bool = False,
    durable: bool = True,
) -> Prepared:
    """Write `content` beside `name` and sync it, unless it need not be `durable`.

    With `like`, the stat of what is replaced, its owner is kept where that is permitted and `mode` is exact; without,
    the process's umask applies to `mode`. With `steady` the temporary file's name follows from `name`, so that one
    left by a kill is replaced when the same is tried again; then nobody else may write this name meanwhile.
    """
    temporary = _temporary_name(name if steady else None)
    if steady:
        _remove(folder, temporary)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, mode & 0o777, dir_fd=folder)
    try:
        try:
            if like is not None:
                os.fchmod(handle, PRIVATE_FILE)
            write_all(handle, content)
            if like is not None:
                if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                    with contextlib.suppress(PermissionError):
                        os.fchown(handle, like.st_uid, like.st_gid)
                os.fchmod(handle, mode)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        _remove(folder, temporary)
        raise
    return Prepared(folder=folder, temporary=temporary, name=name)


def prepare_link(folder: int, name: bytes, target: bytes) -> Prepared:
    """A symbolic link beside `name`, to take its place; its temporary name is steady as in `prepare`."""
    temporary = _temporary_name(name)
    _remove(folder, temporary)
    os.symlink(target, temporary, dir_fd=folder)
    return Prepared(folder=folder, temporary=temporary, name=name)


def _temporary_name(name: bytes | None) -> bytes:
    tag = secrets.token_hex(8) if name is None else hashlib.sha256(name).hexdigest()[:16]
    return _TEMPORARY_PREFIX + tag.encode()


def _remove(folder: int, name: bytes) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)


def replace_file(path: Path, content: bytes, *, mode: int = PRIVATE_FILE, durable: bool = True) -> None:
    """Write a whole file atomically and durably, readable by its owner only unless `mode` says otherwise.

    What proves itself by a checksum and can be made anew need not be `durable`, which spares two fsyncs.
    """
    with disk_errors(f"writing {path}"):
        folder = open_folder(path.parent)
        try:
            ready = prepare(folder, os.fsencode(path.name), content, mode=mode, durable=durable)
            try:
                ready.commit(durable=durable)
            except BaseException:
                ready.discard()
                raise
        finally:
            os.close(folder)


def read_file(path: Path) -> bytes:
    """The content of a regular file; a link in the last place is refused (`OSError`)."""
    handle = open_plain(path)
    try:
        return read_all(handle, os.fstat(handle).st_size)
    finally:
        os.close(handle)


def make_private_folder(path: Path) -> None:
    """Make `path` (and its parents) if missing, open to its owner only.

    A folder that is there keeps its mode: it may be anybody's, and what we put into it is private by itself.
    """
    with disk_errors(f"making the folder {path}"):
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def is_temporary(name: bytes) -> bool:
    """Whether `name` is one of our unfinished files, left by a kill between writing and renaming."""
    return name.startswith(_TEMPORARY_PREFIX) and len(name) == len(_TEMPORARY_PREFIX) + 16
