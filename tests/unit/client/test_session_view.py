from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.client.connection import HubConnection
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.client.held import Change
from draftsmith.client.session_view import Interrupted, Reconnected, SessionView
from draftsmith.domain.errors import UserError
from unit.client.scripted_hub import Refused, ScriptedHub, until
from unit.client.world import SESSION, World, step

TIMEOUT = 10


def view_of(hub: ScriptedHub, *, patience: float = 5) -> SessionView:
    async def connect(_: HubLost | None) -> HubConnection | None:
        return await HubConnection.open(hub.endpoint, client="test")

    return SessionView(SESSION, connect, patience=patience)


async def until_equal(view: SessionView, world: World) -> None:
    def equal() -> bool:
        shown = {(one["kind"], one["id"]): one for one in view.held}
        return shown == world.entities and view.held.seq == world.seq

    await until(equal)


async def consume(view: SessionView, seen: list[object] | None = None) -> None:
    async for change in view.changes():
        if seen is not None:
            seen.append(change)


async def test_update_that_was_lost_on_the_way_is_asked_for_again() -> None:
    hub = ScriptedHub()
    view = view_of(hub)
    async with hub.running(), asyncio.timeout(TIMEOUT):
        watching = asyncio.create_task(consume(view))
        await until_equal(view, hub.world)
        hub.world.put(step("a", 1, 0))
        await hub.send(hub.world.put(step("b", 2, 0)))
        await until_equal(view, hub.world)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    attaches = [params for method, params in hub.calls if method == "session/attach"]
    assert [params["seq"] for params in attaches] == [None, 0]


async def test_text_that_does_not_fit_is_fetched_whole() -> None:
    hub = ScriptedHub()
    hub.world.put(step("a", 1, 0, "abc"))
    view = view_of(hub)
    async with hub.running(), asyncio.timeout(TIMEOUT):
        watching = asyncio.create_task(consume(view))
        await until_equal(view, hub.world)
        hub.world.entities[("step", "a")]["text"] = "abcde"
        await hub.send(hub.world.append("a", "fg"))
        await until_equal(view, hub.world)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    assert "entity/get" in [method for method, _ in hub.calls]


async def test_lost_connection_is_told_and_mended() -> None:
    hub = ScriptedHub()
    view = view_of(hub)
    seen: list[object] = []
    async with hub.running(), asyncio.timeout(TIMEOUT):
        watching = asyncio.create_task(consume(view, seen))
        await until_equal(view, hub.world)
        await hub.cut()
        await hub.send(hub.world.put(step("a", 1, 0)))
        await until_equal(view, hub.world)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    kinds = [type(one) for one in seen]
    assert kinds == [Change, Interrupted, Reconnected, Change]


async def test_unknown_session_is_an_error_and_not_retried() -> None:
    hub = ScriptedHub()

    def refuse(_: object) -> object:
        raise Refused(-32000, "There is no session s_1.", "unknown_session")

    hub.answers["session/attach"] = refuse
    async with hub.running(), asyncio.timeout(TIMEOUT):
        with pytest.raises(UserError):
            await consume(view_of(hub))
    assert [method for method, _ in hub.calls].count("session/attach") == 1


async def test_view_gives_up_when_no_hub_comes_back() -> None:
    hub = ScriptedHub()
    async with hub.running():
        pass
    with pytest.raises(HubUnavailable):
        async with asyncio.timeout(TIMEOUT):
            await consume(view_of(hub, patience=0.2))


async def test_hub_that_stopped_in_order_and_stays_away_ends_the_view() -> None:
    hub = ScriptedHub()
    stopped = asyncio.Event()

    async def connect(_: HubLost | None) -> HubConnection | None:
        return None if stopped.is_set() else await HubConnection.open(hub.endpoint, client="test")

    view = SessionView(SESSION, connect, patience=0.2)
    async with hub.running(), asyncio.timeout(TIMEOUT):
        watching = asyncio.create_task(consume(view))
        await until_equal(view, hub.world)
        stopped.set()
        await next(iter(hub.sockets)).close(1012)
        with pytest.raises(HubUnavailable) as gone:
            await watching
    assert gone.value.message == "The hub stopped."


async def test_leaving_closes_the_connection() -> None:
    hub = ScriptedHub()
    view = view_of(hub)
    async with hub.running(), asyncio.timeout(TIMEOUT):
        changes = view.changes()
        await anext(changes)
        await changes.aclose()  # pyright: ignore[reportAttributeAccessIssue] (it is an async generator)
        await until(lambda: not hub.sockets)


@given(
    script=st.lists(
        st.sampled_from(["put", "put", "append", "append", "remove", "lose", "cut", "restart", "pause"]), max_size=30
    ),
    kept=st.integers(0, 8),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=25, deadline=None)
async def test_client_cut_off_at_random_ends_with_the_hubs_state(script: list[str], kept: int, seed: int) -> None:
    hub = ScriptedHub(World(kept=kept))
    view, dice = view_of(hub), random.Random(seed)  # noqa: S311  a seed that repeats
    async with asyncio.timeout(TIMEOUT):
        async with hub.running():
            watching = asyncio.create_task(consume(view))
            for action in script:
                await play(hub, action, dice)
            await until(lambda: bool(hub.attached))
            await hub.send(hub.world.put(step("last", 99, 0)))
            await until_equal(view, hub.world)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def play(hub: ScriptedHub, action: str, dice: random.Random) -> None:
    world, name = hub.world, f"s{dice.randrange(4)}"
    match action:
        case "put":
            await hub.send(world.put(step(name, dice.randrange(9), 0)))
        case "append" if ("step", name) in world.entities:
            await hub.send(world.append(name, "text "))
        case "remove":
            await hub.send(world.remove("step", name))
        case "lose":
            world.put(step(name, 1, 0))
        case "cut":
            await hub.cut()
        case "restart":
            await hub.cut()
            world.restart()
        case _:
            await asyncio.sleep(0.003)
