"""What the processes of one sandbox use, read from the kernel's files of its own process namespace.

It only reads. Processes cannot hide from it: whatever they start is in the same namespace until all of it ends.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOKED_AT = 500
"""Processes whose figures are read at one time; the others are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`tasks` counts processes and threads. `memory_bytes` is close: of pages that processes share, those of the one
    that has most of them count. `memory_bound` counts them for each of them, so that it is never too low;
    `Meter.exact_memory` settles it. Both hold `scratch_bytes`, which are in the private places: in memory, too."""

    cpu_seconds: float
    memory_bytes: int
    memory_bound: int
    scratch_bytes: int
    tasks: int
    read_bytes: int
    written_bytes: int


class Meter:
    """Looks at the sandbox whose first process is `init`. Its methods block for some tenths of a millisecond, longer
    with many processes; `close` may be called at any time and from another thread."""

    def __init__(self, init: int, scratch: Iterable[str]) -> None:
        """Raises OSError when that process has ended."""
        self._lock = threading.Lock()
        self._open: list[int] = []
        self._scratch: list[int] = []
        try:
            self._proc = self._descriptor(str(Path("/proc", str(init), "root/proc")), os.O_RDONLY | os.O_DIRECTORY)
            for place in scratch:
                with contextlib.suppress(OSError):
                    self._scratch.append(
                        self._descriptor(
                            str(Path("/proc", str(init), "root", place.lstrip("/"))), os.O_PATH | os.O_DIRECTORY
                        )
                    )
        except BaseException:
            self.close()
            raise

    def _descriptor(self, path: str, flags: int) -> int:
        descriptor = os.open(path, flags | os.O_CLOEXEC)
        self._open.append(descriptor)
        return descriptor

    def close(self) -> None:
        with self._lock:
            for descriptor in self._open:
                os.close(descriptor)
            self._open.clear()

    def sample(self, many: int | None = None) -> Sample | None:
        """None when nothing is left to be looked at. As many as `many` processes are only counted: a bomb is to be
        seen at once, also by who hardly gets a turn beside it."""
        with self._lock:
            return self._sample(many) if self._open else None

    def _sample(self, many: int | None) -> Sample | None:
        try:
            names = self._names()
        except OSError:
            return None
        if many is not None and len(names) >= many:
            return Sample(
                cpu_seconds=0,
                memory_bytes=0,
                memory_bound=0,
                scratch_bytes=0,
                tasks=len(names),
                read_bytes=0,
                written_bytes=0,
            )
        ticks = threads = read = written = resident = private = shared = 0
        for name in names[:_LOOKED_AT]:
            with contextlib.suppress(OSError, IndexError, ValueError):
                # After the name in brackets, which may hold anything.
                stat = self._content(f"{name}/stat").rpartition(b")")[2].split()
                # What a process waited for is in its own figures: user, system, and both of its children.
                ticks += sum(map(int, stat[11:15]))
                threads += int(stat[17])
                mine, others = map(int, self._content(f"{name}/statm").split()[1:3])
                resident, private, shared = resident + mine, private + mine - others, max(shared, others)
                for line in self._content(f"{name}/io").splitlines():
                    what, _, number = line.partition(b": ")
                    if what == b"read_bytes":
                        read += int(number)
                    elif what == b"write_bytes":
                        written += int(number)
        scratch = 0
        for place in self._scratch:
            with contextlib.suppress(OSError):
                found = os.fstatvfs(place)
                scratch += (found.f_blocks - found.f_bfree) * found.f_frsize
        return Sample(
            cpu_seconds=ticks / _TICK,
            memory_bytes=(private + shared) * _PAGE + scratch,
            memory_bound=resident * _PAGE + scratch,
            scratch_bytes=scratch,
            tasks=max(threads, len(names)),
            read_bytes=read,
            written_bytes=written,
        )

    def exact_memory(self) -> int:
        """The memory of all processes with every shared page counted once in sum; takes milliseconds for each."""
        total = 0
        with self._lock:
            for name in self._names() if self._open else ():
                with contextlib.suppress(OSError, ValueError):
                    for line in self._content(f"{name}/smaps_rollup").splitlines():
                        if line.startswith(b"Pss:"):
                            total += int(line.split()[1]) * 1024
        return total

    def processes(self) -> list[tuple[str, bytes]]:
        """Number and state letter of each."""
        found: list[tuple[str, bytes]] = []
        with self._lock:
            for name in self._names() if self._open else ():
                with contextlib.suppress(OSError, IndexError):
                    found.append((name, self._content(f"{name}/stat").rpartition(b")")[2].split()[0]))
        return found

    def content(self, path: str) -> bytes:
        """A file of the sandbox's own `/proc`. Raises OSError."""
        with self._lock:
            if not self._open:
                raise ProcessLookupError(path)
            return self._content(path)

    def memory(self, name: str, address: int, size: int) -> bytes:
        """A piece of a process's memory. Raises OSError, also where the kernel lets nobody look."""
        with self._lock:
            if not self._open:
                raise ProcessLookupError(name)
            descriptor = os.open(f"{name}/mem", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
            try:
                return os.pread(descriptor, size, address)
            finally:
                os.close(descriptor)

    def link(self, path: str) -> str:
        """Where a link in the sandbox's own `/proc` leads. Raises OSError."""
        with self._lock:
            if not self._open:
                raise ProcessLookupError(path)
            return os.readlink(path, dir_fd=self._proc)

    def _names(self) -> list[str]:
        return [name for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208  by descriptor

    def _content(self, path: str) -> bytes:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        try:
            return os.read(descriptor, 1 << 16)
        finally:
            os.close(descriptor)
