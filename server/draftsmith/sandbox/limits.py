"""Which limit a command has come to, and what its first shell sets for all that it starts.

Open files, the size of one file and, where the kernel counts them for each sandbox, processes are refused by the
kernel; CPU time, memory, processes and bytes written are watched. It reads and computes; it stops nothing.
"""

from __future__ import annotations

import os
import platform
import re
import resource
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import psutil

from draftsmith.domain.errors import UserError
from draftsmith.ports.sandbox import Limits, StopReason
from draftsmith.sandbox.usage import Sample

_SHARE_OF_MEMORY = 0.75
LIMITS_VARIABLE = "DRAFTSMITH_RUNNER_LIMITS"
_SETTINGS: Mapping[str, tuple[str, int]] = {
    "cpu": ("cpu_seconds", 1),
    "memory": ("memory_bytes", 1_000_000),
    "processes": ("processes", 1),
    "files": ("open_files", 1),
    "disk": ("disk_bytes", 1_000_000),
}
"""Name in the setting: field, and what its number is in."""
_NEARLY = 0.9
_BLOCK = 512
"""What `ulimit -f` counts in, by POSIX."""
_FREE_BYTES = 1 << 30
_FREE_SHARE = 0.03
"""A disk with less space than both is as good as full: a command that brings it there is stopped."""
_FREE_MEMORY = 512 << 20
_COUNTED_BY_NAMESPACE = (5, 14)
"""The kernel from which on RLIMIT_NPROC counts the processes of a user namespace, not all of the user's."""


def configured_limits(environ: Mapping[str, str]) -> Limits:
    """The limits of commands that name none. Raises UserError (`bad_setting`)."""
    found = Limits()
    for part in environ.get(LIMITS_VARIABLE, "").replace(",", " ").split():
        name, _, value = part.partition("=")
        limit = _SETTINGS.get(name)
        if limit is None or not (value.isdigit() or value == "none") or value == "0":
            raise UserError(
                f"{LIMITS_VARIABLE} has {part!r}, which is no limit.",
                code="bad_setting",
                remedy=f"Write for example `memory=4000 processes=1000`; known are {', '.join(_SETTINGS)}.",
            )
        field, unit = limit
        found = replace(found, **{field: None if value == "none" else int(value) * unit})
    return found


def memory_limit(limits: Limits) -> int | None:
    """Bytes; 0 in `limits` is a share of the machine's memory."""
    return int(_machine_memory() * _SHARE_OF_MEMORY) if limits.memory_bytes == 0 else limits.memory_bytes


@cache
def _machine_memory() -> int:
    return psutil.virtual_memory().total


def _available_memory() -> int:
    with Path("/proc/meminfo").open("rb") as file:
        found = re.search(rb"MemAvailable:\s+(\d+) kB", file.read(512))
    return int(found[1]) * 1024 if found else _machine_memory()


@cache
def prologue(limits: Limits) -> str:
    """Shell text that lets the shell and all that it starts go so far. Limits that are lower already stay."""
    parts = ["ulimit -c 0"]
    if limits.open_files is not None:
        parts.append(f"ulimit -n {_within(limits.open_files, resource.RLIMIT_NOFILE)}")
    if limits.disk_bytes is not None:
        parts.append(f"ulimit -f {-(-_within(limits.disk_bytes, resource.RLIMIT_FSIZE) // _BLOCK)}")
    if limits.processes is not None and counts_processes():
        # dash has another letter for it than everybody else.
        wanted = _within(limits.processes, resource.RLIMIT_NPROC)
        parts.append(f"ulimit -u {wanted} 2>/dev/null || ulimit -p {wanted}")
    # When the machine runs out of memory, the kernel is to end this rather than the editor.
    return "; ".join([*parts, "echo 500 >/proc/self/oom_score_adj; "])


def counts_processes() -> bool:
    """Whether the kernel refuses processes beyond the limit; it lets root have any number."""
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return os.getuid() != 0 and found is not None and (int(found[1]), int(found[2])) >= _COUNTED_BY_NAMESPACE


def _within(wanted: int, which: int) -> int:
    hard = resource.getrlimit(which)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


class Guard:
    """The watched limits of one command, whose drafts are `drafts`. Its methods read the disk: not for the loop."""

    def __init__(self, limits: Limits, drafts: Sequence[Path], began: float) -> None:
        self._limits = limits
        self._memory = memory_limit(limits)
        self.too_many = None if limits.processes is None else max(1, int(limits.processes * _NEARLY))
        """Tasks at which a command is stopped: where the kernel lets it have no more, it never comes to the limit."""
        self._drafts = drafts
        self._began = began
        self._free = _free(drafts)
        self._available: int | None = None

    def struck(self, sample: Sample, exact_memory: Callable[[], int]) -> StopReason | None:
        """The limit that is passed. `exact_memory` is asked only when the sample's upper bound is too much."""
        limits = self._limits
        if self.too_many is not None and sample.tasks >= self.too_many:
            return "processes"
        if self._memory is not None and (
            (sample.memory_bound > self._memory and exact_memory() + sample.scratch_bytes > self._memory)
            or self._out_of_memory()
        ):
            return "memory"
        if limits.cpu_seconds is not None and sample.cpu_seconds > limits.cpu_seconds:
            return "cpu"
        return "disk" if self._full(sample.written_bytes) else None

    def _out_of_memory(self) -> bool:
        """Whether the machine has hardly any left and had more before: some memory belongs to no process."""
        now = _available_memory()
        if self._available is None:
            self._available = now
        reserve = min(_FREE_MEMORY, int(_machine_memory() * _FREE_SHARE))
        return now < reserve and self._available - now > reserve // 2

    def _full(self, written: int) -> bool:
        """Also space that was reserved without being written, which nobody counts, is seen in what is left."""
        wanted = self._limits.disk_bytes
        if wanted is None:
            return False
        if written > wanted:
            return True
        for (before, _), (now, total), draft in zip(self._free, _free(self._drafts), self._drafts, strict=True):
            gone = before - now
            reserve = min(_FREE_BYTES, int(total * _FREE_SHARE))
            if now < reserve and gone > reserve // 4:
                return True
            if gone > wanted and _taken_since(draft, self._began) > wanted:
                return True
        return False


def _free(folders: Sequence[Path]) -> list[tuple[int, int]]:
    """Bytes that are free and that there are, where each folder lies."""
    found: list[tuple[int, int]] = []
    for folder in folders:
        try:
            at = os.statvfs(folder)
        except OSError:
            found.append((0, 0))
        else:
            found.append((at.f_bavail * at.f_frsize, at.f_blocks * at.f_frsize))
    return found


def _taken_since(folder: Path, began: float) -> int:
    """The space of the files that were changed since; `began` is a time since the epoch."""
    total = 0
    for at, _, files in os.walk(folder):
        for name in files:
            try:
                found = os.lstat(os.path.join(at, name))
            except OSError:
                continue
            if found.st_ctime >= began:
                total += found.st_blocks * _BLOCK
    return total
