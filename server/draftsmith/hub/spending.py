"""What all sessions together spend, by day and key, against the user's limits. Under the lock of the ledgers.

A ledger for each day (UTC) and key; months and totals are sums of them. Nothing is guessed: a call without a known
price is refused while a limit holds.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import CallId, StreamId, ledger_stream
from draftsmith.domain.ledger import (
    LedgerEvent,
    LedgerState,
    OverBudget,
    Reserve,
    Settle,
    decide_ledger,
    evolve_ledger,
)
from draftsmith.domain.model_settings import BudgetScope
from draftsmith.ports.events import EventStore

Limits = Mapping[tuple[BudgetScope, str], int]
Made = list[tuple[StreamId, int, LedgerEvent]]
_PREFIX = ledger_stream("day/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A day and a key. `day` is an ISO date."""

    day: str
    label: str

    @property
    def stream(self) -> StreamId:
        return ledger_stream(f"day/{self.day}/{self.label}")

    @classmethod
    def of(cls, stream: StreamId) -> _Place:
        day, _, label = stream.removeprefix(_PREFIX).partition("/")
        return cls(day=day, label=label)


@dataclass(slots=True)
class SpendingChange:
    """Events to append, and what holds once they are."""

    events: Made = field(default_factory=Made)
    states: dict[_Place, LedgerState] = field(default_factory=dict[_Place, LedgerState])


class Spending:
    """`limits` tells the user's limits as they are now."""

    def __init__(self, store: EventStore | None, limits: Callable[[], Limits]) -> None:
        self._store = store
        self._limits = limits
        self._states: dict[_Place, LedgerState] | None = None

    @classmethod
    def holding(cls, limits: Callable[[], Limits]) -> Spending:
        """With nothing spent yet, and no store to read."""
        made = cls(None, limits)
        made._states = {}
        return made

    async def load(self) -> None:
        """Reads the ledgers of the last days, once. Those of months that are over are not needed any more."""
        if self._states is not None or self._store is None:
            return
        today = datetime.datetime.now(datetime.UTC).date()
        first = (today.replace(day=1) - datetime.timedelta(days=1)).replace(day=1).isoformat()
        states: dict[_Place, LedgerState] = {}
        for stream in await self._store.streams(_PREFIX):
            place = _Place.of(stream)
            if place.day >= first:
                states[place] = await _read(self._store, place)
        self._states = states

    async def know(self, label: str, at: int) -> None:
        """Comes before `reserve`: a clock that is far behind asks for a day that was not read."""
        await self.load()
        place = _Place(day=_day(at), label=label)
        if place not in self._held and self._store is not None:
            self._held[place] = await _read(self._store, place)

    def reserve(self, change: SpendingChange, call_id: CallId, label: str, nano_usd: int | None, at: int) -> None:
        """A call begins. Raises OverBudget when a limit could be passed."""
        place = _Place(day=_day(at), label=label)
        self._check(change, place, nano_usd)
        self._decide(change, place, Reserve(call_id=call_id, nano_usd=nano_usd or 0))

    def settle(self, change: SpendingChange, call_id: CallId, nano_usd: int) -> None:
        """A call ended, perhaps on a later day than it began. One that was never reserved here is left out."""
        for place, state in self._all(change).items():
            if call_id in state.open:
                self._decide(change, place, Settle(call_id=call_id, nano_usd=nano_usd))
                return

    def commit(self, change: SpendingChange) -> None:
        self._held.update(change.states)

    def spent(self, scope: BudgetScope, label: str, at: int) -> int:
        """Nano-dollars spent and reserved in the day, the month, or this month with the key."""
        return self._sum(self._held, _Place(day=_day(at), label=label), scope)

    def all_spent(self, at: int) -> dict[tuple[BudgetScope, str], int]:
        """What `spent` says of every scope that has a limit or in which something was spent."""
        month = _day(at)[:7]
        labels = {place.label for place in self._held if place.day[:7] == month}
        labels |= {label for scope, label in self._limits() if scope == "key"}
        places: list[tuple[BudgetScope, str]] = [("day", ""), ("month", ""), *(("key", one) for one in sorted(labels))]
        return {(scope, label): self.spent(scope, label, at) for scope, label in places}

    def _check(self, change: SpendingChange, place: _Place, nano_usd: int | None) -> None:
        everything = self._all(change)
        for (scope, label), limit in self._limits().items():
            if scope == "key" and label != place.label:
                continue
            whose = f"this month with the key {label}" if scope == "key" else f"a {scope}"
            if nano_usd is None:
                raise OverBudget(
                    f"The price of the model is not known, so the limit of {limit / 1e9:.2f} dollars {whose} cannot"
                    " be kept.",
                    code="over_budget",
                    remedy="Say its price with `draftsmith models facts`, or choose another model.",
                )
            total = self._sum(everything, place, scope) + nano_usd
            if total > limit:
                raise OverBudget(
                    f"The call could bring what all sessions spend {whose} to {total / 1e9:.4f} dollars;"
                    f" the limit is {limit / 1e9:.4f}.",
                    code="over_budget",
                    remedy="`draftsmith models limit` raises it.",
                )

    def _sum(self, states: Mapping[_Place, LedgerState], place: _Place, scope: BudgetScope) -> int:
        match scope:
            case "day":
                counted = [one for one in states if one.day == place.day]
            case "month":
                counted = [one for one in states if one.day[:7] == place.day[:7]]
            case "key":
                counted = [one for one in states if one.day[:7] == place.day[:7] and one.label == place.label]
        return sum(states[one].spent_nano_usd + states[one].reserved_nano_usd for one in counted)

    def _decide(self, change: SpendingChange, place: _Place, command: Reserve | Settle) -> None:
        state = change.states.get(place) or self._held.get(place) or LedgerState()
        for made in decide_ledger(state, command):
            state = evolve_ledger(state, made)
            change.events.append((place.stream, state.version, made))
        change.states[place] = state

    def _all(self, change: SpendingChange) -> Mapping[_Place, LedgerState]:
        return {**self._held, **change.states}

    @property
    def _held(self) -> dict[_Place, LedgerState]:
        assert self._states is not None, "load() comes first"  # noqa: S101 - an order that this package keeps
        return self._states


async def _read(store: EventStore, place: _Place) -> LedgerState:
    state = LedgerState()
    async for batch in store.read(place.stream):
        for envelope in cast("Sequence[Envelope[LedgerEvent]]", batch):
            state = evolve_ledger(state, envelope.event)
    return state


def _day(at: int) -> str:
    """The UTC date of a time in milliseconds."""
    return datetime.datetime.fromtimestamp(at / 1000, datetime.UTC).date().isoformat()
