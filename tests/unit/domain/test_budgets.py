"""Money and limits: the ledger of a scope, and which limit of a session strikes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.ids import CallId
from draftsmith.domain.ledger import (
    BudgetSet,
    LedgerCommand,
    LedgerState,
    MoneyReserved,
    MoneySettled,
    OverBudget,
    Reserve,
    SetBudget,
    Settle,
    decide_ledger,
    evolve_ledger,
)
from draftsmith.domain.limits import NANO_USD, Limits, Spent, Struck, struck

CALLS = [CallId(f"c{number}") for number in range(6)]
AMOUNTS = st.integers(0, 60)


def after(state: LedgerState, command: LedgerCommand) -> LedgerState:
    for event in decide_ledger(state, command):
        state = evolve_ledger(state, event)
    return state


def ledger(*commands: LedgerCommand) -> LedgerState:
    state = LedgerState()
    for command in commands:
        state = after(state, command)
    return state


def reserve(call: int, amount: int) -> Reserve:
    return Reserve(call_id=CALLS[call], nano_usd=amount)


def settle(call: int, amount: int) -> Settle:
    return Settle(call_id=CALLS[call], nano_usd=amount)


COMMANDS = st.lists(
    st.builds(reserve, st.integers(0, 5), AMOUNTS) | st.builds(settle, st.integers(0, 5), AMOUNTS), max_size=40
)


@given(st.integers(0, 100), COMMANDS)
def test_spent_and_reserved_never_pass_the_limit_however_calls_interleave(
    limit: int, commands: list[Reserve | Settle]
) -> None:
    """Calls cost at most what they reserved, in whatever order they begin and end."""
    state = ledger(SetBudget(limit_nano_usd=limit))
    for command in commands:
        if isinstance(command, Settle):
            held = state.open.get(command.call_id, 0)
            command = Settle(call_id=command.call_id, nano_usd=min(command.nano_usd, held))
        before = state
        try:
            state = after(state, command)
        except OverBudget:
            assert isinstance(command, Reserve)
            assert before.spent_nano_usd + before.reserved_nano_usd + command.nano_usd > limit
        except IllegalCommand:
            assert (command.call_id in before.open) == isinstance(command, Reserve)
        assert state.spent_nano_usd + state.reserved_nano_usd <= limit
        assert state.spent_nano_usd >= before.spent_nano_usd


@given(st.integers(0, 100), COMMANDS)
def test_an_excess_is_recorded_as_it_is_and_blocks_what_comes_after(
    limit: int, commands: list[Reserve | Settle]
) -> None:
    state = ledger(SetBudget(limit_nano_usd=limit))
    paid = 0
    for command in commands:
        try:
            state = after(state, command)
        except IllegalCommand:
            continue
        paid += command.nano_usd if isinstance(command, Settle) else 0
        assert state.spent_nano_usd == paid
    if state.spent_nano_usd > limit:
        with pytest.raises(OverBudget):
            decide_ledger(state, Reserve(call_id=CallId("new"), nano_usd=0))


@given(COMMANDS)
def test_the_ledger_folds_its_events_to_the_same_state(commands: list[Reserve | Settle]) -> None:
    state, log = LedgerState(), []
    for command in commands:
        try:
            events = decide_ledger(state, command)
        except IllegalCommand:
            continue
        for event in events:
            log.append(event)
            state = evolve_ledger(state, event)
    again = LedgerState()
    for event in log:
        again = evolve_ledger(again, event)
    assert again == state
    assert again.version == len(log)


def test_a_settled_call_gives_back_what_it_did_not_use() -> None:
    state = ledger(SetBudget(limit_nano_usd=10), reserve(0, 8), settle(0, 3), reserve(1, 7))
    assert (state.spent_nano_usd, state.reserved_nano_usd, dict(state.open)) == (3, 7, {CALLS[1]: 7})


def test_the_refusal_over_budget_names_both_sums_and_a_way_on() -> None:
    state = ledger(SetBudget(limit_nano_usd=NANO_USD), reserve(0, NANO_USD // 2))
    with pytest.raises(OverBudget, match=r"to 1\.1000 dollars; the budget is 1\.0000\. Raise the budget"):
        decide_ledger(state, reserve(1, 600_000_000))


def test_without_a_limit_everything_is_reserved() -> None:
    assert decide_ledger(LedgerState(), reserve(0, 10**18)) == (MoneyReserved(call_id=CALLS[0], nano_usd=10**18),)


def test_the_same_budget_again_is_no_event() -> None:
    assert decide_ledger(LedgerState(), SetBudget(limit_nano_usd=5)) == (BudgetSet(limit_nano_usd=5),)
    assert decide_ledger(ledger(SetBudget(limit_nano_usd=5)), SetBudget(limit_nano_usd=5)) == ()


@pytest.mark.parametrize(
    ("state", "command", "code"),
    [
        (LedgerState(), SetBudget(limit_nano_usd=-1), "budget_negative"),
        (LedgerState(), reserve(0, -1), "amount_negative"),
        (ledger(reserve(0, 5)), settle(0, -1), "amount_negative"),
        (ledger(reserve(0, 5)), reserve(0, 5), "already_reserved"),
        (LedgerState(), settle(0, 5), "not_reserved"),
        (ledger(reserve(0, 5), settle(0, 5)), settle(0, 5), "not_reserved"),
    ],
)
def test_a_wrong_ledger_command_is_refused(state: LedgerState, command: LedgerCommand, code: str) -> None:
    with pytest.raises(IllegalCommand) as refused:
        decide_ledger(state, command)
    assert refused.value.code == code


def test_settling_is_an_event_also_above_the_reservation() -> None:
    assert decide_ledger(ledger(reserve(0, 5)), settle(0, 9)) == (MoneySettled(call_id=CALLS[0], nano_usd=9),)


# --- limits of a session ---

LIMITS = Limits(steps=10, seconds=60, nano_usd=1_000, errors=3)


@pytest.mark.parametrize(
    ("spent", "reserve_nano_usd", "expected"),
    [
        (Spent(), 1_000, None),
        (Spent(steps=9, milliseconds=59_999, nano_usd=1_000, errors_in_a_row=2), 0, None),
        (Spent(steps=10), 0, Struck(limit="steps", allowed=10, spent=10)),
        (Spent(milliseconds=60_000), 0, Struck(limit="seconds", allowed=60, spent=60)),
        (Spent(nano_usd=400), 601, Struck(limit="money", allowed=1_000, spent=1_001)),
        (Spent(nano_usd=1_001), 0, Struck(limit="money", allowed=1_000, spent=1_001)),
        (Spent(errors_in_a_row=3), 0, Struck(limit="errors", allowed=3, spent=3)),
        (Spent(steps=10, errors_in_a_row=3), 0, Struck(limit="errors", allowed=3, spent=3)),
    ],
)
def test_the_limit_that_is_reached_strikes(spent: Spent, reserve_nano_usd: int, expected: Struck | None) -> None:
    assert struck(LIMITS, spent, reserve_nano_usd=reserve_nano_usd) == expected


def test_no_money_limit_means_none() -> None:
    assert struck(Limits(), Spent(nano_usd=10**18), reserve_nano_usd=10**18) is None


@given(
    st.builds(Limits, steps=AMOUNTS, seconds=AMOUNTS, nano_usd=st.none() | AMOUNTS, errors=AMOUNTS),
    st.builds(Spent, steps=AMOUNTS, milliseconds=st.integers(0, 60_000), nano_usd=AMOUNTS, errors_in_a_row=AMOUNTS),
    AMOUNTS,
)
def test_a_limit_once_struck_stays_struck_when_more_is_spent(limits: Limits, spent: Spent, reserved: int) -> None:
    hit = struck(limits, spent, reserve_nano_usd=reserved)
    more = Spent(
        steps=spent.steps + 1,
        milliseconds=spent.milliseconds + 1,
        nano_usd=spent.nano_usd + 1,
        errors_in_a_row=spent.errors_in_a_row + 1,
    )
    if hit is not None:
        assert struck(limits, more, reserve_nano_usd=reserved) is not None
        assert hit.spent >= hit.allowed
        assert str(hit.allowed) in hit.describe() or hit.limit == "money"
