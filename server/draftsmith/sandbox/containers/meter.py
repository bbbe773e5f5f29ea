"""What a container's processes use, read from their control group: what they used together, exactly, also of those
that have ended.

Where the control groups are another machine's (an engine in a virtual machine), the engine is asked instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path("/sys/fs/cgroup")
_NANO = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Since the container began, but for `memory_bytes` and `processes`, which are now. `memory_kills`: how often
    something was killed for want of memory. `refused_processes`: how often no more could be made."""

    cpu_seconds: float = 0.0
    memory_bytes: int | None = None
    peak_memory_bytes: int | None = None
    processes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    memory_kills: int = 0
    refused_processes: int = 0


class ControlGroup:
    """Of the process with this id, which is a container's first; `found` is False where there is none to read."""

    def __init__(self, pid: int) -> None:
        self._folders = _folders(pid) if pid else {}
        self._unified = self._folders.get("")

    @property
    def found(self) -> bool:
        return bool(self._folders)

    def read(self) -> Reading:
        """Reads a dozen small files."""
        return self._second() if self._unified is not None else self._first()

    def _second(self) -> Reading:
        assert self._unified is not None  # noqa: S101  narrows a type: `read` looked
        at = self._unified
        blocks = [line.split() for line in _text(at / "io.stat").splitlines()]
        return Reading(
            cpu_seconds=_pairs(at / "cpu.stat").get("usage_usec", 0) / 1e6,
            memory_bytes=_working(_number(at / "memory.current"), _pairs(at / "memory.stat").get("inactive_file", 0)),
            peak_memory_bytes=_number(at / "memory.peak"),
            processes=_number(at / "pids.current"),
            read_bytes=_sum(blocks, "rbytes="),
            written_bytes=_sum(blocks, "wbytes="),
            memory_kills=_pairs(at / "memory.events").get("oom_kill", 0),
            refused_processes=_pairs(at / "pids.events").get("max", 0),
        )

    def _first(self) -> Reading:
        """The older kind, one tree for each resource."""
        processor, memory, pids = (self._folders.get(name) for name in ("cpuacct", "memory", "pids"))
        block = self._folders.get("blkio")
        rows = (
            [line.split() for line in _text(block / "blkio.throttle.io_service_bytes_recursive").splitlines()]
            if (block)
            else []
        )
        return Reading(
            cpu_seconds=(_number(processor / "cpuacct.usage") or 0) * _NANO if processor else 0.0,
            memory_bytes=_working(
                _number(memory / "memory.usage_in_bytes"), _pairs(memory / "memory.stat").get("total_inactive_file", 0)
            )
            if memory
            else None,
            peak_memory_bytes=_number(memory / "memory.max_usage_in_bytes") if memory else None,
            processes=_number(pids / "pids.current") if pids else None,
            read_bytes=_column(rows, "Read") if block else None,
            written_bytes=_column(rows, "Write") if block else None,
            memory_kills=_pairs(memory / "memory.oom_control").get("oom_kill", 0) if memory else 0,
            refused_processes=_pairs(pids / "pids.events").get("max", 0) if pids else 0,
        )


def reading_of(statistics: Mapping[str, Any]) -> Reading:
    """The engine's own answer, which is the same for both kinds of control groups but for the peak."""
    memory = statistics.get("memory_stats") or {}
    rows = (statistics.get("blkio_stats") or {}).get("io_service_bytes_recursive") or []
    return Reading(
        cpu_seconds=((statistics.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage", 0) * _NANO,
        memory_bytes=memory.get("usage"),
        peak_memory_bytes=memory.get("max_usage"),
        processes=(statistics.get("pids_stats") or {}).get("current"),
        read_bytes=sum(row["value"] for row in rows if str(row["op"]).lower() == "read"),
        written_bytes=sum(row["value"] for row in rows if str(row["op"]).lower() == "write"),
    )


def _folders(pid: int) -> dict[str, Path]:
    """By resource, "" for the newer kind, which has one tree for all."""
    found: dict[str, Path] = {}
    for line in _text(Path(f"/proc/{pid}/cgroup")).splitlines():
        _, _, rest = line.partition(":")
        names, _, place = rest.partition(":")
        for name in names.split(","):
            folder = _ROOT / name / place.lstrip("/") if name else _ROOT / place.lstrip("/")
            if place != "/" and (folder / "cgroup.procs").is_file():
                found[name] = folder
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _pairs(path: Path) -> dict[str, int]:
    rows = (line.split() for line in _text(path).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def _working(used: int | None, cached: int) -> int | None:
    """Without files that the system keeps as long as nobody else wants the memory."""
    return None if used is None else max(used - cached, 0)


def _sum(rows: list[list[str]], prefix: str) -> int:
    return sum(int(cell.removeprefix(prefix)) for row in rows for cell in row if cell.startswith(prefix))


def _column(rows: list[list[str]], name: str) -> int:
    return sum(int(row[2]) for row in rows if len(row) == 3 and row[1] == name)
