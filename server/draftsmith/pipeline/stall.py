"""Loops and stagnation, seen from the last calls alone."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.session.state import CallTrace

SAME_FAILING = 3
"""Identical calls that failed, not necessarily in a row."""

SAME_FRUITLESS = 4
"""Identical calls in a row that changed nothing in the draft."""


def stall(trace: Sequence[CallTrace]) -> str | None:
    """A sentence for the model and the user that says what repeats, or None."""
    if not trace:
        return None
    last = trace[-1]
    same = [call for call in trace if (call.name, call.arguments) == (last.name, last.arguments)]
    failing = [call for call in same if call.outcome != "ok"]
    if last.outcome != "ok" and len(failing) >= SAME_FAILING:
        return f"the same {last.name} call failed {len(failing)} times"
    tail = trace[-SAME_FRUITLESS:]
    repeated = all((call.name, call.arguments, call.tree) == (last.name, last.arguments, last.tree) for call in tail)
    if len(tail) == SAME_FRUITLESS and repeated:
        return f"the same {last.name} call was repeated {SAME_FRUITLESS} times and changed nothing"
    return None
