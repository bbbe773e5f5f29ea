"""Which runner works on which session. A lease carries a fence that grows, so that a lost runner cannot append.

Holds no truth: after a restart of the hub every session that has work left is leased anew.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from draftsmith.domain.ids import RunnerId, SessionId, WorkspaceId
from draftsmith.protocol.generated import runner_pb2 as wire

OUTBOX_LIMIT = 10_000
"""Messages that may wait for one runner; a runner that reads none of them is cut off."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""Before a session is leased again that a runner gave back as it was."""


@dataclass(slots=True)
class ConnectedRunner:
    """One runner's stream. `capacity` is how many sessions it takes at once."""

    runner_id: RunnerId
    pid: int
    capacity: int
    outbox: asyncio.Queue[wire.HubMessage] = field(default_factory=lambda: asyncio.Queue[wire.HubMessage](OUTBOX_LIMIT))
    sessions: dict[SessionId, int] = field(default_factory=dict[SessionId, int])
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, message: wire.HubMessage) -> None:
        try:
            self.outbox.put_nowait(message)
        except asyncio.QueueFull:
            self.lost.set()


class Leases:
    """Hands sessions that have work to runners with room, in the order in which they came."""

    def __init__(
        self, next_fence: Callable[[SessionId], int], before: Callable[[], wire.HubMessage] | None = None
    ) -> None:
        """`before` makes a message that goes to the runner ahead of every lease."""
        self._before = before
        self.runners: dict[RunnerId, ConnectedRunner] = {}
        self.empty = asyncio.Event()
        """Set while no runner is connected."""
        self.empty.set()
        self._next_fence = next_fence
        self._queue: deque[tuple[SessionId, WorkspaceId]] = deque()
        self._last_fence: dict[SessionId, int] = {}

    def offer(self, session_id: SessionId, workspace_id: WorkspaceId) -> None:
        """The session has work to do; nothing happens when a runner already holds it."""
        if self.holder(session_id) is None and (session_id, workspace_id) not in self._queue:
            self._queue.append((session_id, workspace_id))
            self._assign()

    @property
    def waiting(self) -> int:
        """Sessions with work that no runner has taken yet."""
        return len(self._queue)

    def holder(self, session_id: SessionId) -> ConnectedRunner | None:
        return next((runner for runner in self.runners.values() if session_id in runner.sessions), None)

    def holds(self, session_id: SessionId, fence: int) -> bool:
        """Whether this fence is the one of the present lease."""
        runner = self.holder(session_id)
        return runner is not None and runner.sessions[session_id] == fence

    def join(self, runner: ConnectedRunner) -> None:
        self.runners[runner.runner_id] = runner
        self.empty.clear()
        self._assign()

    def leave(self, runner: ConnectedRunner) -> list[SessionId]:
        """The runner is gone; returns the sessions that it held."""
        if self.runners.get(runner.runner_id) is runner:
            del self.runners[runner.runner_id]
        if not self.runners:
            self.empty.set()
        held = list(runner.sessions)
        runner.sessions.clear()
        return held

    def release(self, session_id: SessionId, fence: int) -> bool:
        """The runner has nothing more to do for the session."""
        runner = self.holder(session_id)
        if runner is None or runner.sessions[session_id] != fence:
            return False
        del runner.sessions[session_id]
        self._assign()
        return True

    def _assign(self) -> None:
        while self._queue:
            free = [runner for runner in self.runners.values() if len(runner.sessions) < runner.capacity]
            if not free:
                return
            runner = min(free, key=lambda one: len(one.sessions))
            session_id, workspace_id = self._queue.popleft()
            fence = max(self._next_fence(session_id), self._last_fence.get(session_id, 0) + 1)
            self._last_fence[session_id] = fence
            runner.sessions[session_id] = fence
            if self._before is not None:
                runner.send(self._before())
            lease = wire.Lease(session_id=session_id, workspace_id=workspace_id, fence=fence)
            runner.send(wire.HubMessage(lease=lease))


class Pauses:
    """How long to wait before a session is leased again.

    A runner may give one back with nothing done, for a full disk, say; leasing it at once would storm.
    """

    def __init__(self) -> None:
        self._leased_at: dict[SessionId, int] = {}
        self._in_vain: dict[SessionId, int] = {}

    def leased(self, session_id: SessionId, version: int) -> None:
        """A runner gets the session at this version of its stream."""
        self._leased_at[session_id] = version

    def after(self, session_id: SessionId, version: int) -> float:
        """Seconds to wait now that it was given back at this version; that it was taken up does not count as work."""
        if version > self._leased_at.pop(session_id, 0) + 1:
            self._in_vain.pop(session_id, None)
            return 0.0
        tries = self._in_vain.get(session_id, 0)
        self._in_vain[session_id] = tries + 1
        return float(min(FIRST_PAUSE_SECONDS * 2**tries, LONGEST_PAUSE_SECONDS))
