"""What clients hold is what the hub has: live, after cuts, after restarts, when they were too slow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain import histories as h
from tests.unit.domain.test_session_histories import Chooser
from tests.unit.hub.worlds import Client, World, world

from draftsmith.client.held import STEPS_HELD, HeldSession
from draftsmith.domain.ids import SessionId
from draftsmith.domain.session import events as e
from draftsmith.domain.session.rules import refusal
from draftsmith.hub import fanout

WORK = tuple(kind for kind in h.EVENT_TYPES if kind not in (e.SessionFinished, e.SessionStarted))
PIECES = ("a", "é", "😀", "x😀y", "line\n", "𝔘𝔫𝔦")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, World]]:
    """One store for all examples, each of which has a session of its own. Queues are so small that examples fall out
    of them often."""
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setattr(fanout, "QUEUE_LIMIT", 5)
        patch.setattr(fanout, "KEPT_UPDATES", 6)
        opening = world(tmp_path_factory.mktemp("hub"))
        made = runner.run(opening.__aenter__())
        yield runner, made
        runner.run(opening.__aexit__(None, None, None))


def content(held: HeldSession) -> dict[tuple[str, str], Any]:
    return {(entity["kind"], entity["id"]): entity for entity in held}


async def grow(there: World, session_id: SessionId, number: int) -> None:
    """One legal event, chosen by the digits of `number`."""
    pick = Chooser(number)
    state = (await there.hub.host(session_id)).state
    fair = h.candidates(state, h.first)
    legal = [kind for kind in WORK if refusal(state, fair[kind]()) is None]
    kind = pick(legal)
    event = h.candidate(kind, state, pick)
    await there.append(session_id, fair[kind]() if refusal(state, event) else event)


async def stream(there: World, session_id: SessionId, number: int) -> None:
    """Streamed text of whatever runs."""
    host = await there.hub.host(session_id)
    if host.state.model_call is not None:
        pick = Chooser(number)
        host.stream_text(host.state.model_call.call_id, [(pick(("text", "reasoning")), pick(PIECES))])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("grow", "grow", "grow", "stream", "both", "both", "read", "cut", "connect", "restart")),
        st.integers(0, 1),
        st.integers(0, 2**20),
    ),
    min_size=20,
    max_size=70,
)


async def live(there: World, steps: list[tuple[str, int, int]]) -> None:
    session_id = await there.started()
    clients = [Client(there, session_id), Client(there, session_id, room=2)]
    for what, which, number in steps:
        client = clients[which]
        match what:
            case "grow":
                await grow(there, session_id, number)
            case "stream":
                await stream(there, session_id, number)
            case "both":
                growing = asyncio.create_task(grow(there, session_id, number))
                for _ in range(number % 4):
                    await asyncio.sleep(0)
                await stream(there, session_id, number)
                await growing
            case "read" if client.connected:
                await client.read(number % 7)
            case "cut":
                await client.cut()
            case "connect" if not client.connected:
                await client.connect()
            case "restart":
                for one in clients:
                    await one.cut()
                await there.restart()
    await settle(there, session_id, clients)
    numbers = [params["seq"] for client in clients for method, params in client.notified if method == "session/update"]
    assert all(number > 0 for number in numbers)


async def settle(there: World, session_id: SessionId, clients: list[Client]) -> None:
    """Everybody comes back and reads on; all hold what a newcomer is given, and what the hub has."""
    host = await there.hub.host(session_id)
    for client in clients:
        if not client.connected:
            await client.connect()
        await client.read_until(host.fanout.seq)
    newcomer = Client(there, session_id)
    await newcomer.connect()
    whole = content(newcomer.held)
    for client in clients:
        assert (client.held.epoch, client.held.seq) == (host.fanout.epoch, host.fanout.seq)
        assert content(client.held) == whole
    for client in (*clients, newcomer):
        await client.cut()
    assert host.fanout.watchers == 0, "the hub still fills the queue of a client that is gone"


@settings(max_examples=60)
@given(steps=STEPS)
def test_clients_that_were_cut_off_end_with_the_state_of_the_hub(
    there: tuple[asyncio.Runner, World], steps: list[tuple[str, int, int]]
) -> None:
    runner, made = there
    runner.run(live(made, steps))


async def watched(made: World, *, room: int = 4) -> tuple[SessionId, Client]:
    session_id = await made.started()
    client = Client(made, session_id, room=room)
    await client.connect()
    return session_id, client


def test_two_clients_of_one_session_hold_the_same(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, one = await watched(made)
        other = Client(made, session_id)
        await other.connect()
        await made.append(session_id, h.begun(), h.task_started(), h.model_intended("m1", task="t1"))
        await made.append(session_id, h.question())
        host = await made.hub.host(session_id)
        host.stream_text("m1", [("text", "Thus ")])
        for client in (one, other):
            await client.read_until(host.fanout.seq)
        assert content(one.held) == content(other.held)
        assert content(one.held)["step", "m1"]["text"] == "Thus "
        assert content(one.held)["decision", "d1"]["state"] == "open"
        await one.cut()
        await other.cut()

    there[0].run(run(there[1]))


def test_a_returning_client_gets_only_what_it_missed(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made)
        await client.cut()
        before = client.held.seq
        await made.append(session_id, h.begun())
        await made.append(session_id, h.task_started())
        client.held.replace = lambda _snapshot: pytest.fail("a snapshot was sent")  # pyright: ignore[reportAttributeAccessIssue] (only this test)
        await client.connect()
        assert client.held.seq == (before or 0) + 2
        await client.cut()

    there[0].run(run(there[1]))


@pytest.mark.parametrize("epoch_changes", [True, False])
def test_an_evicted_number_or_a_foreign_epoch_gets_a_snapshot(
    there: tuple[asyncio.Runner, World], epoch_changes: bool
) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made)
        await client.cut()
        for number in range(1 if epoch_changes else fanout.KEPT_UPDATES + 1):
            await made.append(session_id, h.checkpoint(number))
        if epoch_changes:
            await made.restart()
        epoch = client.held.epoch
        await client.connect()
        host = await made.hub.host(session_id)
        assert (client.held.epoch, client.held.seq) == (host.fanout.epoch, host.fanout.seq)
        assert (client.held.epoch == epoch) is not epoch_changes
        assert ("checkpoint", "k0") in content(client.held)
        await client.cut()

    there[0].run(run(there[1]))


def test_a_number_of_the_future_gets_a_snapshot(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made)
        await client.cut()
        client.held.seq = 1_000_000
        await client.connect()
        host = await made.hub.host(session_id)
        assert client.held.seq == host.fanout.seq
        await client.cut()

    there[0].run(run(there[1]))


def test_a_client_that_does_not_read_is_not_waited_for_and_gets_a_snapshot(
    there: tuple[asyncio.Runner, World],
) -> None:
    async def run(made: World) -> None:
        session_id, slow = await watched(made, room=1)
        host = await made.hub.host(session_id)
        for number in range(50):
            await made.append(session_id, h.checkpoint(number))
            assert host.fanout.watchers == 1
        await slow.read_until(host.fanout.seq)
        methods = [method for method, _ in slow.notified]
        assert "session/snapshot" in methods
        assert len(methods) < 50, "every update was kept for it"
        assert ("checkpoint", "k49") in content(slow.held)
        await slow.cut()

    there[0].run(run(there[1]))


def test_numbers_of_updates_have_no_gap(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made, room=100)
        first = client.held.seq or 0
        await made.append(session_id, h.begun(), h.task_started(), h.model_intended("m1", task="t1"))
        host = await made.hub.host(session_id)
        for piece in PIECES:
            host.stream_text("m1", [("text", piece)])
            await client.read_until(host.fanout.seq)
        numbers = [params["seq"] for _, params in client.notified]
        assert numbers == list(range(first + 1, first + 2 + len(PIECES)))
        await client.cut()

    there[0].run(run(there[1]))


def test_offsets_of_streamed_text_count_utf16_code_units(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made, room=100)
        await made.append(session_id, h.begun(), h.task_started(), h.model_intended("m1", task="t1"))
        host = await made.hub.host(session_id)
        for piece in ("a😀", "é", "b"):
            host.stream_text("m1", [("text", piece)])
            await client.read_until(host.fanout.seq)
        offsets = [params["appends"][0]["offset"] for _, params in client.notified if params["appends"]]
        assert offsets == [0, 3, 4]
        assert content(client.held)["step", "m1"]["text"] == "a😀éb"
        await client.cut()

    there[0].run(run(there[1]))


def test_a_snapshot_has_the_last_steps_only_and_older_ones_come_by_page(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id = await made.started()
        await made.append(session_id, h.begun(), h.task_started())
        for number in range(70):
            names = (f"m{number}", f"c{number}")
            await made.append(session_id, h.model_intended(names[0], task="t1"), h.model_finished(*names))
            await made.append(session_id, h.tool_finished(names[1]))
        client = Client(made, session_id)
        await client.connect()
        steps = [entity for entity in client.held if entity["kind"] == "step"]
        assert len(steps) == STEPS_HELD
        assert client.held.more_steps
        oldest = min(step["ordinal"] for step in steps)
        page = await client.call("steps/list", {"session_id": session_id, "before": oldest, "limit": 500})
        assert len(page["steps"]) == 40
        assert not page["more"]
        await client.cut()

    there[0].run(run(there[1]))


def test_a_call_that_outlives_its_connection_leaves_no_subscription(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made)
        host = await made.hub.host(session_id)
        await client.send(
            {"jsonrpc": "2.0", "id": 99, "method": "session/attach", "params": {"session_id": session_id}}
        )
        await client.cut()
        async with asyncio.timeout(5):
            while host.fanout.watchers:  # noqa: ASYNC110 (what is waited for has no event)
                await asyncio.sleep(0.01)

    there[0].run(run(there[1]))


def test_text_that_streams_while_an_event_is_written_is_kept(there: tuple[asyncio.Runner, World]) -> None:
    async def run(made: World) -> None:
        session_id, client = await watched(made, room=100)
        await made.append(session_id, h.begun(), h.task_started(), h.model_intended("m1", task="t1"))
        host = await made.hub.host(session_id)
        writing = asyncio.create_task(made.append(session_id, h.message()))
        pieces = 0
        while not writing.done():
            host.stream_text("m1", [("text", "x")])
            pieces += 1
            await asyncio.sleep(0)
        host.stream_text("m1", [("text", "end")])
        await client.read_until(host.fanout.seq)
        newcomer = Client(made, session_id)
        await newcomer.connect()
        text = content(newcomer.held)["step", "m1"]["text"]
        assert text == "x" * pieces + "end"
        assert content(client.held)["step", "m1"]["text"] == text
        await client.cut()
        await newcomer.cut()

    there[0].run(run(there[1]))
