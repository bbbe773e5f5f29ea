"""What users prefer of the screens, in the hub: the only writer of their streams, read when first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import EventId, preferences_stream
from draftsmith.domain.preferences import (
    ScreenPreferenceKept,
    ScreenPreferences,
    decide_preference,
    evolve_preferences,
)
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.events import Append, EventStore


class PreferenceBook:
    """`told` hears whose preferences changed, after it is durable; it must not wait."""

    def __init__(self, store: EventStore, told: Callable[[str], None]) -> None:
        self._store = store
        self._told = told
        self._held: dict[str, ScreenPreferences] = {}
        self._lock = asyncio.Lock()

    async def of(self, user: str) -> ScreenPreferences:
        async with self._lock:
            return await self._load(user)

    async def keep(self, wanted: ScreenPreferenceKept, actor: Actor, correlation_id: str) -> ScreenPreferences:
        """The preferences of the actor's user after the change. Raises IllegalCommand (`bad_preference`)."""
        return await asyncio.shield(asyncio.ensure_future(self._keep(wanted, actor, correlation_id)))

    async def _keep(self, wanted: ScreenPreferenceKept, actor: Actor, correlation_id: str) -> ScreenPreferences:
        async with self._lock:
            state = await self._load(actor.user)
            events = decide_preference(state, wanted)
            for event in events:
                envelope = Envelope(
                    event_id=EventId(new_id("e")),
                    stream_id=preferences_stream(actor.user),
                    version=state.version + 1,
                    at=now_ms(),
                    actor=actor,
                    causation_id=correlation_id,
                    correlation_id=correlation_id,
                    event=event,
                )
                await self._store.append(Append(envelopes=(envelope,)))
                state = self._held[actor.user] = evolve_preferences(state, event)
        if events:
            self._told(actor.user)
        return state

    async def _load(self, user: str) -> ScreenPreferences:
        if user not in self._held:
            state = ScreenPreferences()
            async for batch in self._store.read(preferences_stream(user)):
                for envelope in cast("Sequence[Envelope[ScreenPreferenceKept]]", batch):
                    state = evolve_preferences(state, envelope.event)
            self._held[user] = state
        return self._held[user]
