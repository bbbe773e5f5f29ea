"""What the hub asks of a client over its connection: answered, refused in words, and never the client's ruin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection

from draftsmith.client.connection import ASKED_AT_ONCE, HubConnection
from draftsmith.domain.errors import UserError
from unit.client.scripted_hub import ScriptedHub, until


class AskingHub(ScriptedHub):
    """Keeps what clients answer to its requests, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: dict[str, dict[str, Any]] = {}

    async def ask(self, request_id: str, params: object = None) -> None:
        frame = {"jsonrpc": "2.0", "id": request_id, "method": "buffers/read", "params": params or {}}
        await next(iter(self.sockets)).send(json.dumps(frame))

    async def _take(self, socket: ServerConnection, request: dict[str, Any]) -> None:
        if "method" in request:
            await super()._take(socket, request)
        else:
            self.replies[request["id"]] = request

    async def reply(self, request_id: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            await until(lambda: request_id in self.replies)
        return self.replies[request_id]


@asynccontextmanager
async def asking() -> AsyncIterator[tuple[AskingHub, HubConnection]]:
    hub = AskingHub()
    async with hub.running(), HubConnection.opened(hub.endpoint, client="test") as connection:
        yield hub, connection


async def test_a_client_that_answers_nothing_says_so() -> None:
    async with asking() as (hub, _):
        await hub.ask("hub-1")
        assert (await hub.reply("hub-1"))["error"]["code"] == -32601


async def test_answers_go_back_by_their_id_and_in_their_own_time() -> None:
    release = asyncio.Event()

    async def answer(method: str, params: Mapping[str, Any]) -> dict[str, object]:
        if params["n"] == 1:
            await release.wait()
        return {"method": method, "n": params["n"]}

    async with asking() as (hub, connection):
        connection.answer_with(answer)
        await hub.ask("hub-1", {"n": 1})
        await hub.ask("hub-2", {"n": 2})
        assert (await hub.reply("hub-2"))["result"] == {"method": "buffers/read", "n": 2}
        assert "hub-1" not in hub.replies
        release.set()
        assert (await hub.reply("hub-1"))["result"]["n"] == 1


async def test_what_is_refused_is_told_and_the_connection_lives_on() -> None:
    async def answer(_method: str, _params: object) -> dict[str, object]:
        raise UserError("Not that one.", code="no")

    async with asking() as (hub, connection):
        connection.answer_with(answer)
        await hub.ask("hub-1")
        assert (await hub.reply("hub-1"))["error"]["message"] == "Not that one."
        hub.answers["hub/status"] = lambda _: {"well": True}
        assert await connection.call("hub/status", {}, dict[str, bool]) == {"well": True}


async def test_a_defect_in_the_client_is_an_answer_too() -> None:
    async def answer(_method: str, _params: object) -> dict[str, object]:
        raise KeyError("path")

    async with asking() as (hub, connection):
        connection.answer_with(answer)
        await hub.ask("hub-1")
        assert (await hub.reply("hub-1"))["error"]["code"] == -32603


async def test_more_than_a_client_takes_at_once_is_refused() -> None:
    never = asyncio.Event()

    async def answer(_method: str, _params: object) -> dict[str, object]:
        await never.wait()
        return {}

    async with asking() as (hub, connection):
        connection.answer_with(answer)
        for number in range(ASKED_AT_ONCE + 1):
            await hub.ask(f"hub-{number}")
        assert (await hub.reply(f"hub-{ASKED_AT_ONCE}"))["error"]["code"] == -32005
        assert len(hub.replies) == 1
