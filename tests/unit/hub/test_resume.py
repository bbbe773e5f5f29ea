"""What clients hold is what the hub has: live, after cuts, after restarts, when they were too slow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
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


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def small_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that examples fall out of them often."""
    monkeypatch.setattr(fanout, "QUEUE_LIMIT", 5)
    monkeypatch.setattr(fanout, "KEPT_UPDATES", 6)


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
        st.sampled_from(("grow", "grow", "grow", "stream", "stream", "read", "cut", "connect", "restart")),
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


@settings(max_examples=120)
@given(steps=STEPS)
def test_clients_that_were_cut_off_end_with_the_state_of_the_hub(
    small_queues: None, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    async def run() -> None:
        async with world(tmp_path_factory.mktemp("hub")) as there:
            await live(there, steps)

    asyncio.run(run())
