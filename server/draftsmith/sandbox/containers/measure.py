"""What one command uses in its kept container: the difference to what the container had used before."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from draftsmith.domain.errors import DraftsmithError
from draftsmith.sandbox.containers.kept import KeptContainer
from draftsmith.sandbox.containers.meter import ControlGroup, Reading, reading_of
from draftsmith.sandbox.usage import Meter, Sample

_COUNTED = 500
"""With more processes than this, what single ones read and write is not looked at."""
_TOO_MUCH = 1 << 62


class ContainerMeter(Meter):
    """Made before the command begins. Sums are the control group's; single processes are looked at as elsewhere."""

    def __init__(self, kept: KeptContainer) -> None:
        self._kept = kept
        self._group = ControlGroup(kept.pid)
        self._looks_inside = False
        self._io = (0, 0)
        self._began = self._read()
        self.last = Reading()
        if kept.pid:
            with contextlib.suppress(OSError):
                super().__init__(kept.pid, ())
                self._looks_inside = True

    @property
    def counts(self) -> bool:
        """Whether it is known how many processes there are."""
        return self._group.found

    def tasks(self) -> int | None:
        return self._group.read().processes

    def used(self) -> Reading:
        """Since the command began. Blocks for half a millisecond, longer where the engine has to be asked."""
        used = since(self._began, self._read())
        # What is written through the system's cache is nobody's in a control group of the older kind.
        self.last = replace(
            used,
            read_bytes=_larger(used.read_bytes, self._io[0]),
            written_bytes=_larger(used.written_bytes, self._io[1]),
        )
        return self.last

    def sample(self, many: int | None = None) -> Sample | None:
        """`many` needs no looking at: the kernel refuses more."""
        inside = super().sample(_COUNTED) if self._looks_inside else None
        if inside is not None:
            self._io = (max(self._io[0], inside.read_bytes), max(self._io[1], inside.written_bytes))
        used = self.used()
        return Sample(
            cpu_seconds=used.cpu_seconds,
            memory_bytes=used.memory_bytes or 0,
            memory_bound=_TOO_MUCH if used.memory_kills else 0,
            scratch_bytes=0,
            tasks=used.processes or 0,
            read_bytes=used.read_bytes or 0,
            written_bytes=used.written_bytes or 0,
        )

    def exact_memory(self) -> int:
        """Asked for only when the kernel has killed a process, since it holds the limit and more is never there."""
        return _TOO_MUCH

    def close(self) -> None:
        if self._looks_inside:
            super().close()

    def _read(self) -> Reading:
        if self._group.found:
            return self._group.read()
        with contextlib.suppress(DraftsmithError):
            return reading_of(self._kept.engine.statistics(self._kept.container_id))
        return Reading()


def since(began: Reading, now: Reading) -> Reading:
    """The difference. A peak that did not grow belongs to an earlier command: what is used now is the best answer."""
    grown = (now.peak_memory_bytes or 0) > (began.peak_memory_bytes or 0)
    return Reading(
        cpu_seconds=max(now.cpu_seconds - began.cpu_seconds, 0.0),
        memory_bytes=now.memory_bytes,
        peak_memory_bytes=now.peak_memory_bytes if grown else now.memory_bytes,
        processes=now.processes,
        read_bytes=_difference(began.read_bytes, now.read_bytes),
        written_bytes=_difference(began.written_bytes, now.written_bytes),
        memory_kills=max(now.memory_kills - began.memory_kills, 0),
        refused_processes=max(now.refused_processes - began.refused_processes, 0),
    )


def _difference(before: int | None, now: int | None) -> int | None:
    return None if now is None else max(now - (before or 0), 0)


def _larger(counted: int | None, seen: int) -> int | None:
    return max(counted or 0, seen) or None
