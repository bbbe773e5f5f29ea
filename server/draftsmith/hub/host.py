"""One session in the hub's memory: its state, what is shown of it, and the only way to append to it.

An append is decided, projected, made durable, and only then announced.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import UserError
from draftsmith.domain.figures import Figures, WorkKey
from draftsmith.domain.ids import EventId, SessionId, StreamId, session_stream
from draftsmith.domain.session.commands import SessionCommand
from draftsmith.domain.session.decide import decide, illegal
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.session.evolve import evolve
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.work_record import Tally, evolve_tally
from draftsmith.hub.fanout import Fanout, Subscription
from draftsmith.hub.ledgers import LedgerChange, Ledgers
from draftsmith.hub.live_text import LiveField, LiveText
from draftsmith.hub.projection import Changes, Shown, entity_rows, project, session_row, work_rows
from draftsmith.hub.record import RecordBook
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.events import Append, EventStore, VersionConflict
from draftsmith.protocol.entities import (
    ENTITY,
    AnyEntity,
    Appended,
    EntityKind,
    RemovedEntity,
    Snapshot,
    StepEntity,
)

SNAPSHOT_STEPS = 100
KEPT_KINDS: tuple[EntityKind, ...] = (
    "session",
    "task",
    "file",
    "hunk",
    "gate",
    "finding",
    "decision",
    "usage",
    "checkpoint",
    "apply",
)


class SessionHost:
    """The single writer of one session's stream."""

    def __init__(
        self,
        session_id: SessionId,
        store: EventStore,
        ledgers: Ledgers,
        epoch: str,
        record: RecordBook | None = None,
        written: Callable[[Sequence[Envelope[SessionEvent]], float], None] = lambda _events, _seconds: None,
        listed: Callable[[SessionId], None] = lambda _session: None,
    ) -> None:
        """`written` is told what is durable, and how many seconds that took; it must not wait; `listed` that the
        session's line in lists changed."""
        self.session_id = session_id
        self.stream_id: StreamId = session_stream(session_id)
        self.state = SessionState()
        self.fanout = Fanout(session_id, epoch)
        self.correlation_id = ""
        """Of the last event: what the hub does by itself belongs to the user's action before it."""
        self._shown = Shown()
        self._live = LiveText()
        self._store = store
        self._ledgers = ledgers
        self._tally = Tally()
        self._record = record
        self._listed = listed
        self._written = written
        self._lock = asyncio.Lock()
        self._deleted = False

    async def load(self) -> None:
        """Folds the log and reads what was shown. Raises UserError when there is no such session."""
        async for batch in self._store.read(self.stream_id):
            for envelope in cast("Sequence[Envelope[SessionEvent]]", batch):
                self.state = evolve(self.state, envelope)
                self._tally = evolve_tally(self._tally, cast("Envelope[Event]", envelope))
                self.correlation_id = envelope.correlation_id
        if self.state.version == 0:
            raise unknown_session(self.session_id)
        for kind in KEPT_KINDS:
            for row in await self._store.entities(self.session_id, kind, limit=100_000):
                self._shown.put(ENTITY.validate_json(row.body))
        running = {call.request.call_id for call in self.state.tool_calls if call.effect is not None}
        if self.state.model_call is not None:
            running.add(self.state.model_call.call_id)
        if self.state.gate is not None:
            running.add(self.state.gate.call_id)
        for step_id in running:
            row = await self._store.entity(self.session_id, "step", step_id)
            if row is not None:
                self._shown.put(ENTITY.validate_json(row.body))

    @property
    def busy(self) -> bool:
        """Whether something is being appended or read under the session's lock just now."""
        return self._lock.locked()

    async def delete(self, erase: Callable[[SessionState, Mapping[WorkKey, Figures]], Awaitable[None]]) -> None:
        """Erases the session while nothing can be appended to it, nor ever will be. Raises IllegalCommand."""
        async with self._lock:
            if not self.state.over or self.state.apply is not None:
                raise illegal(f"The session is {self.state.status}; cancel it before it is deleted.")
            await erase(self.state, self._tally.figures)
            self._deleted = True
            self.fanout.publish(removed=[RemovedEntity(kind="session", id=self.session_id)])
            self._listed(self.session_id)

    async def command(
        self,
        command: SessionCommand,
        actor: Actor,
        *,
        correlation_id: str,
        causation_id: str = "",
        documents: tuple[bytes, ...] = (),
    ) -> list[Envelope[SessionEvent]]:
        """Decides the command on the state as it is and appends its events. Raises IllegalCommand.

        Once begun it is carried through, also when the caller is cancelled: the memory must follow the store.
        """
        carried = self._command(command, actor, correlation_id, causation_id, documents)
        return await asyncio.shield(asyncio.ensure_future(carried))

    async def _command(
        self,
        command: SessionCommand,
        actor: Actor,
        correlation_id: str,
        causation_id: str,
        documents: tuple[bytes, ...],
    ) -> list[Envelope[SessionEvent]]:
        async with self._lock:
            events = decide(self.state, command)
            now = now_ms()
            envelopes = [
                Envelope(
                    event_id=EventId(new_id("e")),
                    stream_id=self.stream_id,
                    version=self.state.version + offset,
                    at=now,
                    actor=actor,
                    causation_id=causation_id or correlation_id,
                    correlation_id=correlation_id,
                    event=event,
                )
                for offset, event in enumerate(events, start=1)
            ]
            await self._append(envelopes, documents)
            return envelopes

    async def append(self, envelopes: list[Envelope[SessionEvent]], documents: tuple[bytes, ...]) -> None:
        """Appends events that a runner decided. Raises VersionConflict when it decided on an older state."""
        await asyncio.shield(asyncio.ensure_future(self._append_decided(envelopes, documents)))

    async def _append_decided(self, envelopes: list[Envelope[SessionEvent]], documents: tuple[bytes, ...]) -> None:
        async with self._lock:
            expected = envelopes[0].version - 1
            if expected != self.state.version:
                raise VersionConflict(self.stream_id, expected, self.state.version)
            await self._append(envelopes, documents)

    async def _append(self, envelopes: list[Envelope[SessionEvent]], documents: tuple[bytes, ...]) -> None:
        if self._deleted:
            raise unknown_session(self.session_id)
        if not envelopes:
            return
        state, tally = self.state, self._tally
        self._settle()
        shown = Shown(entities=dict(self._shown.entities))
        changes = Changes()
        for envelope in envelopes:
            if envelope.version != state.version + 1 or envelope.stream_id != self.stream_id:
                raise VersionConflict(self.stream_id, envelope.version - 1, state.version)
            if reason := refusal(state, envelope.event):
                raise illegal(reason)
            after = evolve(state, envelope)
            made = project(shown, state, after, envelope)
            changes.entities += made.entities
            changes.removed += made.removed
            tally = evolve_tally(tally, cast("Envelope[Event]", envelope))
            state = after
        async with self._ledgers.lock:
            ledger = await self._ledgers.change(self.session_id, envelopes)
            begun = time.perf_counter()
            await self._store.append(
                Append(
                    envelopes=(*envelopes, *_ledger_envelopes(ledger, envelopes[-1])),
                    entities=entity_rows(self.session_id, changes.entities),
                    removed=tuple((self.session_id, kind, name) for kind, name in changes.removed),
                    session=session_row(state),
                    work=work_rows(self.session_id, self._tally.figures, tally.figures),
                    documents=documents,
                )
            )
            self._written(envelopes, time.perf_counter() - begun)
            self._ledgers.commit(ledger)
        self.state = state
        if self._record is not None and tally.figures is not self._tally.figures:
            self._record.moved(self._tally.figures, tally.figures)
        self._tally = tally
        self.correlation_id = envelopes[-1].correlation_id
        self._keep(shown)
        self._publish(changes)

    def _keep(self, shown: Shown) -> None:
        """Text that was streamed while the append was being written is not lost."""
        self._settle()
        self._live.forget()
        for (kind, name), entity in self._shown.entities.items():
            newer = shown.entities.get((kind, name))
            if kind == "step" and newer is not None and newer.version == entity.version:
                shown.entities[(kind, name)] = entity
        self._shown = shown

    def _publish(self, changes: Changes) -> None:
        last: dict[tuple[EntityKind, str], AnyEntity] = {(one.kind, one.id): one for one in changes.entities}
        removed = [RemovedEntity(kind=kind, id=name) for kind, name in changes.removed]
        self.fanout.publish(entities=last.values(), removed=removed)
        self._listed(self.session_id)

    def stream_text(self, step_id: str, pieces: Sequence[tuple[str, str]]) -> None:
        """Shows streamed text of a running step: pairs of field (`text`, `reasoning`, …) and piece."""
        step = self._shown.step(step_id)
        if step is None:
            return
        appends: list[Appended] = []
        for name, text in pieces:
            offset = self._live.add(step, name, text)
            if offset is not None:
                # Not checked: the field is one of those that grow, and text from the wire is text.
                made = Appended.model_construct(
                    entity_id=step_id, field=cast("LiveField", name), offset=offset, text=text
                )
                appends.append(made)
        if appends:
            self.fanout.publish(appends=appends)

    def _settle(self) -> None:
        """What was streamed is put into the entities."""
        for step_id, more in self._live.take():
            step = self._shown.step(step_id)
            if step is not None:
                grown = {name: getattr(step, name) + text for name, text in more.items()}
                self._shown.put(step.model_copy(update=grown))

    async def subscribe(self) -> tuple[Subscription, Snapshot]:
        """A queue of updates and the snapshot that they follow on, with nothing lost in between."""
        async with self._lock:
            subscription = self.fanout.subscribe()
            try:
                return subscription, await self._snapshot()
            except BaseException:
                subscription.close()
                raise

    async def snapshot(self) -> Snapshot:
        """What a client needs to show the session now, with the number of the last update that it includes."""
        async with self._lock:
            return await self._snapshot()

    async def _snapshot(self) -> Snapshot:
        rows = await self._store.entities(self.session_id, "step", limit=SNAPSHOT_STEPS + 1)
        self._settle()
        steps = [self._running(cast("StepEntity", ENTITY.validate_json(row.body))) for row in rows[-SNAPSHOT_STEPS:]]
        others = [entity for entity in self._shown.entities.values() if entity.kind != "step"]
        return Snapshot(
            session_id=self.session_id,
            epoch=self.fanout.epoch,
            seq=self.fanout.seq,
            entities=(*others, *steps),
            more_steps=len(rows) > SNAPSHOT_STEPS,
        )

    def _running(self, step: StepEntity) -> StepEntity:
        return self._shown.step(step.id) or step

    def entity(self, kind: EntityKind, entity_id: str) -> AnyEntity | None:
        """An entity held in memory; finished steps are in the store."""
        self._settle()
        return self._shown.entities.get((kind, entity_id))

    def entities(self, kind: EntityKind) -> list[AnyEntity]:
        """Those held in memory: of steps only the running ones."""
        self._settle()
        return [entity for entity in self._shown.entities.values() if entity.kind == kind]


def unknown_session(session_id: str) -> UserError:
    """The error for a session that is not in the store."""
    return UserError(
        f"There is no session {session_id}.", code="unknown_session", remedy="`draftsmith sessions` lists them."
    )


def _ledger_envelopes(change: LedgerChange, cause: Envelope[SessionEvent]) -> list[Envelope[Event]]:
    return [
        Envelope(
            event_id=EventId(new_id("e")),
            stream_id=scope,
            version=version,
            at=cause.at,
            actor=cause.actor,
            causation_id=cause.event_id,
            correlation_id=cause.correlation_id,
            event=event,
        )
        for scope, version, event in (*change.events, *change.shared.events)
    ]
