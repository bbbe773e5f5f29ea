from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from draftsmith.client.connection import INBOX_CAPACITY, MAX_FRAME, HubConnection
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.client.inbox import Inbox, Notified, Overflowed
from draftsmith.client.messages import Empty, StatusResult
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.protocol import jsonrpc
from unit.client.scripted_hub import Refused, ScriptedHub
from unit.client.world import step


def test_frame_limit_is_the_protocols() -> None:
    assert MAX_FRAME == jsonrpc.MAX_FRAME


async def test_calls_under_way_at_once_get_their_own_answers() -> None:
    hub = ScriptedHub()
    release = asyncio.Event()

    async def slow(params: dict[str, Any]) -> Any:
        return {"slow": params["n"]}

    hub.answers["hub/status"] = slow
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        release.set()
        answers = await asyncio.gather(*(connection.call("hub/status", {"n": n}, dict[str, int]) for n in range(20)))
    assert [answer["slow"] for answer in answers] == list(range(20))


async def test_wrong_token_is_said_with_its_remedy() -> None:
    hub = ScriptedHub()
    async with hub.running():
        wrong = dataclasses.replace(hub.endpoint, token="guessed")
        with pytest.raises(UserError) as refused:
            await HubConnection.open(wrong, client="test")
    assert (refused.value.code, refused.value.remedy) == ("wrong_token", "Do it right.")


async def test_nobody_there_is_unavailable() -> None:
    hub = ScriptedHub()
    async with hub.running():
        endpoint = hub.endpoint
    with pytest.raises(HubUnavailable):
        await HubConnection.open(endpoint, client="test")


async def test_program_that_is_no_hub_is_unavailable() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        endpoint = dataclasses.replace(ScriptedHub().endpoint, websocket_port=server.sockets[0].getsockname()[1])
        with pytest.raises(HubUnavailable):
            await HubConnection.open(endpoint, client="test")


async def test_program_that_never_answers_is_given_up() -> None:
    silent = asyncio.Event()

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    try:
        endpoint = dataclasses.replace(ScriptedHub().endpoint, websocket_port=server.sockets[0].getsockname()[1])
        with pytest.raises(HubUnavailable):
            await HubConnection.open(endpoint, client="test", within=0.2)
    finally:
        silent.set()
        server.close()


@pytest.mark.parametrize("frame", ["not json", "[]", "7", '"text"', b"\x00\xff", "[" * 5_000])
async def test_garbage_from_the_hub_ends_the_connection_with_words(frame: str | bytes) -> None:
    async def garble(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(frame)
        await socket.wait_closed()

    async with serve(garble, "127.0.0.1", 0) as server:
        endpoint = dataclasses.replace(
            ScriptedHub().endpoint, websocket_port=next(iter(server.sockets)).getsockname()[1]
        )
        with pytest.raises(HubLost):
            await HubConnection.open(endpoint, client="test", within=2)


async def test_frame_above_the_limit_ends_the_connection() -> None:
    hub = ScriptedHub()
    hub.answers["hub/status"] = lambda _: {"text": "x" * (MAX_FRAME + 1)}
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        with pytest.raises(HubLost):
            await connection.call("hub/status", {}, StatusResult)


async def test_message_above_the_limit_is_refused_before_it_is_sent() -> None:
    hub = ScriptedHub()
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        with pytest.raises(UserError) as refused:
            await connection.call("session/message", {"text": "x" * MAX_FRAME}, Empty)
        assert refused.value.code == "message_too_long"
        assert [method for method, _ in hub.calls] == ["hello"]


async def test_late_answer_is_a_timeout_and_the_connection_lives_on() -> None:
    hub = ScriptedHub()
    late = asyncio.Event()

    async def wait(_: dict[str, Any]) -> Any:
        await late.wait()
        return {}

    hub.answers["hub/status"] = wait
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        with pytest.raises(AdapterError) as given_up:
            await connection.call("hub/status", {}, StatusResult, within=0.1)
        assert given_up.value.code == "hub_timeout"
        late.set()
        assert await connection.call("session/detach", {}, Empty) == {}


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [
        (-32000, "illegal_command", UserError),
        (-32000, "disk_full", AdapterError),
        (-32603, "internal", AdapterError),
        (-32602, "invalid_params", AdapterError),
    ],
)
async def test_errors_say_who_has_to_act(number: int, code: str, kind: type[Exception]) -> None:
    hub = ScriptedHub()

    def refuse(_: dict[str, Any]) -> Any:
        raise Refused(number, "No.", code)

    hub.answers["hub/status"] = refuse
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        with pytest.raises(kind) as refused:
            await connection.call("hub/status", {}, StatusResult)
    assert getattr(refused.value, "code", "") == code


async def test_hub_that_stops_in_order_is_told_from_one_that_vanished() -> None:
    for how, expected in (("close", True), ("cut", False)):
        hub = ScriptedHub()
        async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
            if how == "cut":
                await hub.cut()
            else:
                await next(iter(hub.sockets)).close(1012)
            with pytest.raises(HubLost) as lost:
                await connection.next_notification()
            assert lost.value.stopping is expected
            with pytest.raises(HubLost):
                await connection.call("hub/status", {}, StatusResult)


async def test_flood_of_notifications_is_bounded_and_told_as_a_gap() -> None:
    hub = ScriptedHub()
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        await connection.call("session/attach", {}, dict[str, Any])
        for number in range(INBOX_CAPACITY + 5):
            await hub.send(hub.world.put(step("a", number, 0)))
        await connection.call("session/detach", {}, Empty)
        assert isinstance(await connection.next_notification(), Overflowed)
        left = 0
        while isinstance(await asyncio.wait_for(connection.next_notification(), 5), Notified):
            left += 1
            if left == 5:
                break
    assert left == 5


async def test_inbox_gives_what_it_has_before_it_says_closed() -> None:
    inbox = Inbox(3)
    inbox.put(Notified("a", {}))
    inbox.close(HubLost("gone"))
    assert await inbox.next() == Notified("a", {})
    with pytest.raises(HubLost):
        await inbox.next()
