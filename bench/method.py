"""How every benchmark here measures: medians of five, ours and the peer's in turns in one run, told as ratios.

Absolute times jump from machine to machine and from minute to minute; a ratio within one round does not. What the
machine did meanwhile is stated beside the results.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5
CALIBRATION_SECONDS = 0.5
COPIED_MB = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comparison. `bar`: the largest ratio allowed, or the smallest where `more_is_better`; None: no bar, it is
    only stated. `floor`: ours may be so large whatever the peer's is. `ratio` is the median of the rounds' own."""

    what: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    ratio: float | None = None
    bar: float | None = None
    more_is_better: bool = False
    floor: float | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        if self.bar is None or self.ratio is None:
            return True
        if self.more_is_better:
            return self.ratio >= self.bar
        return self.ratio <= self.bar or (self.floor is not None and self.ours <= self.floor)

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return "stated"
        return "ok" if self.passed else "MISSED"

    @classmethod
    def failed(cls, what: str) -> Line:
        """Stands for a benchmark that could not be run; never passes."""
        return cls(what=what, unit="", ours=math.nan, ratio=math.nan, bar=0.0)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict}


async def in_turns(
    ours: Callable[[], Awaitable[float]], theirs: Callable[[], Awaitable[float]], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """Medians of ours and theirs, and the median of the rounds' ratios. Who goes first changes with every round."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            second = await theirs()
            pairs.append((await ours(), second))
        else:
            first = await ours()
            pairs.append((first, await theirs()))
    return (
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        statistics.median(pair[0] / pair[1] for pair in pairs),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What this machine does per second, to read absolute figures against."""

    fsyncs_per_second: float
    python_start_ms: float
    memory_copy_mb_per_second: float
    load: float

    def __str__(self) -> str:
        return (
            f"{self.fsyncs_per_second:.0f} fsyncs/s, Python starts in {self.python_start_ms:.0f} ms,"
            f" memory copies {self.memory_copy_mb_per_second:.0f} MB/s, load {self.load:.1f}"
            f" on {os.cpu_count()} cores"
        )


def calibrate(parent: Path) -> Calibration:
    """Medians of five; `parent` is on the disk that the benchmarks use."""
    with tempfile.TemporaryDirectory(dir=parent) as name:
        fsyncs = statistics.median(_fsyncs(Path(name)) for _ in range(ROUNDS))
    return Calibration(
        fsyncs_per_second=fsyncs,
        python_start_ms=statistics.median(_python_start() for _ in range(ROUNDS)),
        memory_copy_mb_per_second=statistics.median(_memory_copy() for _ in range(ROUNDS)),
        load=os.getloadavg()[0],
    )


def _fsyncs(folder: Path) -> float:
    handle = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    done, begun = 0, time.perf_counter()
    try:
        while time.perf_counter() - begun < CALIBRATION_SECONDS / ROUNDS:
            os.write(handle, b"x" * 256)
            os.fsync(handle)
            done += 1
        return done / (time.perf_counter() - begun)
    finally:
        os.close(handle)


def _python_start() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - begun) * 1000


def _memory_copy() -> float:
    block = bytearray(COPIED_MB << 20)
    begun = time.perf_counter()
    bytes(block)
    return COPIED_MB / (time.perf_counter() - begun)


def table(lines: list[Line]) -> str:
    """The lines as text, one comparison a row."""
    head = ("what", "ours", "peer", "", "ratio", "bar", "verdict")
    rows = [head, *(_row(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    right = (1, 3, 4)
    shown = [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([shown[0], "-" * max(map(len, shown)), *shown[1:]])


def _row(line: Line) -> tuple[str, ...]:
    sign = "≥" if line.more_is_better else "≤"
    bar = "" if line.bar is None else f"{sign} {line.bar:g}"
    if line.floor is not None:
        bar += f" or {line.floor:g} {line.unit}"
    return (
        line.what,
        _amount(line.ours, line.unit),
        line.peer,
        "" if line.theirs is None else _amount(line.theirs, line.unit),
        "" if line.ratio is None else f"{line.ratio:.2f}",
        bar,
        line.verdict + (f" ({line.note})" if line.note else ""),
    )


def _amount(value: float, unit: str) -> str:
    if math.isnan(value):
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"
