"""The ledger of one budget scope: money reserved before a call and settled after it.

The sum of spent and reserved never passes the limit, whatever runs in parallel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar, assert_never

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.ids import CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSet:
    kind: ClassVar[str] = "budget_set"
    kind_version: ClassVar[int] = 1
    limit_nano_usd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyReserved:
    kind: ClassVar[str] = "money_reserved"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    nano_usd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySettled:
    """`nano_usd` is what the call cost; more than was reserved is recorded as it is."""

    kind: ClassVar[str] = "money_settled"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    nano_usd: int


LedgerEvent = BudgetSet | MoneyReserved | MoneySettled


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget:
    limit_nano_usd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    call_id: CallId
    nano_usd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    call_id: CallId
    nano_usd: int


LedgerCommand = SetBudget | Reserve | Settle


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """`open` maps calls that are under way to what they have reserved."""

    limit_nano_usd: int | None = None
    spent_nano_usd: int = 0
    open: Mapping[CallId, int] = field(default_factory=lambda: MappingProxyType({}))
    version: int = 0

    @property
    def reserved_nano_usd(self) -> int:
        return sum(self.open.values())


class OverBudget(IllegalCommand):
    """The reservation would pass the limit; nothing was reserved."""


def decide_ledger(state: LedgerState, command: LedgerCommand) -> tuple[LedgerEvent, ...]:
    """Events of a command. Raises OverBudget, or IllegalCommand for a call that is reserved twice or unknown."""
    match command:
        case SetBudget(limit_nano_usd=limit):
            if limit is not None and limit < 0:
                raise IllegalCommand("A budget cannot be negative.", code="budget_negative")
            return (BudgetSet(limit_nano_usd=limit),) if limit != state.limit_nano_usd else ()
        case Reserve(nano_usd=amount) | Settle(nano_usd=amount) if amount < 0:
            raise IllegalCommand("A call cannot cost less than nothing.", code="amount_negative")
        case Reserve(call_id=call_id, nano_usd=amount):
            if call_id in state.open:
                raise IllegalCommand(f"Call {call_id} has already reserved money.", code="already_reserved")
            total = state.spent_nano_usd + state.reserved_nano_usd + amount
            if state.limit_nano_usd is not None and total > state.limit_nano_usd:
                raise OverBudget(
                    f"The call could bring the cost to {total / 1e9:.4f} dollars;"
                    f" the budget is {state.limit_nano_usd / 1e9:.4f}.",
                    code="over_budget",
                    remedy="Raise the budget, or choose a cheaper model.",
                )
            return (MoneyReserved(call_id=call_id, nano_usd=amount),)
        case Settle(call_id=call_id, nano_usd=amount):
            if call_id not in state.open:
                raise IllegalCommand(f"Call {call_id} has reserved no money.", code="not_reserved")
            return (MoneySettled(call_id=call_id, nano_usd=amount),)
        case _:
            assert_never(command)


def evolve_ledger(state: LedgerState, event: LedgerEvent) -> LedgerState:
    """The state after one event."""
    version = state.version + 1
    match event:
        case BudgetSet(limit_nano_usd=limit):
            return replace(state, limit_nano_usd=limit, version=version)
        case MoneyReserved(call_id=call_id, nano_usd=amount):
            return replace(state, open=MappingProxyType({**state.open, call_id: amount}), version=version)
        case MoneySettled(call_id=call_id, nano_usd=amount):
            left = MappingProxyType({other: held for other, held in state.open.items() if other != call_id})
            return replace(state, open=left, spent_nano_usd=state.spent_nano_usd + amount, version=version)
        case _:
            assert_never(event)
