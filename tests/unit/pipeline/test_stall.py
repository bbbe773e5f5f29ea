"""Loops and stagnation are seen, and ordinary work is not taken for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import TreeId
from draftsmith.domain.session.state import CallTrace
from draftsmith.pipeline.stall import SAME_FAILING, SAME_FRUITLESS, stall


def call(name: str = "run_command", arguments: str = "x", outcome: str = "ok", tree: str | None = None) -> CallTrace:
    return CallTrace(name=name, arguments=arguments, outcome=outcome, tree=TreeId(tree) if tree else None)


def test_no_calls_are_no_stall() -> None:
    assert stall(()) is None


def test_the_same_call_that_keeps_failing_is_a_stall_also_with_others_in_between() -> None:
    failing = call(outcome="failed")
    trace = [failing, call("read"), failing, call("read", "y"), failing]
    assert stall(trace[:-1]) is None
    assert stall(trace) == f"the same run_command call failed {SAME_FAILING} times"


def test_a_failing_call_that_then_works_is_no_stall() -> None:
    trace = [call(outcome="failed"), call(outcome="failed"), call(outcome="mistake"), call(outcome="ok", tree="t")]
    assert stall(trace) is None


def test_the_same_call_in_a_row_that_changes_nothing_is_a_stall() -> None:
    trace = [call(tree="a")] * SAME_FRUITLESS
    assert stall(trace[1:]) is None
    said = stall(trace)
    assert said is not None
    assert "changed nothing" in said


def test_the_same_call_that_changes_the_draft_each_time_is_work() -> None:
    assert stall([call(tree=f"t{number}") for number in range(10)]) is None


def test_different_calls_are_work_however_many_fail() -> None:
    assert stall([call(arguments=str(number), outcome="failed") for number in range(10)]) is None


TRACES = st.lists(
    st.builds(
        call,
        name=st.sampled_from(("read", "edit")),
        arguments=st.sampled_from(("x", "y")),
        outcome=st.sampled_from(("ok", "failed", "mistake")),
        tree=st.sampled_from((None, "a", "b")),
    ),
    max_size=16,
)


@given(trace=TRACES)
def test_a_stall_needs_a_repetition_and_speaks_of_the_last_call(trace: list[CallTrace]) -> None:
    said = stall(trace)
    if said is not None:
        last = trace[-1]
        same = [one for one in trace if (one.name, one.arguments) == (last.name, last.arguments)]
        assert len(same) >= min(SAME_FAILING, SAME_FRUITLESS)
        assert last.name in said
