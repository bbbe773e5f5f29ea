"""What this process, this machine and the disk of a folder use now. It only reads; rates are the caller's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUse:
    """`cpu_ms` is processor time since the start, of all threads and not of children; memory is what is resident."""

    cpu_ms: int
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineUse:
    """`busy_ms` of `all_ms` processor time was used since the machine started, over all processors.

    `memory_used_bytes` is what could not be had by a program that asked for it.
    """

    busy_ms: int
    all_ms: int
    processors: int
    memory_bytes: int
    memory_used_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """`free_bytes` is what this user may still write."""

    total_bytes: int
    free_bytes: int


def own_use() -> ProcessUse:
    """This process."""
    process = psutil.Process()
    with process.oneshot():
        times = process.cpu_times()
        memory = process.memory_info().rss
    return ProcessUse(cpu_ms=round((times.user + times.system) * 1000), memory_bytes=memory)


def machine_use() -> MachineUse:
    """The machine, or what of it this process is shown."""
    times, memory = psutil.cpu_times(), psutil.virtual_memory()
    # Guests' time is in the user's already; waiting for a disk is idling.
    named = times._asdict()
    counted = {name: seconds for name, seconds in named.items() if name not in ("guest", "guest_nice")}
    idle = named.get("idle", 0.0) + named.get("iowait", 0.0)
    return MachineUse(
        busy_ms=round((sum(counted.values()) - idle) * 1000),
        all_ms=round(sum(counted.values()) * 1000),
        processors=os.cpu_count() or 1,
        memory_bytes=memory.total,
        memory_used_bytes=memory.total - memory.available,
    )


def disk_use(folder: Path) -> DiskUse:
    """The disk that the folder lies on. Blocks, on a dead network disk for long. Raises OSError."""
    at = os.statvfs(folder)
    return DiskUse(total_bytes=at.f_blocks * at.f_frsize, free_bytes=at.f_bavail * at.f_frsize)
