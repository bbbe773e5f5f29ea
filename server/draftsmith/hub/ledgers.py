"""Money: which ledgers a session's events touch, reserved and settled in the same append.

One lock around the ledgers, so that sessions running in parallel cannot together pass a budget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import CallId, SessionId, StreamId, ledger_stream
from draftsmith.domain.ledger import (
    LedgerCommand,
    LedgerEvent,
    LedgerState,
    Reserve,
    SetBudget,
    Settle,
    decide_ledger,
    evolve_ledger,
)
from draftsmith.domain.model_settings import BudgetScope
from draftsmith.domain.session.events import (
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    SessionEvent,
    SessionResumed,
    SessionStarted,
)
from draftsmith.hub.spending import Spending, SpendingChange
from draftsmith.ports.events import EventStore


def session_scope(session_id: SessionId) -> StreamId:
    """The ledger of one session's budget."""
    return ledger_stream(f"session/{session_id}")


@dataclass(slots=True)
class LedgerChange:
    """Events to append and the states that hold once they are. `shared` is what all sessions together spend."""

    shared: SpendingChange = field(default_factory=SpendingChange)
    events: list[tuple[StreamId, int, LedgerEvent]] = field(default_factory=list[tuple[StreamId, int, LedgerEvent]])
    states: dict[StreamId, LedgerState] = field(default_factory=dict[StreamId, LedgerState])


class Ledgers:
    """The ledgers that this hub has open. Hold `lock` from `change` to `commit`."""

    def __init__(self, store: EventStore, spending: Spending) -> None:
        self.lock = asyncio.Lock()
        self._spending = spending
        self._store = store
        self._states: dict[StreamId, LedgerState] = {}

    async def change(self, session_id: SessionId, envelopes: Iterable[Envelope[SessionEvent]]) -> LedgerChange:
        """What the session's events mean for its ledger and for the shared ones. Raises OverBudget."""
        change = LedgerChange()
        scope = session_scope(session_id)
        for envelope in envelopes:
            command = _command(envelope.event)
            if command is None:
                continue
            await self._share(change.shared, envelope)
            state = change.states.get(scope) or await self._state(scope)
            for made in decide_ledger(state, command):
                state = evolve_ledger(state, made)
                change.events.append((scope, state.version, made))
            change.states[scope] = state
        return change

    def commit(self, change: LedgerChange) -> None:
        self._states.update(change.states)
        if change.shared.states:
            self._spending.commit(change.shared)

    async def spent(self, at: int) -> dict[tuple[BudgetScope, str], int]:
        """Nano-dollars of all sessions together, reserved ones too: of the day, the month, and the month by key."""
        async with self.lock:
            await self._spending.load()
            return self._spending.all_spent(at)

    async def _share(self, change: SpendingChange, envelope: Envelope[SessionEvent]) -> None:
        match envelope.event:
            case ModelCallIntended(call_id=call_id, endpoint=label, reserved_nano_usd=amount):
                await self._spending.know(label, envelope.at)
                self._spending.reserve(change, _shared_call(envelope, call_id), label, amount, envelope.at)
            case ModelCallFinished(call_id=call_id, cost_nano_usd=cost):
                await self._spending.load()
                self._spending.settle(change, _shared_call(envelope, call_id), cost or 0)
            case ModelCallFailed(call_id=call_id, charged_nano_usd=charged):
                await self._spending.load()
                self._spending.settle(change, _shared_call(envelope, call_id), charged)
            case _:
                pass

    async def _state(self, scope: StreamId) -> LedgerState:
        state = self._states.get(scope)
        if state is None:
            state = LedgerState()
            async for batch in self._store.read(scope):
                for envelope in cast("Sequence[Envelope[LedgerEvent]]", batch):
                    state = evolve_ledger(state, envelope.event)
            self._states[scope] = state
        return state

    def forget(self, session_id: SessionId) -> None:
        """Lets go of a session's ledger; it is read again when needed."""
        self._states.pop(session_scope(session_id), None)


def _shared_call(envelope: Envelope[SessionEvent], call_id: CallId) -> CallId:
    """Ids of calls are unique within a session; a ledger of all sessions needs more."""
    return CallId(f"{envelope.stream_id}/{call_id}")


def _command(event: SessionEvent) -> LedgerCommand | None:
    match event:
        case SessionStarted(limits=limits) | SessionResumed(limits=limits):
            return SetBudget(limit_nano_usd=limits.nano_usd)
        case ModelCallIntended(call_id=call_id, reserved_nano_usd=amount):
            return Reserve(call_id=call_id, nano_usd=amount or 0)
        case ModelCallFinished(call_id=call_id, cost_nano_usd=cost):
            return Settle(call_id=call_id, nano_usd=cost or 0)
        case ModelCallFailed(call_id=call_id, charged_nano_usd=charged):
            return Settle(call_id=call_id, nano_usd=charged)
        case _:
            return None
