"""Who watches the list hears of a session at most twice a second, however much happens in it, and of its last state."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from e2e.http.calling import WAIT_S, script
from e2e.hubs import RunningHub, calc

CHANGES = 30
A_SECOND = 2


async def ask(ws: ClientConnection, number: int, method: str, params: object) -> None:
    await ws.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
    async with asyncio.timeout(WAIT_S):
        assert "result" in json.loads(await ws.recv())


async def test_the_list_gets_summaries_and_the_last_of_them_is_the_last_state(hub: RunningHub, tmp_path: Path) -> None:
    with script(hub) as client:
        body = {"folders": [str(calc(tmp_path / "ws"))], "request": "Mend add", "model": "x/y"}
        session_id = (await asyncio.to_thread(client.post, "/api/v1/sessions", json=body)).json()["session_id"]
        messages = f"/api/v1/sessions/{session_id}/message"
        async with connect(hub.endpoint.url, proxy=None) as ws:
            await ask(ws, 1, "hello", {"token": hub.endpoint.token, "client": "web", "versions": [1]})
            await ask(ws, 2, "hub/watch", {})
            begun = time.monotonic()
            for number in range(CHANGES):
                answer = await asyncio.to_thread(client.post, messages, json={"text": f"Also {number}"})
                assert answer.status_code == 200, answer.text
            last = client.get("/api/v1/sessions").json()["sessions"][0]["version"]
            heard = await until_version(ws, session_id, last)
            took = time.monotonic() - begun
    assert heard[-1] == last
    assert heard == sorted(set(heard))
    assert len(heard) <= A_SECOND * took + 2


async def until_version(ws: ClientConnection, session_id: str, last: int) -> list[int]:
    """The versions that the lines of the session had, up to this one."""
    heard: list[int] = []
    async with asyncio.timeout(2 * WAIT_S):
        while not heard or heard[-1] < last:
            message: dict[str, Any] = json.loads(await ws.recv())
            if message["method"] == "sessions/changed":
                heard += [one["version"] for one in message["params"]["sessions"] if one["session_id"] == session_id]
    return heard
