"""Two browsers, a terminal and an editor on one session, and the hub dies in the middle: nobody misses an update or
gets one twice, all end with the same, a question is answered once, and the browsers are still signed in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from draftsmith.client.endpoint import read_endpoint
from draftsmith.client.held import Change, HeldSession
from e2e.editors.lsp.editing import MEND, Editing, editing, script
from e2e.editors.lsp.test_life import stop_hub
from e2e.http.calling import WAIT_S, address, browser
from harness.lsp_client import LspClient

OURS = {"client": "vscode", "capabilities": {"questions": True, "sessionView": True, "inlineDiff": True}}
QUESTION = {"ask_user": {"question": "Which way?", "options": ["left", "right"]}}
SLOW = {"say": "Thinking it through. " * 200, "chunk_size": 40, "chunk_delay": 0.05}
LONG_S = 2 * WAIT_S


class Watching:
    """What one client was shown, checked as it comes: each update once, in order, on a snapshot of the same epoch."""

    def __init__(self, session_id: str) -> None:
        self.held = HeldSession(session_id)
        self.epochs: list[str] = []
        self.updates = 0
        self.changed = asyncio.Condition()

    def place(self) -> dict[str, object]:
        return {"session_id": self.held.session_id, "epoch": self.held.epoch, "seq": self.held.seq}

    async def attached(self, result: Any) -> None:
        if result["snapshot"] is not None:
            await self.take("session/snapshot", result["snapshot"])
        for update in result["updates"]:
            await self.take("session/update", update)

    async def take(self, method: str, params: Any) -> None:
        if method == "session/snapshot":
            self.held.replace(params)
            self.epochs.append(params["epoch"])
        elif method == "session/update":
            before = self.held.seq
            outcome = self.held.apply(params)
            assert isinstance(outcome, Change), f"{outcome} at {params['seq']} after {before}"
            assert before is not None
            assert params["seq"] == before + 1
            self.updates += 1
        async with self.changed:
            self.changed.notify_all()

    async def until(self, there: Callable[[HeldSession], Any]) -> Any:
        async with asyncio.timeout(LONG_S), self.changed:
            await self.changed.wait_for(lambda: there(self.held))
        return there(self.held)

    def shown(self) -> dict[tuple[str, str], Any]:
        return {(one["kind"], one["id"]): one for one in self.held}


class Socket:
    """A client on a WebSocket that comes back by itself, as a browser or a terminal does."""

    def __init__(self, ed: Editing, name: str, watching: Watching, cookie: str = "") -> None:
        self._ed, self._name, self._cookie = ed, name, cookie
        self.watching = watching
        self.gone = 0
        self._socket: ClientConnection | None = None
        self._number = 10
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def run(self) -> None:
        while True:
            try:
                async with self._connect() as socket:
                    await self._talk(socket)
            except (OSError, ConnectionClosed, InvalidHandshake, EOFError):
                self.gone += 1
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[ClientConnection]:
        endpoint = read_endpoint(self._ed.state_dir)
        if endpoint is None:
            raise OSError("no hub")
        headers = {"Cookie": self._cookie, "Origin": f"http://127.0.0.1:{endpoint.websocket_port}"}
        async with connect(
            endpoint.url, proxy=None, additional_headers=headers if self._cookie else None, max_size=None
        ) as socket:
            hello = {"token": "" if self._cookie else endpoint.token, "client": self._name, "versions": [1]}
            await socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": hello}))
            answer = json.loads(await socket.recv())
            assert "result" in answer, answer
            yield socket

    async def _talk(self, socket: ClientConnection) -> None:
        attach = {"jsonrpc": "2.0", "id": 2, "method": "session/attach", "params": self.watching.place()}
        await socket.send(json.dumps(attach))
        self._socket = socket
        async for text in socket:
            message = json.loads(text)
            if message.get("id") == 2:
                await self.watching.attached(message["result"])
            elif "method" in message:
                await self.watching.take(message["method"], message["params"])
            else:
                self._waiting.pop(message["id"]).set_result(message)

    async def ask(self, method: str, params: dict[str, object]) -> Any:
        assert self._socket is not None
        self._number += 1
        answer = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        await self._socket.send(json.dumps(request))
        async with asyncio.timeout(WAIT_S):
            return await answer


class Editor:
    """The editor's edge, which finds the next hub itself and says when it has."""

    def __init__(self, client: LspClient, watching: Watching) -> None:
        self._client = client
        self.watching = watching

    async def run(self) -> None:
        read = len(self._client.notifications)
        await self._attach()
        while True:
            seen = read
            await self._client.until(lambda seen=seen: len(self._client.notifications) > seen, "something new")
            for name, params in self._client.notifications[read : (read := len(self._client.notifications))]:
                if name == "draftsmith/hubState" and params["state"] == "connected":
                    await self._attach()
                elif params is not None and params.get("session_id") == self.watching.held.session_id:
                    await self.watching.take(name.removeprefix("draftsmith/"), params)

    async def _attach(self) -> None:
        await self.watching.attached(await self._client.request("draftsmith/session/attach", {**self.watching.place()}))


def cookie_of(ed: Editing) -> str:
    with httpx.Client(base_url=address(ed.hub), timeout=WAIT_S, trust_env=False) as client:
        browser(ed.hub, client)
        (cookie,) = client.cookies.jar
        return f"{cookie.name}={cookie.value}"


def question(held: HeldSession) -> Any:
    return next((one for one in held if one["kind"] == "decision" and one["state"] == "open"), None)


def proposed(held: HeldSession) -> bool:
    return any(one["kind"] == "session" and one["status"] == "proposed" for one in held)


def text_streams(held: HeldSession) -> bool:
    return any(one["kind"] == "step" and one["state"] == "running" and len(one["text"]) > 200 for one in held)


async def test_nobody_misses_an_update_or_sees_it_twice(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", script([QUESTION, SLOW, *MEND]), options=OURS) as ed:
        session_id = (await ed.client.command("draftsmith.start", "Mend it."))["session_id"]
        clients = [
            Socket(ed, "web", Watching(session_id), cookie_of(ed)),
            Socket(ed, "web", Watching(session_id), cookie_of(ed)),
            Socket(ed, "cli", Watching(session_id)),
        ]
        editor = Editor(ed.client, Watching(session_id))
        async with AsyncExitStack() as ending:
            tasks = [asyncio.create_task(one.run()) for one in (*clients, editor)]
            ending.push_async_callback(ended, tasks)
            everybody = (*clients, editor)
            asked = [await meanwhile(tasks, one.watching.until(question)) for one in everybody]
            assert len({one["id"] for one in asked}) == 1
            answer = {"session_id": session_id, "decision_id": asked[0]["id"]}
            both = await asyncio.gather(
                clients[0].ask("decision/answer", {**answer, "answer": "left"}),
                clients[1].ask("decision/answer", {**answer, "answer": "right"}),
            )
            assert sorted("error" in one for one in both) == [False, True], both

            for one in everybody:
                await meanwhile(tasks, one.watching.until(text_streams))
            port = ed.hub.endpoint.websocket_port
            ed.hub.kill()

            for one in everybody:
                await meanwhile(tasks, one.watching.until(proposed))
                assert len(set(one.watching.epochs)) == 2, one.watching.epochs
                assert one.watching.updates > 20
            endpoint = read_endpoint(state_dir)
            assert endpoint is not None
            assert endpoint.websocket_port == port
            last = max(one.watching.held.seq or 0 for one in everybody)
            for one in everybody:
                await meanwhile(tasks, one.watching.until(lambda held: (held.seq or 0) >= last))
                assert one.watching.shown() == clients[0].watching.shown()
        assert await ed.client.shut_down() == 0
        stop_hub(state_dir)


async def meanwhile(tasks: list[asyncio.Task[None]], waiting: Coroutine[Any, Any, Any]) -> Any:
    """What is waited for; a client that fails in the meantime fails the test."""
    found = asyncio.ensure_future(waiting)
    await asyncio.wait({found, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        if task.done():
            found.cancel()
            task.result()
    return await found


async def ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
