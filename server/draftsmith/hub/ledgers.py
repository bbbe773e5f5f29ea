"""Money: which ledgers a session's events touch, reserved and settled in the same append.

One lock around the ledgers, so that sessions running in parallel cannot together pass a budget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import SessionId, StreamId, ledger_stream
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
from draftsmith.domain.session.events import (
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    SessionEvent,
    SessionResumed,
    SessionStarted,
)
from draftsmith.ports.events import EventStore


def session_scope(session_id: SessionId) -> StreamId:
    """The ledger of one session's budget."""
    return ledger_stream(f"session/{session_id}")


@dataclass(slots=True)
class LedgerChange:
    """Events to append and the states that hold once they are."""

    events: list[tuple[StreamId, int, LedgerEvent]] = field(default_factory=list[tuple[StreamId, int, LedgerEvent]])
    states: dict[StreamId, LedgerState] = field(default_factory=dict[StreamId, LedgerState])


class Ledgers:
    """The ledgers that this hub has open. Hold `lock` from `change` to `commit`."""

    def __init__(self, store: EventStore) -> None:
        self.lock = asyncio.Lock()
        self._store = store
        self._states: dict[StreamId, LedgerState] = {}

    async def change(self, session_id: SessionId, events: Iterable[SessionEvent]) -> LedgerChange:
        """What the session's events mean for its ledger. Raises OverBudget."""
        change = LedgerChange()
        scope = session_scope(session_id)
        for event in events:
            command = _command(event)
            if command is None:
                continue
            state = change.states.get(scope) or await self._state(scope)
            for made in decide_ledger(state, command):
                state = evolve_ledger(state, made)
                change.events.append((scope, state.version, made))
            change.states[scope] = state
        return change

    def commit(self, change: LedgerChange) -> None:
        self._states.update(change.states)

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
