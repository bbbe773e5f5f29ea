"""Parallel reservations against a vendor that bills a quarter more than was counted, says nothing of it, or bills what
was given up: what is billed never passes the limit."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import Usage
from draftsmith.domain.ids import CallId
from draftsmith.domain.ledger import OverBudget
from draftsmith.hub.spending import Spending, SpendingChange
from draftsmith.models.catalogue import Catalogue, Override
from draftsmith.models.counting import CountingErrors

NOON = 1_795_435_200_000  # 2026-11-23T12:00:00Z
MODEL = "openai_compatible/m"
CATALOGUE = Catalogue({MODEL: Override(input=10**9, output=10**10, cached=10**8)})
MOST_OUTPUT = 200
ENDS = ("told", "untold", "given up", "broken", "refused")


@dataclass(frozen=True, kw_only=True)
class Call:
    """`factor`: what the vendor counts to what was counted here; `output` in tokens."""

    counted: int
    factor: float
    output: int
    end: str


CALLS = st.builds(
    Call,
    counted=st.sampled_from([300, 10_000, 50_000]),
    factor=st.sampled_from([0.7, 1.0, 1.1, 1.25]),
    output=st.sampled_from([0, 1, MOST_OUTPUT]),
    end=st.sampled_from(ENDS),
)


def cost(usage: Usage) -> int:
    found = CATALOGUE.cost_nano_usd(MODEL, usage)
    assert found is not None
    return found


@given(
    calls=st.lists(CALLS, max_size=25),
    order=st.randoms(use_true_random=False),
    limit=st.integers(10**7, 3 * 10**8),
)
def test_what_is_billed_never_passes_the_limit(calls: list[Call], order: random.Random, limit: int) -> None:
    held = Spending.holding(lambda: {("day", ""): limit})
    errors = CountingErrors()
    open_calls: dict[CallId, tuple[Call, int]] = {}
    billed = 0
    for number, call in enumerate(calls):
        reserved = CATALOGUE.worst_case_nano_usd(MODEL, round(call.counted * errors.margin(MODEL)), MOST_OUTPUT)
        assert reserved is not None
        change = SpendingChange()
        try:
            held.reserve(change, CallId(f"c{number}"), "key", reserved, NOON)
        except OverBudget:
            pass
        else:
            held.commit(change)
            open_calls[CallId(f"c{number}")] = (call, reserved)
        while open_calls and order.random() < 0.5:
            billed += ended(held, errors, open_calls, order.choice(sorted(open_calls)))
            assert billed <= limit
    for call_id in sorted(open_calls):
        billed += ended(held, errors, open_calls, call_id)
        assert billed <= limit
    assert billed <= held.spent("day", "", NOON) <= limit


def ended(held: Spending, errors: CountingErrors, calls: dict[CallId, tuple[Call, int]], call_id: CallId) -> int:
    """Settles a call as the pipeline does, and gives what the vendor bills for it."""
    call, reserved = calls.pop(call_id)
    usage = Usage(input_tokens=math.floor(call.counted * call.factor), output_tokens=call.output)
    change = SpendingChange()
    match call.end:
        case "told":
            errors.observe(MODEL, counted=call.counted, actual=usage.input_tokens)
            held.settle(change, call_id, cost(usage))
        case "refused":
            held.settle(change, call_id, 0)
        case _:
            held.settle(change, call_id, reserved)
    held.commit(change)
    return 0 if call.end == "refused" else cost(usage)
