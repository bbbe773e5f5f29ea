"""The user's settings of models in the hub: the only writer of their stream, and who is told of changes.

What a setting may be is decided in `domain.model_settings`; runners act on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from draftsmith.domain.envelope import LOCAL_USER, Actor, Envelope
from draftsmith.domain.ids import EventId, model_settings_stream
from draftsmith.domain.model_settings import (
    ModelSettings,
    ModelSettingsEvent,
    decide_model_settings,
    evolve_model_settings,
)
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.events import Append, EventStore

Told = Callable[[Sequence[Envelope[ModelSettingsEvent]]], None]


class ModelSettingsBook:
    """`told` hears every change after it is durable; it must not wait."""

    def __init__(self, store: EventStore, told: Told) -> None:
        self.settings = ModelSettings()
        self.history: list[Envelope[ModelSettingsEvent]] = []
        """The whole stream, for runners that join: as long as a person's changes of settings."""
        self._store = store
        self._told = told
        self._stream = model_settings_stream(LOCAL_USER)
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Reads the stream; call it once, before anything else."""
        async for batch in self._store.read(self._stream):
            for envelope in cast("Sequence[Envelope[ModelSettingsEvent]]", batch):
                self._fold(envelope)

    async def change(self, wanted: ModelSettingsEvent, actor: Actor, correlation_id: str) -> ModelSettings:
        """The settings after the change. Raises IllegalCommand (`bad_model_setting`)."""
        return await asyncio.shield(asyncio.ensure_future(self._change(wanted, actor, correlation_id)))

    async def _change(self, wanted: ModelSettingsEvent, actor: Actor, correlation_id: str) -> ModelSettings:
        async with self._lock:
            events = decide_model_settings(self.settings, wanted)
            if not events:
                return self.settings
            envelopes = tuple(
                Envelope(
                    event_id=EventId(new_id("e")),
                    stream_id=self._stream,
                    version=self.settings.version + offset,
                    at=now_ms(),
                    actor=actor,
                    causation_id=correlation_id,
                    correlation_id=correlation_id,
                    event=event,
                )
                for offset, event in enumerate(events, start=1)
            )
            await self._store.append(Append(envelopes=envelopes))
            for envelope in envelopes:
                self._fold(envelope)
            self._told(envelopes)
            return self.settings

    def _fold(self, envelope: Envelope[ModelSettingsEvent]) -> None:
        self.settings = evolve_model_settings(self.settings, envelope.event)
        self.history.append(envelope)
