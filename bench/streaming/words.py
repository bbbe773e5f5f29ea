"""What the processes of the benchmark say to each other: one JSON object a line, on standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

MARK = b'"text":"'
"""Before the time at which a message was made: 16 digits of microseconds on the machine's monotonic clock."""
DIGITS = 16
FILLER = "def f(x): return x + 1"
"""About as much as a model's token or two, behind the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of steady streaming: so many messages a second on each of the streams."""

    rate: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the receivers saw in a phase. Times are milliseconds."""

    frames: int
    p50: float
    p99: float
    worst: float


def say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def commands() -> asyncio.Queue[dict[str, Any]]:
    """What comes on standard input, until it ends."""
    found: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(found.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(found.put_nowait, {"do": "end"})

    # A thread of the interpreter's own would keep a process that failed from ending.
    threading.Thread(target=read, daemon=True).start()
    return found


def as_words(seen: Seen) -> dict[str, Any]:
    return asdict(seen)
