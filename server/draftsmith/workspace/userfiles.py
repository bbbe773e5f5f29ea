"""The user's files, read and replaced one at a time: the only code that writes to a workspace.

A file is replaced whole or not at all, and only while it still is what was read. No link is followed below the root,
and nothing called `.git` is touched.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from draftsmith.platform.files import (
    Prepared,
    open_beneath,
    open_folder,
    open_plain,
    prepare,
    prepare_link,
    read_all,
)
from draftsmith.workspace.changes import FileState
from draftsmith.workspace.listing import stat_of
from draftsmith.workspace.objects import BLOB, FILE, LINK, PROGRAM, git_mode, is_reserved, object_id

MAX_CURRENT = 256 * 1024 * 1024
"""Bytes of a user's file beyond which nothing is applied to it."""

_TRIES = 3


class Refused(Exception):
    """The file cannot be read or changed; the message says why, for a person."""


class Changed(Exception):
    """The file is no longer what it was when the change was planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A file as it is now; `state` is `None` when nothing is there."""

    state: FileState | None
    content: bytes
    found: os.stat_result | None


class Place:
    """One path below a root, its folder held open; use it as a context."""

    def __init__(self, root: Path, path: bytes, *, create: bool = False, vacated: bool = False) -> None:
        """With `create`, missing folders are made; with `vacated`, a folder at the path is about to go."""
        self._root = root
        self._path = path
        self._create = create
        self._vacated = vacated
        self.name = path.split(b"/")[-1]
        self.folder = -1

    def __enter__(self) -> Place:
        parts = self._path.split(b"/")
        if any(is_reserved(part) for part in parts):
            raise Refused("Names of git's own are never changed.")
        try:
            root = open_folder(self._root)
        except OSError as failure:
            raise Refused(f"The workspace folder cannot be opened: {failure.strerror}.") from failure
        try:
            self.folder = open_beneath(root, parts[:-1], create=self._create)
        except FileNotFoundError:
            self.folder = -1
        except OSError as failure:
            self._refuse_folder(root, parts[:-1], failure)
        finally:
            os.close(root)
        return self

    def _refuse_folder(self, root: int, parts: list[bytes], failure: OSError) -> None:
        """Say why the folder cannot be opened; a file in its place only means that nothing is at the path yet."""
        for depth in range(1, len(parts) + 1):
            try:
                above = open_beneath(root, parts[: depth - 1])
            except OSError:
                break
            try:
                mode = os.stat(parts[depth - 1], dir_fd=above, follow_symlinks=False).st_mode
            except OSError:
                break
            finally:
                os.close(above)
            if stat.S_ISLNK(mode):
                raise Refused("A folder on the way is a symbolic link, which could lead out of the workspace.")
            if not stat.S_ISDIR(mode):
                if self._create:
                    raise Refused("A file stands where a folder is needed.")
                return
        raise Refused(f"The folder cannot be opened: {failure.strerror}.") from failure

    def __exit__(self, *_: object) -> None:
        if self.folder >= 0:
            os.close(self.folder)
            self.folder = -1

    def read(self) -> Current:
        """The file as it is, read while it stood still."""
        if self.folder < 0:
            return Current(state=None, content=b"", found=None)
        for _ in range(_TRIES):
            try:
                found = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
                if self._vacated and stat.S_ISDIR(found.st_mode):
                    return Current(state=None, content=b"", found=None)
                content = self._content(found)
                again = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
            except FileNotFoundError:
                return Current(state=None, content=b"", found=None)
            except OSError as failure:
                raise Refused(f"The file cannot be read: {failure.strerror}.") from failure
            if stat_of(found) == stat_of(again):
                mode = LINK if stat.S_ISLNK(found.st_mode) else git_mode(found.st_mode)
                state = FileState(mode=mode, blob=object_id(BLOB, content).hex())
                return Current(state=state, content=content, found=found)
        raise Refused("The file kept changing while it was read.")

    def _content(self, found: os.stat_result) -> bytes:
        if stat.S_ISLNK(found.st_mode):
            return os.readlink(self.name, dir_fd=self.folder)
        if stat.S_ISDIR(found.st_mode):
            raise Refused("A folder stands in the file's place.")
        if not stat.S_ISREG(found.st_mode):
            raise Refused("What stands in the file's place is no regular file.")
        if found.st_size > MAX_CURRENT:
            raise Refused(f"The file has more than {MAX_CURRENT >> 20} MB.")
        handle = open_plain(self.name, folder=self.folder)
        try:
            return read_all(handle, found.st_size, MAX_CURRENT)
        finally:
            os.close(handle)

    def replace(self, current: Current, after: FileState, content: bytes) -> None:
        """Put `content` in the place of `current`; raises `Changed` if that is no longer there."""
        before = current.state
        if before is not None and before.blob == after.blob and LINK not in (before.mode, after.mode):
            self._set_mode(current, after.mode)
            return
        ready = self._prepare(current, after, content)
        try:
            self._check(current)
            if current.found is None:
                ready.commit_new()
            else:
                ready.commit()
        except FileExistsError:
            ready.discard()
            raise Changed from None
        except BaseException:
            ready.discard()
            raise

    def _prepare(self, current: Current, after: FileState, content: bytes) -> Prepared:
        if after.mode == LINK:
            return prepare_link(self.folder, self.name, content)
        found = current.found
        if found is None or not stat.S_ISREG(found.st_mode):
            return prepare(self.folder, self.name, content, mode=0o777 if after.mode == PROGRAM else 0o666, steady=True)
        mode = _with_execution(stat.S_IMODE(found.st_mode), after.mode)
        return prepare(self.folder, self.name, content, mode=mode, like=found, steady=True)

    def _set_mode(self, current: Current, mode: int) -> None:
        handle = open_plain(self.name, folder=self.folder)
        try:
            if current.found is None or stat_of(os.fstat(handle)) != stat_of(current.found):
                raise Changed
            os.fchmod(handle, _with_execution(stat.S_IMODE(current.found.st_mode), mode))
            os.fsync(handle)
        finally:
            os.close(handle)

    def delete(self, current: Current) -> None:
        self._check(current)
        os.unlink(self.name, dir_fd=self.folder)
        os.fsync(self.folder)

    def _check(self, current: Current) -> None:
        """Just before the change: the file must be the very one that was read."""
        try:
            found = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            found = None
        same = (
            found is None if current.found is None else found is not None and stat_of(found) == stat_of(current.found)
        )
        if not same:
            raise Changed


def _with_execution(mode: int, wanted: int) -> int:
    """Permission bits with execution allowed to those who may read, or to nobody."""
    if wanted == PROGRAM:
        return mode if mode & 0o100 else mode | (mode & 0o444) >> 2
    return mode & ~0o111 if wanted == FILE and mode & 0o100 else mode


def remove_emptied_folders(root: Path, path: bytes) -> None:
    """Remove the folders above a deleted file that hold nothing any more, up to the root."""
    parts = path.split(b"/")[:-1]
    handle = open_folder(root)
    try:
        for depth in range(len(parts), 0, -1):
            above = open_beneath(handle, parts[: depth - 1])
            try:
                os.rmdir(parts[depth - 1], dir_fd=above)
            finally:
                os.close(above)
    except OSError as failure:
        if failure.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES):
            raise
    finally:
        os.close(handle)
