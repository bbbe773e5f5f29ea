"""Which runner works on which session: one at a time, as many as it takes, and never again under an old fence."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import RunnerId, SessionId, WorkspaceId
from draftsmith.hub import leases as module
from draftsmith.hub.leases import ConnectedRunner, Leases
from draftsmith.protocol.generated import runner_pb2 as wire

W = WorkspaceId("w1")


def runner(name: str, capacity: int = 2) -> ConnectedRunner:
    return ConnectedRunner(runner_id=RunnerId(name), pid=1, capacity=capacity)


def leases() -> Leases:
    return Leases(lambda _session_id: 1)


def told(one: ConnectedRunner) -> list[wire.Lease]:
    found: list[wire.Lease] = []
    while not one.outbox.empty():
        message = one.outbox.get_nowait()
        if message.WhichOneof("message") == "lease":
            found.append(message.lease)
    return found


def test_a_session_waits_for_a_runner_with_room_and_comes_in_order() -> None:
    held = leases()
    for number in range(3):
        held.offer(SessionId(f"s{number}"), W)
    one = runner("r1", capacity=2)
    held.join(one)
    assert [lease.session_id for lease in told(one)] == ["s0", "s1"]
    assert held.release(SessionId("s0"), one.sessions[SessionId("s0")])
    assert [lease.session_id for lease in told(one)] == ["s2"]


def test_the_runner_with_the_fewest_sessions_gets_the_next() -> None:
    held = leases()
    one, two = runner("r1", capacity=9), runner("r2", capacity=9)
    held.join(one)
    held.join(two)
    for number in range(6):
        held.offer(SessionId(f"s{number}"), W)
    assert (len(one.sessions), len(two.sessions)) == (3, 3)


def test_a_session_of_a_lost_runner_is_leased_anew_with_a_higher_fence() -> None:
    held = leases()
    one, two = runner("r1"), runner("r2")
    held.join(one)
    held.offer(SessionId("s1"), W)
    first = one.sessions[SessionId("s1")]
    assert held.leave(one) == ["s1"]
    held.offer(SessionId("s1"), W)
    held.join(two)
    second = two.sessions[SessionId("s1")]
    assert second > first
    assert not held.holds(SessionId("s1"), first)
    assert held.holds(SessionId("s1"), second)
    assert not held.release(SessionId("s1"), first), "a lost runner gave another's lease back"


def test_a_session_that_is_held_or_waits_is_not_offered_twice() -> None:
    held = leases()
    for _ in range(3):
        held.offer(SessionId("s1"), W)
    one = runner("r1")
    held.join(one)
    held.offer(SessionId("s1"), W)
    assert len(told(one)) == 1


def test_a_runner_that_reads_nothing_is_given_up() -> None:
    one = runner("r1")
    for _ in range(module.OUTBOX_LIMIT + 1):
        one.send(wire.HubMessage(drain=wire.Drain()))
    assert one.lost.is_set()
    assert one.outbox.qsize() == module.OUTBOX_LIMIT


def test_a_session_that_is_given_back_as_it_was_waits_longer_each_time_until_something_is_done() -> None:
    pauses, session_id = module.Pauses(), SessionId("s1")
    waited: list[float] = []
    for _ in range(10):
        pauses.leased(session_id, 7)
        waited.append(pauses.after(session_id, 8))
    assert waited[:3] == [0.5, 1.0, 2.0]
    assert waited[-1] == module.LONGEST_PAUSE_SECONDS
    pauses.leased(session_id, 7)
    assert pauses.after(session_id, 9) == 0.0
    pauses.leased(session_id, 9)
    assert pauses.after(session_id, 9) == 0.5


MOVES = st.lists(
    st.tuples(st.sampled_from(("offer", "join", "leave", "release")), st.integers(0, 5)), min_size=5, max_size=60
)


@given(moves=MOVES)
def test_no_session_has_two_runners_and_fences_only_grow(moves: list[tuple[str, int]]) -> None:
    held = leases()
    runners = [runner(f"r{number}", capacity=1 + number % 3) for number in range(4)]
    fences: Counter[str] = Counter()
    for what, number in moves:
        one = runners[number % 4]
        match what:
            case "offer":
                held.offer(SessionId(f"s{number}"), W)
            case "join" if one.runner_id not in held.runners:
                held.join(one)
            case "leave":
                for session_id in held.leave(one):
                    held.offer(session_id, W)
            case "release" if one.sessions:
                session_id, fence = next(iter(one.sessions.items()))
                assert held.release(session_id, fence)
        holders = Counter(session_id for one in runners for session_id in one.sessions)
        assert max(holders.values(), default=1) == 1
        assert all(len(one.sessions) <= one.capacity for one in runners)
        for one in runners:
            for lease in told(one):
                assert lease.fence > fences[lease.session_id]
                fences[lease.session_id] = lease.fence
