"""Updates of one session, numbered without gaps, to every client that is attached.

Nobody is waited for: a client that falls behind loses its queue and gets a snapshot. Holds no truth.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import cast

from draftsmith.domain.ids import SessionId
from draftsmith.hub.live_text import LiveField
from draftsmith.protocol.entities import AnyEntity, Appended, RemovedEntity, Update

KEPT_UPDATES = 1_024
"""Updates of a session kept for clients that come back."""

QUEUE_LIMIT = 512
"""Updates that may wait for one client."""


_Grown = tuple[int, tuple[tuple[str, str, int, str], ...]]
"""A kept update of streamed text only: its number, and of each piece entity, field, offset and text.

There are very many of them, and Python's collector, which stops the hub while it works, leaves plain tuples out."""


@dataclass(slots=True, eq=False)
class Published:
    """One update on its way to all of its clients. `frame` is what a way of sending made of it: made once for all."""

    update: Update
    frame: bytes | None = None


class Subscription:
    """One client's queue for one session. `overrun` means that updates were dropped: send a snapshot.

    `at_once` sends an update without waiting and says whether it did. It is asked only while nothing waits and
    whoever takes has sent all that it took, so that nothing overtakes.
    """

    def __init__(self, session_id: SessionId, subscriptions: set[Subscription]) -> None:
        self.session_id = session_id
        self.overrun = False
        self.at_once: Callable[[Published], bool] | None = None
        self._subscriptions = subscriptions
        self._waiting: deque[Published] = deque()
        self._ready = asyncio.Event()
        self._idle = False

    def close(self) -> None:
        """No more updates; does nothing the second time."""
        self._subscriptions.discard(self)

    def offer(self, published: Published) -> None:
        if self._idle and self.at_once is not None and self.at_once(published):
            return
        self._idle = False
        if len(self._waiting) >= QUEUE_LIMIT:
            self._waiting.clear()
            self.overrun = True
        if not self.overrun:
            self._waiting.append(published)
        self._ready.set()

    async def take(self) -> list[Published]:
        """All that waits; at least one update, or none when the queue was overrun."""
        self._idle = not self._ready.is_set()
        try:
            await self._ready.wait()
        finally:
            self._idle = False
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
        self._kept: deque[Update | _Grown] = deque(maxlen=KEPT_UPDATES)
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
        self._kept.append(update if update.entities or update.removed else _grown(update))
        published = Published(update)
        for subscription in self._subscriptions:
            subscription.offer(published)

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
        first = self.seq - len(self._kept) + 1
        if first > seq + 1:
            return None
        return tuple(self._whole(one) for one in islice(self._kept, seq + 1 - first, None))

    def _whole(self, kept: Update | _Grown) -> Update:
        if isinstance(kept, Update):
            return kept
        seq, pieces = kept
        appends = tuple(
            Appended.model_construct(entity_id=entity_id, field=cast("LiveField", name), offset=offset, text=text)
            for entity_id, name, offset, text in pieces
        )
        return Update.model_construct(
            session_id=self.session_id, epoch=self.epoch, seq=seq, entities=(), removed=(), appends=appends
        )


def _grown(update: Update) -> _Grown:
    return update.seq, tuple((one.entity_id, one.field, one.offset, one.text) for one in update.appends)
