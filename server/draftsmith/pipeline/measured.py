"""What commands used: shown while they run, and summed up for the event that ends a gate or a step."""

from __future__ import annotations

from collections.abc import Iterable

from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events import CommandUse
from draftsmith.pipeline.session_log import SessionLog
from draftsmith.ports.sandbox import CommandResult, OnUsage, Usage

OFTEN_SECONDS, SELDOM_SECONDS = 60, 5


class Measured:
    """The commands of one gate. `begin` forgets those of the one before."""

    def __init__(self) -> None:
        self._uses: list[CommandUse] = []

    def begin(self) -> None:
        self._uses.clear()

    def add(self, result: CommandResult) -> None:
        self._uses.append(command_use(result))

    @property
    def sum(self) -> CommandUse | None:
        """Of commands that ran one after another; None when none ran."""
        if not self._uses:
            return None
        last = self._uses[-1]
        return CommandUse(
            wall_ms=sum(one.wall_ms for one in self._uses),
            cpu_ms=sum(one.cpu_ms for one in self._uses),
            peak_memory_bytes=max((one.peak_memory_bytes or 0 for one in self._uses), default=0) or None,
            read_bytes=_sum(one.read_bytes for one in self._uses),
            written_bytes=_sum(one.written_bytes for one in self._uses),
            exit_code=last.exit_code,
            stopped_by=last.stopped_by,
        )

    @staticmethod
    def shower(log: SessionLog, call_id: CallId) -> OnUsage:
        """Shows in a step what its command uses; a long one is told less often."""

        def show(usage: Usage) -> None:
            if usage.wall_seconds < OFTEN_SECONDS or round(usage.wall_seconds) % SELDOM_SECONDS == 0:
                log.show(call_id, "usage", f"{so_far(usage).describe()}\n")

        return show


def so_far(usage: Usage) -> CommandUse:
    """What a command uses that runs."""
    return CommandUse(
        wall_ms=round(usage.wall_seconds * 1000),
        cpu_ms=round(usage.cpu_seconds * 1000),
        peak_memory_bytes=usage.memory_bytes,
        read_bytes=usage.read_bytes,
        written_bytes=usage.written_bytes,
    )


def command_use(result: CommandResult) -> CommandUse:
    """What a command used that has ended."""
    return CommandUse(
        wall_ms=round(result.wall_seconds * 1000),
        cpu_ms=round(result.cpu_seconds * 1000),
        peak_memory_bytes=result.peak_memory_bytes,
        read_bytes=result.read_bytes,
        written_bytes=result.written_bytes,
        exit_code=result.exit_code,
        stopped_by=result.stopped_by or "",
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [one for one in values if one is not None]
    return sum(known) if known else None
