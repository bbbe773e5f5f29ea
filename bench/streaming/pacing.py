"""Messages at a steady rate on many streams, evenly apart. Each carries the time at which it was due: who falls behind
with making them shows it as delay, too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bench.streaming.words import DIGITS, FILLER, Phase

TICK_SECONDS = 0.001
TOO_LATE_SECONDS = 1.0
"""Who is so far behind is past saturation: the rest of the phase is left out."""


async def paced(streams: int, phase: Phase, send: Callable[[int, str], None]) -> int:
    """Calls `send(stream, text)`; returns how many it sent."""
    total = round(streams * phase.rate * phase.seconds)
    apart = 1 / (streams * phase.rate)
    begun, sent = time.perf_counter(), 0
    while sent < total:
        late = time.perf_counter() - begun
        due = min(total, int(late / apart))
        if late - sent * apart > TOO_LATE_SECONDS:
            break
        while sent < due:
            send(sent % streams, f"{int((begun + sent * apart) * 1_000_000):0{DIGITS}d}{FILLER}")
            sent += 1
        await asyncio.sleep(TICK_SECONDS)
    return sent
