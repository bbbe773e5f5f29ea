"""A hub in this process on a real store, and clients whose sockets can be slow, and be cut, at any moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.websockets import WebSocket
from tests.unit.domain import histories as h

from draftsmith.client.held import HeldSession
from draftsmith.domain.codec import encode_envelope
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import EventId, SessionId, session_stream
from draftsmith.domain.session import events as e
from draftsmith.hub.http.connection import Connection
from draftsmith.hub.service import Hub
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id
from draftsmith.store.event_store import SqlEventStore

TOKEN = "the-token"
WAIT_S = 20.0


class World:
    """One store and the hub that owns it for the time being."""

    def __init__(self, store: SqlEventStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.hub = self._hub()
        self._dead: list[Hub] = []

    async def end(self) -> None:
        for hub in (*self._dead, self.hub):
            await hub.close()

    def _hub(self) -> Hub:
        return Hub(
            self.store,
            Workspaces(self.folder / "objects"),
            epoch=new_id("h"),
            state_dir=self.folder,
            database=str(self.folder / "state.db"),
        )

    async def restart(self) -> None:
        """The hub ends and another one begins on what is stored."""
        await self.hub.close()
        self.hub = self._hub()

    async def crash(self) -> None:
        """The hub dies in whatever it does, and another one begins on what is stored."""
        for host in self.hub._hosts:
            self.hub._hosts.drop(host.session_id)  # whatever it still hears of is nothing to it
        for task in [*self.hub._calls, *self.hub._background.tasks]:
            task.cancel()
        await asyncio.gather(*self.hub._calls, *self.hub._background.tasks, return_exceptions=True)
        self._dead.append(self.hub)
        self.hub = self._hub()

    async def started(self, base_tree: str = "tree0", **changes: object) -> SessionId:
        """A session with its base, ready to be worked on."""
        session_id = SessionId(new_id("s"))
        self.hub.new_host(session_id)
        await self.append(session_id, h.started(session_id=session_id, **changes), h.base(base_tree))
        return session_id

    async def append(
        self,
        session_id: SessionId,
        *events: e.SessionEvent,
        client: str = "runner",
        documents: tuple[bytes, ...] = (),
    ) -> None:
        """Events as a runner or another client appends them."""
        host = await self.hub.host(session_id)
        await host.append(numbered(session_id, host.state.version, events, client=client), documents)


def numbered(
    session_id: SessionId, after: int, events: Sequence[e.SessionEvent], *, client: str = "runner"
) -> list[Envelope[e.SessionEvent]]:
    return [
        Envelope(
            event_id=EventId(new_id("e")),
            stream_id=session_stream(session_id),
            version=version,
            at=1_000 + version,
            actor=Actor(client=client),
            causation_id="c",
            correlation_id="c",
            event=event,
        )
        for version, event in enumerate(events, start=after + 1)
    ]


def encoded(envelopes: Sequence[Envelope[e.SessionEvent]]) -> list[object]:
    return [encode_envelope(one) for one in envelopes]


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    store = await SqlEventStore.open(folder / "state.db", application_version="1.0")
    made = World(store, folder)
    try:
        yield made
    finally:
        await made.end()
        await store.close()


class Gone(OSError):
    """What a server's socket raises when its client is gone."""


class Client:
    """A client over a socket in memory. At most `room` frames wait unread; then the hub's sends wait, as TCP does."""

    def __init__(self, world: World, session_id: SessionId, *, room: int = 4) -> None:
        self.held = HeldSession(session_id)
        self.notified: list[tuple[str, Any]] = []
        self.closed_with: int | None = None
        self._world = world
        self._room = room
        self._task: asyncio.Task[None] | None = None
        self._number = 0

    @property
    def connected(self) -> bool:
        return self._task is not None

    async def connect(self) -> None:
        """Opens a socket, signs in and attaches from where this client is."""
        self._to_hub: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_hub: asyncio.Queue[str] = asyncio.Queue(self._room)
        self._gone = asyncio.Event()
        await self._to_hub.put({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/api/v1/ws", "headers": [], "query_string": b""}
        socket = WebSocket(scope, self._receive, self._send)
        self._task = asyncio.create_task(Connection(self._world.hub, socket, lambda given: given == TOKEN).run())
        await self.call("hello", {"token": TOKEN, "client": "cli", "versions": [1]})
        await self.attach()

    async def attach(self) -> None:
        params = {"session_id": self.held.session_id, "epoch": self.held.epoch, "seq": self.held.seq}
        result = await self.call("session/attach", params)
        if result["snapshot"] is not None:
            self.held.replace(result["snapshot"])
        for update in result["updates"]:
            assert self.held.apply(update) != "gap", "the updates that were missed have a gap"

    async def call(self, method: str, params: object) -> Any:
        """A call's result; what is notified before it is taken in order."""
        self._number += 1
        await self.send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        async with asyncio.timeout(WAIT_S):
            while True:
                frame = json.loads(await self._from_hub.get())
                if frame.get("id") == self._number:
                    assert "result" in frame, frame
                    return frame["result"]
                self._take(frame)

    async def send(self, frame: object) -> None:
        await self._to_hub.put({"type": "websocket.receive", "text": json.dumps(frame)})

    async def read(self, frames: int) -> None:
        """Takes in up to so many frames that wait."""
        for _ in range(frames):
            await asyncio.sleep(0)
            if self._from_hub.empty():
                return
            self._take(json.loads(self._from_hub.get_nowait()))

    async def read_until(self, seq: int) -> None:
        """Takes in frames until the update with this number is held."""
        async with asyncio.timeout(WAIT_S):
            while (self.held.seq or 0) < seq:
                self._take(json.loads(await self._from_hub.get()))

    def _take(self, frame: Any) -> None:
        self.notified.append((frame["method"], frame["params"]))
        match frame["method"]:
            case "session/snapshot":
                self.held.replace(frame["params"])
            case "session/update":
                outcome = self.held.apply(frame["params"])
                assert outcome != "gap", "an update is missing"
                assert outcome == "known" or not outcome.wanted, "streamed text does not fit where the hub puts it"
            case other:
                raise AssertionError(other)

    async def cut(self) -> None:
        """The connection breaks; what was under way is lost."""
        if self._task is None:
            return
        self._gone.set()
        await self._to_hub.put({"type": "websocket.disconnect", "code": 1006})
        task, self._task = self._task, None
        async with asyncio.timeout(WAIT_S):
            await task

    async def _receive(self) -> dict[str, Any]:
        return await self._to_hub.get()

    async def _send(self, message: Any) -> None:
        if self._gone.is_set():
            raise Gone
        if message["type"] == "websocket.close":
            self.closed_with = message["code"]
        if message["type"] != "websocket.send":
            return
        putting = asyncio.ensure_future(self._from_hub.put(message["text"]))
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait((putting, gone), return_when=asyncio.FIRST_COMPLETED)
            if not putting.done():
                raise Gone
        finally:
            putting.cancel()
            gone.cancel()
