"""What all sessions together spend: sums by day, month and key; a limit is never passed, whatever runs in parallel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import CallId
from draftsmith.domain.ledger import OverBudget
from draftsmith.domain.model_settings import BudgetScope
from draftsmith.hub.spending import Spending, SpendingChange
from draftsmith.store.event_store import SqlEventStore

DAY_MS = 86_400_000
NOON = 1_795_435_200_000  # 2026-11-23T12:00:00Z


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlEventStore]:
    opened = await SqlEventStore.open(tmp_path / "a.db", application_version="0")
    yield opened
    await opened.close()


async def spending(store: SqlEventStore, limits: dict[tuple[BudgetScope, str], int]) -> Spending:
    made = Spending(store, lambda: limits)
    await made.load()
    return made


def reserve(held: Spending, call: str, nano_usd: int | None, *, label: str = "a", at: int = NOON) -> None:
    change = SpendingChange()
    held.reserve(change, CallId(call), label, nano_usd, at)
    held.commit(change)


def settle(held: Spending, call: str, nano_usd: int) -> None:
    change = SpendingChange()
    held.settle(change, CallId(call), nano_usd)
    held.commit(change)


async def test_each_scope_counts_what_belongs_to_it(store: SqlEventStore) -> None:
    held = await spending(store, {})
    reserve(held, "c1", 5, label="a")
    reserve(held, "c2", 7, label="b", at=NOON + DAY_MS)
    settle(held, "c1", 3)
    assert held.spent("day", "", NOON) == 3
    assert held.spent("day", "", NOON + DAY_MS) == 7
    assert held.spent("month", "", NOON) == 10
    assert held.spent("key", "b", NOON) == 7
    assert held.spent("month", "", NOON + 20 * DAY_MS) == 0


@pytest.mark.parametrize(
    ("limits", "at", "label", "refused"),
    [
        ({("day", ""): 9}, NOON, "b", True),
        ({("day", ""): 10}, NOON, "b", False),
        ({("day", ""): 9}, NOON + DAY_MS, "b", False),
        ({("month", ""): 9}, NOON + DAY_MS, "b", True),
        ({("key", "a"): 9}, NOON, "b", False),
        ({("key", "a"): 9}, NOON + DAY_MS, "a", True),
    ],
)
async def test_a_limit_strikes_in_its_own_scope_only(
    store: SqlEventStore, limits: dict[tuple[BudgetScope, str], int], at: int, label: str, refused: bool
) -> None:
    held = await spending(store, limits)
    reserve(held, "c1", 5)
    if refused:
        with pytest.raises(OverBudget, match="dollars"):
            reserve(held, "c2", 5, label=label, at=at)
    else:
        reserve(held, "c2", 5, label=label, at=at)


async def test_an_unknown_price_is_refused_while_a_limit_holds(store: SqlEventStore) -> None:
    reserve(await spending(store, {}), "c1", None)
    with pytest.raises(OverBudget, match="price"):
        reserve(await spending(store, {("day", ""): 10**12}), "c2", None)


async def test_a_call_that_ends_on_a_later_day_is_settled_where_it_was_reserved(store: SqlEventStore) -> None:
    held = await spending(store, {})
    reserve(held, "c1", 5, at=NOON)
    settle(held, "c1", 4)
    settle(held, "never-reserved", 9)
    assert held.spent("day", "", NOON) == 4
    assert held.spent("day", "", NOON + DAY_MS) == 0


CALLS = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.sampled_from("ab")), max_size=40)


@given(calls=CALLS, day=st.integers(0, 100), key=st.integers(0, 100))
def test_no_order_of_calls_passes_a_limit(calls: Sequence[tuple[int, bool, str]], day: int, key: int) -> None:
    limits: dict[tuple[BudgetScope, str], int] = {("day", ""): day, ("key", "a"): key}
    held = Spending.holding(lambda: limits)
    open_calls: list[tuple[str, int]] = []
    for number, (amount, ends_one, label) in enumerate(calls):
        try:
            reserve(held, f"c{number}", amount, label=label)
            open_calls.append((f"c{number}", amount))
        except OverBudget:
            pass
        if ends_one and open_calls:
            call, most = open_calls.pop(0)
            settle(held, call, most // 2)
        assert held.spent("day", "", NOON) <= day
        assert held.spent("key", "a", NOON) <= key
