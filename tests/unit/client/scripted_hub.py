"""A hub over a real WebSocket on loopback that answers from a `World`, and can misbehave when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from draftsmith.client.endpoint import Endpoint
from unit.client.world import World

TOKEN = "the-token"
Answer = Callable[[dict[str, Any]], Awaitable[Any] | Any]


class Refused(Exception):
    def __init__(self, number: int, message: str, code: str) -> None:
        super().__init__(message)
        self.body = {"code": number, "message": message, "data": {"code": code, "remedy": "Do it right."}}


async def until(true: Callable[[], bool]) -> None:
    """Wait until it is; the caller sets the time limit."""
    while not true():  # noqa: ASYNC110  what is waited for has no event
        await asyncio.sleep(0.002)


class ScriptedHub:
    """`answers` adds or replaces methods; `calls` is what clients asked, in order."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.answers: dict[str, Answer] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sockets: set[ServerConnection] = set()
        self.attached: set[ServerConnection] = set()
        self.version = "999.0"
        self.port = 0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            pid=1,
            application_version=self.version,
            protocol_versions=(1,),
            websocket_port=self.port,
            grpc_port=1,
            token=TOKEN,
            epoch=self.world.epoch,
        )

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[ScriptedHub]:
        async with serve(self._serve, "127.0.0.1", port, compression=None) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield self

    async def send(self, update: Any) -> None:
        """An update to every client that is attached."""
        frame = json.dumps({"jsonrpc": "2.0", "method": "session/update", "params": update})
        await asyncio.gather(*(socket.send(frame) for socket in self.attached), return_exceptions=True)

    async def cut(self) -> None:
        """Every connection breaks, without a word."""
        there = set(self.sockets)
        for socket in there:
            socket.transport.abort()
        await until(lambda: not self.sockets & there)

    async def _serve(self, socket: ServerConnection) -> None:
        self.sockets.add(socket)
        try:
            async for frame in socket:
                await self._take(socket, json.loads(frame))
        except ConnectionClosed:
            pass  # it was cut on purpose
        finally:
            self.sockets.discard(socket)
            self.attached.discard(socket)

    async def _take(self, socket: ServerConnection, request: dict[str, Any]) -> None:
        method, params = request["method"], request["params"]
        self.calls.append((method, params))
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            found = self.answers[method](params) if method in self.answers else self._known(method, params)
            reply["result"] = await found if isinstance(found, Awaitable) else found
        except Refused as refused:
            reply["error"] = refused.body
        await socket.send(json.dumps(reply))
        if method == "session/attach":
            self.attached.add(socket)

    def _known(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "hello":
                if params["token"] != TOKEN:
                    raise Refused(-32001, "The token is wrong.", "wrong_token")
                return {"version": 1, "epoch": self.world.epoch, "application_version": self.version}
            case "session/attach":
                return self.world.attach(params.get("epoch"), params.get("seq"))
            case "session/detach" | "decision/answer" | "session/cancel":
                return {}
            case "entity/get":
                found = self.world.entities.get((params["kind"], params["id"]))
                if found is None:
                    raise Refused(-32000, "There is no such entity.", "unknown_entity")
                return {"entity": found}
            case _:
                raise Refused(-32601, f"There is no method {method}.", "unknown_method")
