"""One session's log at the runner: whatever others append in between, both ends fold to the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain import histories as h
from tests.unit.domain.test_session_histories import Chooser
from tests.unit.hub.worlds import numbered
from tests.unit.runner.hubs import Served, served

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import RunnerId, SessionId, TaskId, session_stream
from draftsmith.domain.session import events as e
from draftsmith.domain.session.evolve import evolve
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import inline
from draftsmith.pipeline.session_log import LeaseLost, Superseded
from draftsmith.pipeline.transcript import Transcript
from draftsmith.runner.session_log import OUTCOMES, HubSessionLog
from draftsmith.runner.trees import Trees
from draftsmith.workspace.store import ObjectStore

OWN = tuple(
    kind
    for kind in h.EVENT_TYPES
    if kind
    not in (
        *(e.SessionStarted, e.BaseTaken, e.SessionTakenUp, e.SessionFinished, e.SessionStopped, e.SessionCancelled),
        *(e.SessionResumed, e.MessageReceived, e.DecisionTaken, e.PlanApproved, e.PlanRejected, e.HunksObserved),
        # These name snapshots, which `test_trees` sends for real.
        *(e.CheckpointTaken, e.DraftRestored, e.ProposalMade, e.ToolCallIntended),
    )
)
FOREIGN = (e.SessionCancelled, e.SessionStopped, e.SessionResumed, e.MessageReceived, e.DecisionTaken, e.PlanApproved)


class Bench:
    """A session, the hub's host of it, and the runner's log of it."""

    def __init__(self, there: Served, session_id: SessionId, fence: int, store: ObjectStore) -> None:
        self.there = there
        self.session_id = session_id
        self.transcript = Transcript()
        trees = Trees(there.channel, store, "w1")
        self.log = HubSessionLog(
            there.channel, trees, session_id, fence, self.transcript, lambda _step, _field, _text: None
        )
        self.untold: list[list[Envelope[e.SessionEvent]]] = []
        self.owed: set[str] = set()

    async def stored(self) -> list[Envelope[e.SessionEvent]]:
        found: list[Envelope[e.SessionEvent]] = []
        async for batch in self.there.world.store.read(session_stream(self.session_id)):
            found += cast("Sequence[Envelope[e.SessionEvent]]", batch)
        return found

    def stage(self, number: int) -> None:
        """An event of the runner's that the rules allow in what it knows; some of them are outcomes."""
        pick = Chooser(number)
        state = self.log.state
        fair = h.candidates(state, h.first)
        legal = [kind for kind in OWN if refusal(state, fair[kind]()) is None]
        if not legal:
            return
        kind = pick(legal)
        event = h.candidate(kind, state, pick)
        event = fair[kind]() if refusal(state, event) else event
        self.log.stage(event)

    async def foreign(self, number: int) -> None:
        """Another client's event; the runner is told of it later, or never."""
        pick = Chooser(number)
        host = await self.there.world.hub.host(self.session_id)
        fair = h.candidates(host.state, h.first)
        legal = [kind for kind in FOREIGN if refusal(host.state, fair[kind]()) is None]
        if not legal:
            return
        made = numbered(self.session_id, host.state.version, [fair[pick(legal)]()], client="cli")
        await host.append(made, ())
        self.untold.append(made)

    def tell(self, number: int) -> None:
        """One of the tellings that are under way arrives, in any order, perhaps twice."""
        if self.untold:
            place = number % len(self.untold)
            self.log.receive(self.untold[place])
            if number % 5:
                del self.untold[place]

    async def flush(self) -> None:
        owed = {id_of(event) for event in staged(self.log) if self._durably_begun(event)}
        try:
            await self.log.flush()
        except Superseded:
            await self.log.flush()
        landed = {id_of(one.event) for one in await self.stored()}
        assert owed <= landed, "the outcome of what has really happened was dropped"

    def _durably_begun(self, event: e.SessionEvent) -> bool:
        return isinstance(event, OUTCOMES) and refusal(durable(self.log), event) is None

    async def check(self) -> None:
        """The runner's fold is the hub's fold up to there, and its transcript is that of the same events."""
        stored = await self.stored()
        state = SessionState()
        transcript = Transcript()
        for one in stored[: self.log.state.version]:
            assert refusal(state, one.event) is None, "something illegal is in the log"
            state = evolve(state, one)
            transcript.apply(one)
        assert self.log.state == state
        assert said(self.transcript, state) == said(transcript, state)
        assert len({one.event_id for one in stored}) == len(stored), "an event landed twice"


def staged(log: HubSessionLog) -> list[e.SessionEvent]:
    return [one.event for one in log._staged]


def durable(log: HubSessionLog) -> SessionState:
    return log._durable


def id_of(event: e.SessionEvent) -> str:
    return f"{event.kind} {getattr(event, 'call_id', '')}"


def said(transcript: Transcript, state: SessionState) -> list[object]:
    tasks = [None, *(task.task.task_id for task in state.tasks)]
    return [
        *(list(transcript.lines(role, task)) for role in ("plan", "code", "critique") for task in tasks),
        *(transcript.said_before(task) for task in tasks if task is not None),
        transcript.played(),
    ]


Shared = tuple[asyncio.Runner, Served, ObjectStore]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with asyncio.Runner() as runner:
        folder = tmp_path_factory.mktemp("hub")
        opening = served(folder)
        there = runner.run(opening.__aenter__())
        yield runner, there, ObjectStore.open(folder / "runner.git")
        runner.run(opening.__aexit__(None, None, None))


async def bench(there: Served, store: ObjectStore) -> Bench:
    session_id = await there.world.started(autonomy="ask")
    made = Bench(there, session_id, there.lease(session_id), store)
    await made.log.open()
    return made


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("stage", "stage", "stage", "foreign", "tell", "flush", "discard")), st.integers(0, 2**20)
    ),
    min_size=10,
    max_size=50,
)


@settings(max_examples=80)
@given(moves=MOVES)
def test_both_ends_fold_to_the_same_whatever_others_append(shared: Shared, moves: list[tuple[str, int]]) -> None:
    runner, there, store = shared

    async def run() -> None:
        made = await bench(there, store)
        for what, number in moves:
            match what:
                case "stage":
                    made.stage(number)
                case "foreign":
                    await made.foreign(number)
                case "tell":
                    made.tell(number)
                case "discard":
                    made.log.discard()
                case _:
                    await made.flush()
                    await made.check()
        await made.flush()
        await made.check()
        if not made.log.state.over:
            assert not made.log.interrupted.is_set(), "work that is wanted again would be broken off at once"

    runner.run(run())


def test_outcomes_survive_a_cancel_and_intents_do_not(shared: Shared) -> None:
    runner, there, store = shared

    async def run() -> None:
        made = await bench(there, store)
        made.log.stage(h.begun(), h.task_started(), h.model_intended("m1", task="t1"))
        await made.log.flush()
        host = await there.world.hub.host(made.session_id)
        await host.append(numbered(made.session_id, host.state.version, [e.SessionCancelled()], client="cli"), ())
        # The first of these is no longer wanted, the second has happened, the third must not happen.
        stalled = e.StallNoticed(task_id=TaskId("t1"), description="Again.")
        made.log.stage(stalled, h.model_finished("m1"), h.model_intended("m2", task="t1"))
        with pytest.raises(Superseded):
            await made.log.flush()
        kinds = [one.event.kind for one in await made.stored()][-2:]
        assert kinds == [e.SessionCancelled().kind, h.model_finished("m1").kind]
        await made.check()

    runner.run(run())


def test_a_session_that_was_cancelled_and_resumed_is_worked_on_again(shared: Shared) -> None:
    runner, there, store = shared

    async def run() -> None:
        made = await bench(there, store)
        host = await there.world.hub.host(made.session_id)
        events = numbered(made.session_id, host.state.version, [e.SessionCancelled(), h.resumed()], client="cli")
        await host.append(events, ())
        made.log.receive(events[:1])
        assert made.log.interrupted.is_set()
        made.log.receive(events[1:])
        await made.log.flush()
        assert not made.log.interrupted.is_set()

    runner.run(run())


def test_events_told_in_another_order_are_folded_in_theirs(shared: Shared) -> None:
    runner, there, store = shared

    async def run() -> None:
        made = await bench(there, store)
        host = await there.world.hub.host(made.session_id)
        says = [e.MessageReceived(text=inline(word)) for word in ("one", "two", "three")]
        events = numbered(made.session_id, host.state.version, says, client="cli")
        await host.append(events, ())
        for place in (1, 0, 2):
            made.log.receive([events[place]])
        await made.log.flush()
        assert made.log.state == host.state
        await made.check()

    runner.run(run())


def test_events_told_with_one_missing_are_read_from_the_hub(shared: Shared) -> None:
    runner, there, store = shared

    async def run() -> None:
        made = await bench(there, store)
        host = await there.world.hub.host(made.session_id)
        says = [e.MessageReceived(text=inline(word)) for word in ("one", "two", "three")]
        events = numbered(made.session_id, host.state.version, says, client="cli")
        await host.append(events, ())
        made.log.receive([events[0], events[2]])
        async with asyncio.timeout(10):
            await made.log.wait()
        assert made.log.state.unread_messages == 3
        await made.check()

    runner.run(run())


def test_a_runner_whose_lease_is_another_s_may_not_append(shared: Shared) -> None:
    runner, there, store = shared

    async def run() -> None:
        stale = await bench(there, store)
        leases = there.world.hub.leases
        holder = leases.holder(stale.session_id)
        assert holder is not None
        leases.leave(holder)
        fence = there.lease(stale.session_id)
        fresh = Bench(there, stale.session_id, fence, store)
        await fresh.log.open()
        fresh.log.stage(e.SessionTakenUp(runner_id=RunnerId("r2"), fence=fence), h.begun())
        await fresh.log.flush()
        stale.log.stage(h.begun("t9"))
        with pytest.raises(LeaseLost):
            await stale.log.flush()
        assert stale.log.interrupted.is_set()
        with pytest.raises(LeaseLost):
            await stale.log.wait()
        tasks = [one.event.task_id for one in await fresh.stored() if isinstance(one.event, e.WorkBegun)]
        assert tasks == ["t1"]

    runner.run(run())


def test_a_refused_append_takes_everything_staged_back(shared: Shared) -> None:
    runner, there, store = shared

    async def run() -> None:
        made = await bench(there, store)
        limits = h.Limits(nano_usd=5)
        host = await there.world.hub.host(made.session_id)
        stopped = [h.stopped(), e.SessionResumed(limits=limits, model="m")]
        await host.append(numbered(made.session_id, host.state.version, stopped, client="cli"), ())
        before = durable(made.log).version
        # Staged on a state that does not know the new budget: the hub's ledger refuses, whatever the runner counted.
        made.log.stage(h.begun(), h.task_started(), h.model_intended("m1", task="t1", reserved=10))
        with pytest.raises((Superseded, AdapterError)):
            await made.log.flush()
        kinds = {one.event.kind for one in await made.stored()}
        assert h.model_intended().kind not in kinds
        assert made.log.state.version > before
        await made.check()

    runner.run(run())
