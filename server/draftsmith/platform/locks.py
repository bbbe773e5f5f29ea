"""Locks on files: one for a whole process's life with who holds it written inside, one for short work.

The kernel drops the lock when its process dies however it dies, so a file left behind is never a stale lock:
the process id in it informs people and decides nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import PRIVATE_FILE, disk_errors

_MAX_BYTES = 4096
_POLL_SECONDS = 0.05
_SHORT_POLL_SECONDS = 0.005
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The lock is ours until `release` or the end of this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has the lock instead. `pid` is 0 and `version` empty when the holder has not written them yet."""

    pid: int
    version: str


class FileLock:
    """Held by at most one object on this machine at a time; two objects in one process exclude each other too.

    The file stays when the lock is given back: removing it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def acquire(self, *, version: str) -> Held | Holder:
        """Take the lock or learn who has it, without waiting. `version` is the application's, for others to read.

        Raises AdapterError (`disk_failed`, `disk_full`) when the file cannot be made or written.
        """
        if self._handle is not None:
            return Held()
        with disk_errors(f"locking {self.path}"):
            while True:
                # Not inherited by programs that we start (Python's default), so they do not keep the lock alive.
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), PRIVATE_FILE)
                try:
                    if not _try_lock(handle):
                        holder = _read_holder(handle)
                        os.close(handle)
                        return holder
                    if _is_still(handle, self.path):
                        _write_holder(handle, Holder(pid=os.getpid(), version=version))
                        self._handle = handle
                        return Held()
                except BaseException:
                    os.close(handle)
                    raise
                os.close(handle)  # somebody removed or replaced the file between opening and locking it

    async def acquire_within(self, seconds: float, *, version: str) -> Held | Holder:
        """As `acquire`, asking again until the time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            answer = self.acquire(version=version)
            if isinstance(answer, Held) or loop.time() >= deadline:
                return answer
            await asyncio.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            with disk_errors(f"unlocking {self.path}"):
                try:
                    os.ftruncate(handle, 0)  # the next one must not be taken for us before it has written its name
                finally:
                    os.close(handle)


@contextlib.contextmanager
def hold_lock(path: Path, *, exclusive: bool, timeout: float) -> Iterator[None]:
    """For short work on what the file stands for: with many readers, or alone; nobody's name is written.

    Waits up to `timeout` seconds in the calling thread, then raises AdapterError (`file_locked`).
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, PRIVATE_FILE)
    try:
        give_up = time.monotonic() + timeout
        while not _try_lock(handle, shared=not exclusive):
            if time.monotonic() > give_up:
                raise AdapterError(
                    f"{path} stayed locked for {timeout:.0f} s.",
                    code="file_locked",
                    remedy="Another Draftsmith process is busy there; try again.",
                    retryable=True,
                )
            time.sleep(_SHORT_POLL_SECONDS)
        yield
    finally:
        os.close(handle)


def _read_holder(handle: int) -> Holder:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        fields = json.loads(os.read(handle, _MAX_BYTES))
        return Holder(pid=int(fields["pid"]), version=str(fields["version"]))
    except (ValueError, TypeError, KeyError):
        return Holder(pid=0, version="")


def _write_holder(handle: int, holder: Holder) -> None:
    content = json.dumps({"pid": holder.pid, "version": holder.version}).encode("ascii")
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)
    os.write(handle, content)


def _is_still(handle: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), named)


if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 30  # beyond the content, which others must be able to read: locks there are mandatory

    def _try_lock(handle: int, *, shared: bool = False) -> bool:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)  # there are no shared locks: readers wait for one another
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int, *, shared: bool = False) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
