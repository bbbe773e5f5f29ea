"""Properties of the fold over histories that the rules allow."""

from __future__ import annotations

import gc
import pickle
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TypeVar

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.unit.domain import histories as h

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.ids import ApplyId
from draftsmith.domain.limits import Limits
from draftsmith.domain.session import events as e
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.decide import decide
from draftsmith.domain.session.evolve import evolve
from draftsmith.domain.session.evolve_proposal import SETTLED
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import KEPT, KEPT_CALLS, SessionState

T = TypeVar("T")
ENDINGS = (e.SessionFinished, e.SessionStopped, e.SessionCancelled)
"""Come less often than they could, so that histories go deep."""

ON_THE_WAY = tuple(kind for kind in h.EVENT_TYPES if kind not in ENDINGS)
CHOICES = st.lists(st.integers(0, 2**20), min_size=50, max_size=120)


class Chooser:
    """Picks by the digits of one drawn number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, options: Sequence[T]) -> T:
        self.left, place = divmod(self.left, len(options))
        return options[place]


def grown(choices: Sequence[int]) -> Iterator[tuple[SessionState, e.SessionEvent, SessionState]]:
    """A history that the rules allow: state before, event, state after. Kinds that came least often are preferred."""
    state = SessionState()
    seen = Counter[type[e.SessionEvent]]()
    for number in choices:
        pick = Chooser(number)
        kinds = h.EVENT_TYPES if pick(range(12)) == 0 else ON_THE_WAY
        fair = h.candidates(state, h.first)
        legal = [kind for kind in kinds if refusal(state, fair[kind]()) is None]
        kind = pick(sorted(legal, key=lambda one: seen[one])[:4])
        event = h.candidate(kind, state, pick)
        if refusal(state, event) is not None:
            event = fair[kind]()
        seen[kind] += 1
        before, state = state, evolve(state, h.envelope(event, version=state.version + 1))
        yield before, event, state


def log_of(choices: Sequence[int]) -> list[Envelope[e.SessionEvent]]:
    return [h.envelope(event, version=after.version) for _, event, after in grown(choices)]


def check_tasks(state: SessionState) -> None:
    ids = [task.task.task_id for task in state.tasks]
    assert len(ids) == len(set(ids))
    active = [task.task.task_id for task in state.tasks if task.status == "active"]
    assert active == ([] if state.active is None else [state.active])


def check_status(state: SessionState) -> None:
    assert (state.stopped is not None) == (state.status == "stopped"), "a stop has its reason, nothing else has one"
    if not state.over and state.status != "starting":
        assert (state.status == "waiting") == bool(state.decisions), "waiting means that a question is open"
    if state.status == "proposed":
        assert state.proposal is not None
        assert any(hunk.status not in SETTLED for hunk in state.proposal.hunks), "nothing is left to decide"
    answered = {one.decision_id for one in state.answered}
    assert answered.isdisjoint(one.decision_id for one in state.decisions), "an answered question is open"
    if state.base is not None:
        assert state.green is not None, "the last green checkpoint was forgotten"
        assert state.draft is not None


def check_spent(before: SessionState, after: SessionState) -> None:
    for field in fields(after.spent):
        if field.name != "errors_in_a_row":
            assert getattr(after.spent, field.name) >= getattr(before.spent, field.name), field.name


def check_way_on(state: SessionState) -> None:
    """Whatever is open can be closed: no legal history leads into a dead end."""
    closing: list[e.SessionEvent] = []
    if state.model_call is not None:
        closing.append(h.model_failed(state.model_call.call_id))
    closing.extend(h.tool_finished(one.request.call_id, "tree1" if one.effect else None) for one in state.tool_calls)
    if state.gate is not None:
        closing.append(h.gate_finished(state.gate.call_id, state.gate.task_id))
    if state.environment is not None:
        closing.append(h.environment_finished(state.environment.call_id))
    closing.extend(h.answer(one.decision_id, one.options[0]) for one in state.decisions)
    if state.apply is not None:
        closing.append(e.ApplyFinished(apply_id=state.apply.apply_id, results=()))
    going = not state.over and state.status != "starting"
    if going and state.active is not None and state.model_call is None and state.gate is None:
        closing.append(h.task_finished(state.active, "failed"))
    if going and state.active is None and state.plan_approved:
        closing.extend(h.task_started(one.task.task_id) for one in state.tasks if one.status == "pending")
    if state.status in ("stopped", "cancelled"):
        closing.append(h.resumed())
    if state.base is not None and state.over:
        closing.append(h.message())
    for event in closing:
        assert refusal(state, event) is None, (event, refusal(state, event))


@given(CHOICES)
def test_any_legal_history_folds_and_leaves_a_sound_state(choices: list[int]) -> None:
    for before, event, after in grown(choices):
        note(event.kind)
        check_tasks(after)
        check_status(after)
        check_spent(before, after)
        check_way_on(after)


@given(CHOICES, st.integers(0, 120))
def test_a_prefix_and_the_rest_fold_to_the_same_as_the_whole(choices: list[int], cut: int) -> None:
    log = log_of(choices)
    back = h.stored(log)
    assert back == log
    whole = h.fold(log)
    prefix = h.fold(log[:cut])
    kept = pickle.dumps(prefix)
    assert h.fold(log[cut:], prefix) == whole
    assert pickle.loads(kept) == prefix, "folding on changed an earlier state"  # noqa: S301 (our own bytes)
    assert h.fold(log[cut:], pickle.loads(kept)) == whole  # noqa: S301 (our own bytes)


@given(CHOICES, st.integers(0, 2**20))
def test_what_the_rules_refuse_is_refused_as_a_command_with_the_same_reason(choices: list[int], number: int) -> None:
    for before, _, _ in grown(choices):
        number = (number * 48_271 + 11) % 2**31
        pick = Chooser(number)
        event = h.candidate(pick(h.EVENT_TYPES), before, pick)
        reason = refusal(before, event)
        if reason is None:
            assert decide(before, Record(events=(event,))) == (event,)
            continue
        assert reason[0].isupper() or reason[0] in "'\"0123456789", reason
        assert reason.endswith("."), reason
        assert "None" not in reason, reason
        assert "_" not in reason, reason
        with pytest.raises(IllegalCommand) as refused:
            decide(before, Record(events=(event,)))
        assert refused.value.message == reason


def test_grown_histories_reach_every_kind_of_event() -> None:
    seen: set[type[e.SessionEvent]] = set()
    for start in range(30):
        numbers = [(start * 7_919 + step * 104_729) % 2**20 for step in range(180)]
        seen.update(type(event) for _, event, _ in grown(numbers))
    assert seen == set(h.EVENT_TYPES)


@pytest.mark.parametrize("kind", h.EVENT_TYPES, ids=lambda kind: kind.kind)
def test_nothing_but_a_start_happens_to_a_session_that_does_not_exist(kind: type[e.SessionEvent]) -> None:
    event = h.candidate(kind, SessionState(), h.first)
    expected = None if kind is e.SessionStarted else "There is no such session."
    assert refusal(SessionState(), event) == expected


# --- 50,000 steps ---

STEPS = 50_000


def cycle(state: SessionState, number: int) -> Iterator[e.SessionEvent]:
    """Nine steps of a busy session; at first always, later now and then, everything else that sessions have."""
    reads = [f"r{number}-{each}" for each in range(7)]
    yield h.model_intended(f"m{number}", task="t1")
    yield h.model_finished(f"m{number}", *reads, f"c{number}")
    for read in reads:
        yield h.tool_finished(read)
    yield h.tool_intended(f"c{number}", f"tree{number}")
    yield h.tool_finished(f"c{number}", f"tree{number + 1}")
    if number <= KEPT or number % 4 == 0:
        yield h.question(f"d{number}")
        yield h.answer(f"d{number}")
        yield h.checkpoint(number, green=number % 500 == 0)
        yield h.message()
        yield from rounds(state, number)


def rounds(state: SessionState, number: int) -> Iterator[e.SessionEvent]:
    """A task ends, a proposal is decided and applied, another request comes."""
    assert state.active is not None
    task = str(state.active)
    yield h.task_reported(task)
    yield h.gate_intended(f"g{number}", task)
    yield h.gate_finished(f"g{number}", task)
    yield h.critique(task)
    yield h.task_finished(task)
    hunk = f"h{number}"
    yield h.proposal_made(hunk)
    yield h.accepted(hunk)
    yield h.apply_intended(f"y{number}", hunk)
    yield e.ApplyFinished(apply_id=ApplyId(f"y{number}"), results=h.result(hunk, "on_disk"))
    yield h.message()
    yield h.renewed(number, replaced=f"tree{number + 1}")
    if number % 20 == 0:
        yield h.begun(f"t{number}")
    else:
        yield h.plan_proposed(f"t{number}")
        yield e.PlanApproved()
        yield e.PlanRevised(plan=h.plan(f"t{number}", f"u{number}"), reason="Finer.")
    yield h.task_started(f"t{number}")


def advance(state: SessionState, start: int, steps: int) -> tuple[SessionState, int]:
    """The fold over cycles until so many steps were taken, and the number of the next cycle."""
    number = start
    while state.spent.steps < steps or number % 20 != 1:
        for event in cycle(state, number):
            if number % 1_000 < 40:
                assert refusal(state, event) is None, (event.kind, refusal(state, event))
            state = evolve(state, h.envelope(event, version=state.version + 1))
        number += 1
    return state, number


def calls_made(state: SessionState, start: int) -> int:
    """Python and C function calls in the fold of twenty cycles: its operations, not its time."""
    log: list[Envelope[e.SessionEvent]] = []
    at = state
    for number in range(start, start + 20):
        for event in cycle(at, number):
            log.append(h.envelope(event, version=at.version + 1))
            at = evolve(at, log[-1])
    count = 0

    def seen(_frame: object, what: str, _argument: object) -> None:
        nonlocal count
        count += what in ("call", "c_call")

    sys.setprofile(seen)
    try:
        h.fold(log, state)
    finally:
        sys.setprofile(None)
    return count


def size_of(state: SessionState) -> int:
    """Bytes of memory that the state holds and shares with nothing else, as tracemalloc counts them."""
    bytes_ = pickle.dumps(state)
    gc.collect()
    tracemalloc.start()
    try:
        copy = pickle.loads(bytes_)  # noqa: S301 (our own bytes)
        size = tracemalloc.get_traced_memory()[0]
        assert copy == state
    finally:
        tracemalloc.stop()
    return size


def test_a_fold_of_50_000_steps_is_bounded_in_memory_and_linear() -> None:
    limits = Limits(steps=10 * STEPS, seconds=10 * STEPS)
    opening = [h.started(limits=limits), h.base(), h.begun("t0"), h.task_started("t0")]
    state = h.fold(h.envelope(event, version=number) for number, event in enumerate(opening, 1))
    early, number = advance(state, 1, 500)
    late, end = advance(early, number, STEPS)
    assert late.spent.steps >= STEPS
    assert size_of(late) <= 2 * size_of(early)
    assert calls_made(late, end) <= 1.05 * calls_made(early, number)
    assert len(late.checkpoints) == len(late.applies) == len(late.answered) == KEPT
    assert len(late.trace) <= KEPT_CALLS
