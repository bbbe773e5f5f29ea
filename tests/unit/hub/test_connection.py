"""A client that takes nothing is let go of, with all that it held of the hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocket
from tests.unit.domain import histories as h
from tests.unit.hub.worlds import WAIT_S, Client, world

from draftsmith.domain.envelope import LOCAL_USER
from draftsmith.hub.http import connection
from draftsmith.hub.http.entrance import Visitor
from draftsmith.hub.standing import LOCAL
from draftsmith.hub.web_access import WebAccess
from draftsmith.protocol.methods.hub import OfferedCredential

LIMIT_S = 3.0
"""Long enough for a busy machine to be late by seconds; the test itself takes little more."""


async def test_a_client_that_takes_no_byte_for_too_long_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SEND_SECONDS", 0.2)
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.1)
    async with world(tmp_path) as there:
        session_id = await there.started()
        stuck, lively = Client(there, session_id, room=1), Client(there, session_id, room=100)
        await stuck.connect()
        await lively.connect()
        host = await there.hub.host(session_id)
        for number in range(5):
            await there.append(session_id, h.checkpoint(number))
        async with asyncio.timeout(WAIT_S):
            while there.hub.clients > 1 or host.fanout.watchers > 1:  # noqa: ASYNC110 (it has no event)
                await asyncio.sleep(0.01)
        await lively.read_until(host.fanout.seq)
        assert ("checkpoint", "k4") in {(entity["kind"], entity["id"]) for entity in lively.held}
        await lively.cut()
        await stuck.cut()


async def test_a_client_that_reads_slowly_but_reads_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every send has to wait for it, and none as long as the limit: the whole takes many times as long."""
    monkeypatch.setattr(connection, "SEND_SECONDS", LIMIT_S)
    async with world(tmp_path) as there:
        session_id = await there.started()
        slow = Client(there, session_id, room=1)
        await slow.connect()
        host = await there.hub.host(session_id)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number in range(8):
            await there.append(session_id, h.checkpoint(number))
        # One frame in each eighth of the limit: on a slow machine the pause is longer, and the limit far away still.
        for _ in range(8):
            await asyncio.sleep(LIMIT_S / 8)
            await slow.read(1)
        await slow.read_until(host.fanout.seq)
        assert loop.time() - begun >= LIMIT_S, "it was not slow enough to be cut off for it"
        assert there.hub.clients == 1
        assert slow.closed_with is None
        await slow.cut()


async def test_a_key_that_is_offered_answers_the_sessions_that_wait_for_it(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        session_id = await there.started(autonomy="ask")
        decision = h.Decision(decision_id=h.DecisionId("k1"), subject="key", prompt=h.inline("Which key?"))
        await there.append(session_id, h.e.DecisionRequested(decision=decision))
        client = Client(there, session_id)
        await client.connect()
        offered = {"provider": "openai", "label": "K", "value": "sk-secret", "base_url": None, "origin": "environment"}
        result = await client.call("credentials/offer", {"credentials": [offered]})
        assert result == {"accepted": 1}
        host = await there.hub.host(session_id)
        assert host.state.decisions == ()
        assert "sk-secret" not in repr(OfferedCredential.model_validate(offered))
        await client.cut()


async def test_a_browser_that_is_signed_out_while_its_hello_is_answered_is_served_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        web = WebAccess("http://127.0.0.1:1")
        signed_in = web.known(web.admit(LOCAL_USER))
        assert signed_in is not None
        visitor = Visitor(client="web", key="user-local", standing=LOCAL, signed_in=signed_in)
        hello = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "hello",
            "params": {"client": "web", "versions": [1], "token": ""},
        }
        coming = asyncio.Queue[Mapping[str, str]]()
        for one in ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps(hello)}):
            coming.put_nowait(one)
        told: list[str] = []

        async def send(message: Any) -> None:
            told.append(message["type"])
            if message["type"] == "websocket.send":
                web.end_user(LOCAL_USER)

        scope = {"type": "websocket", "path": "/api/v1/ws", "headers": [], "query_string": b""}
        socket = WebSocket(scope, coming.get, send)  # pyright: ignore[reportArgumentType]  (messages are mappings)
        async with asyncio.timeout(WAIT_S):
            await connection.Connection(there.hub, socket, lambda _: False, visitor).run()
        assert told == ["websocket.accept", "websocket.send", "websocket.close"]
        assert there.hub.clients == 0
