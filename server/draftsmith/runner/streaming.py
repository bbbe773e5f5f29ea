"""Streamed text on its way to the hub: gathered, and sent at most 20 times a second for each session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from draftsmith.domain.ids import SessionId
from draftsmith.pipeline.session_log import LiveField
from draftsmith.protocol.generated import runner_pb2 as wire

INTERVAL_SECONDS = 0.05
WAITING_LIMIT = 1_000_000
"""Characters that may wait; what comes beyond is seen when the step ends."""


class TextStream:
    """One session's streamed text. Nothing waits for it: text is dropped rather than held back."""

    def __init__(self, session_id: SessionId, fence: int, send: Callable[[wire.RunnerMessage], None]) -> None:
        self._session_id = session_id
        self._fence = fence
        self._send = send
        self._waiting: dict[tuple[str, LiveField], list[str]] = {}
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def show(self, step_id: str, name: LiveField, text: str) -> None:
        """Takes a piece; the first one of a pause goes out after INTERVAL_SECONDS, with all that came meanwhile."""
        if not text or self._size + len(text) > WAITING_LIMIT:
            return
        self._waiting.setdefault((step_id, name), []).append(text)
        self._size += len(text)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL_SECONDS, self.flush)

    def flush(self) -> None:
        """Sends what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        deltas = [
            wire.Delta(entity_id=step_id, field=name, text="".join(pieces).encode("utf-8", "replace").decode())
            for (step_id, name), pieces in self._waiting.items()
        ]
        self._waiting.clear()
        self._size = 0
        message = wire.Deltas(session_id=self._session_id, fence=self._fence, delta=deltas)
        self._send(wire.RunnerMessage(deltas=message))
