"""What connections are told that belongs to no one session: each thing once, a session at most twice a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import SessionId
from draftsmith.hub.watching import PAUSE_S, News, Watch, Watching

A, B = SessionId("s_a"), SessionId("s_b")
WAIT_S = 20.0


class Clock:
    """Told by the test, so that no pause is waited for."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def watch(clock: Callable[[], float]) -> Watch:
    return Watch("local", set(), clock)


async def taken(one: Watch) -> News:
    async with asyncio.timeout(WAIT_S):
        return await one.take()


async def nothing(one: Watch) -> bool:
    """Whether it waits: a turn of the loop is enough for what may be told."""
    task = asyncio.create_task(one.take())
    for _ in range(5):
        await asyncio.sleep(0)
    waits = not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return waits


async def test_a_session_that_changes_often_waits_once() -> None:
    one = watch(Clock())
    for _ in range(1_000):
        one.session(A)
        one.session(B)
        one.changed("models")
    assert await taken(one) == News(sessions=(A, B), what=("models",))
    assert await nothing(one)


async def test_the_next_line_of_a_session_waits_for_the_pause_and_another_session_does_not() -> None:
    clock = Clock()
    one = watch(clock)
    one.session(A)
    await taken(one)
    one.session(A)
    assert await nothing(one)
    one.session(B)
    assert (await taken(one)).sessions == (B,)
    clock.now += PAUSE_S
    assert (await taken(one)).sessions == (A,)


async def test_after_a_quiet_time_it_is_told_at_once() -> None:
    clock = Clock()
    one = watch(clock)
    one.session(A)
    await taken(one)
    clock.now += 10 * PAUSE_S
    one.session(A)
    assert (await taken(one)).sessions == (A,)


async def test_who_waits_is_woken_by_the_end_of_a_pause_and_by_news() -> None:
    one = watch(asyncio.get_running_loop().time)
    one.session(A)
    await taken(one)
    one.session(A)
    assert (await taken(one)).sessions == (A,)
    waiting = asyncio.create_task(taken(one))
    await asyncio.sleep(0)
    one.changed("rules")
    assert (await waiting).what == ("rules",)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, PAUSE_S)), min_size=1, max_size=40))
def test_no_session_is_told_of_twice_within_the_pause_and_the_last_change_is_told(
    changes: list[tuple[str, float]],
) -> None:
    async def go() -> None:
        clock = Clock()
        one = watch(clock)
        told: dict[SessionId, list[float]] = {}
        changed: dict[SessionId, float] = {}

        async def hear() -> None:
            while True:
                for name in (await one.take()).sessions:
                    told.setdefault(name, []).append(clock.now)

        hearing = asyncio.create_task(hear())
        for name, pause in [*changes, ("", PAUSE_S)]:
            if name:
                one.session(SessionId(name))
                changed[SessionId(name)] = clock.now
            await asyncio.sleep(0)
            clock.now += pause
            one.changed("models")
            for _ in range(4):
                await asyncio.sleep(0)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        for name, at in changed.items():
            assert told[name][-1] >= at
        for times in told.values():
            assert all(later - earlier >= PAUSE_S - 1e-9 for earlier, later in pairwise(times))

    asyncio.run(go())


async def test_what_one_user_prefers_is_told_to_that_user_only_and_models_to_everybody() -> None:
    watching = Watching()
    ada, ada_too, bob = (watching.watch(name) for name in ("ada", "ada", "bob"))
    watching.changed("preferences", user="ada")
    assert [(await taken(one)).what for one in (ada, ada_too)] == [("preferences",)] * 2
    assert await nothing(bob)
    watching.changed("models")
    assert (await taken(bob)).what == ("models",)


async def test_who_left_is_told_nothing_more_and_may_leave_twice() -> None:
    watching = Watching()
    one, other = watching.watch("ada"), watching.watch("ada")
    one.close()
    one.close()
    watching.session(A)
    assert (await taken(other)).sessions == (A,)
    assert await nothing(one)
