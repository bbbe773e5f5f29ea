"""Updates of one session, numbered without gaps, to every client that is attached.

Nobody is waited for: a client that falls behind loses its queue and gets a snapshot. Holds no truth.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from draftsmith.domain.ids import SessionId
from draftsmith.protocol.entities import AnyEntity, Appended, RemovedEntity, Update

KEPT_UPDATES = 1_024
"""Updates of a session kept for clients that come back."""

QUEUE_LIMIT = 512
"""Updates that may wait for one client."""


class Subscription:
    """One client's queue for one session. `overrun` means that updates were dropped: send a snapshot."""

    def __init__(self, session_id: SessionId, subscriptions: set[Subscription]) -> None:
        self.session_id = session_id
        self.overrun = False
        self._subscriptions = subscriptions
        self._waiting: deque[Update] = deque()
        self._ready = asyncio.Event()

    def close(self) -> None:
        """No more updates; does nothing the second time."""
        self._subscriptions.discard(self)

    def offer(self, update: Update) -> None:
        if len(self._waiting) >= QUEUE_LIMIT:
            self._waiting.clear()
            self.overrun = True
        if not self.overrun:
            self._waiting.append(update)
        self._ready.set()

    async def take(self) -> list[Update]:
        """All that waits; at least one update, or none when the queue was overrun."""
        await self._ready.wait()
        self._ready.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class Fanout:
    """Numbers the updates of one session and hands them out."""

    def __init__(self, session_id: SessionId, epoch: str) -> None:
        self.session_id = session_id
        self.epoch = epoch
        self.seq = 0
        self._kept: deque[Update] = deque(maxlen=KEPT_UPDATES)
        self._subscriptions: set[Subscription] = set()

    def publish(
        self,
        *,
        entities: Iterable[AnyEntity] = (),
        removed: Iterable[RemovedEntity] = (),
        appends: Iterable[Appended] = (),
    ) -> None:
        self.seq += 1
        # Not checked once more: each of its parts was when it was made.
        update = Update.model_construct(
            session_id=self.session_id,
            epoch=self.epoch,
            seq=self.seq,
            entities=tuple(entities),
            removed=tuple(removed),
            appends=tuple(appends),
        )
        self._kept.append(update)
        for subscription in self._subscriptions:
            subscription.offer(update)

    def subscribe(self) -> Subscription:
        subscription = Subscription(self.session_id, self._subscriptions)
        self._subscriptions.add(subscription)
        return subscription

    @property
    def watchers(self) -> int:
        return len(self._subscriptions)

    def missed(self, epoch: str | None, seq: int | None) -> tuple[Update, ...] | None:
        """The updates after `seq`, or None when only a snapshot can help."""
        if epoch != self.epoch or seq is None or seq > self.seq:
            return None
        if seq == self.seq:
            return ()
        if not self._kept or self._kept[0].seq > seq + 1:
            return None
        return tuple(update for update in self._kept if update.seq > seq)
