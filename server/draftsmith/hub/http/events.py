"""Updates of one session as server-sent events, for scripts: the same messages as on the WebSocket.

A client that does not read is never waited for; one that comes back says which event it saw last.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from draftsmith.domain.errors import DraftsmithError
from draftsmith.hub.dispatch import Caller, RpcError, dispatch
from draftsmith.hub.fanout import Published, Subscription
from draftsmith.hub.http.entrance import Entrance, Visitor
from draftsmith.hub.http.refusals import Refusal, of_call, problem
from draftsmith.hub.http.rest import correlation_of
from draftsmith.protocol.entities import Snapshot, Update
from draftsmith.protocol.http import PREFIX
from draftsmith.protocol.methods.session import AttachResult

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub

log = structlog.get_logger()

HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 30.0
MAX_STREAMS = 200
RETRY_MS = 2_000

EVENTS_PATH = f"{PREFIX}/sessions/{{session_id}}/events"
_LAST = re.compile(r"(?P<epoch>[A-Za-z0-9_.-]{1,80}):(?P<seq>\d{1,15})")


class Events:
    """One for the hub."""

    def __init__(self, hub: Hub, entrance: Entrance) -> None:
        self._hub = hub
        self._entrance = entrance
        self._streams = 0

    def routes(self) -> list[Route]:
        return [Route(EVENTS_PATH, self._open, methods=["GET"])]

    async def _open(self, request: Request) -> Response:
        visitor = self._entrance.admit(request)
        if request.url.query:
            raise Refusal(400, "invalid_params", "Events take no parameters; `Last-Event-ID` is a header.")
        if self._streams >= MAX_STREAMS:
            raise Refusal(429, "too_many_calls", f"{MAX_STREAMS} streams of events are open.", remedy="End some.")
        last = request.headers.get("last-event-id", "")
        seen = _LAST.fullmatch(last)
        if last and seen is None:
            raise Refusal(400, "invalid_params", "Last-Event-ID is not one that this hub gave.")
        params: dict[str, object] = {"session_id": request.path_params["session_id"]}
        if seen is not None:
            params |= {"epoch": seen["epoch"], "seq": int(seen["seq"])}
        caller = visitor.caller("A stream of events")
        correlation_id = correlation_of(request)
        try:
            result = await dispatch(self._hub, caller, "session/attach", params, correlation_id=correlation_id)
        except RpcError as error:
            caller.leave()
            return problem(of_call(error), correlation_id=correlation_id)
        assert isinstance(result, AttachResult)  # noqa: S101 (the registry says so)
        return _Stream(self, caller, visitor, result, str(params["session_id"]))

    async def follow(self, stream: _Stream, send: Send) -> None:
        """Counts the stream as a client for as long as it lasts."""
        self._streams += 1
        self._hub.clients += 1
        try:
            await stream.write(self._hub, send)
        finally:
            self._streams -= 1
            self._hub.clients -= 1


class _Stream(Response):
    """The answer that goes on until the client leaves, the session is gone or the hub ends."""

    media_type = "text/event-stream"

    def __init__(self, events: Events, caller: Caller, visitor: Visitor, first: AttachResult, session_id: str) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._caller = caller
        self._visitor = visitor
        self._first = first
        self._session_id = session_id
        self._ending = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        writing = asyncio.create_task(self._events.follow(self, send))
        signed_in = self._visitor.signed_in
        if signed_in is not None:
            signed_in.on_end.add(self._ending.set)
            if signed_in.ended:
                self._ending.set()
        try:
            await asyncio.wait((gone, writing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._caller.leave()
            if signed_in is not None:
                signed_in.on_end.discard(self._ending.set)
            for task in (gone, writing):
                task.cancel()
            await asyncio.gather(gone, writing, return_exceptions=True)

    async def write(self, hub: Hub, send: Send) -> None:
        try:
            await _sent(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._chunk(send, f"retry: {RETRY_MS}\n\n")
            await self._begin(send)
            await self._go_on(hub, send)
            await _sent(send, {"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("slow_client_cut_off", client=self._caller.client, seconds=SEND_SECONDS)
        except (OSError, RuntimeError) as error:
            log.debug("not_delivered", client=self._caller.client, error=str(error))

    async def _begin(self, send: Send) -> None:
        if self._first.snapshot is not None:
            await self._chunk(send, _event("snapshot", self._first.snapshot))
        for update in self._first.updates:
            await self._chunk(send, _event("update", update))

    async def _go_on(self, hub: Hub, send: Send) -> None:
        ends = [asyncio.create_task(one.wait()) for one in (hub.stopping, self._ending)]
        try:
            while not any(one.done() for one in ends):
                subscription = self._caller.subscriptions.get(self._session_id)
                if subscription is None:
                    return
                taking = asyncio.create_task(subscription.take())
                try:
                    await asyncio.wait((taking, *ends), timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not taking.done():
                        taking.cancel()
                if taking.done() and not await self._pass_on(hub, send, subscription, taking.result()):
                    return
                if not taking.done():
                    await self._chunk(send, ": still here\n\n")
        finally:
            for one in ends:
                one.cancel()

    async def _pass_on(self, hub: Hub, send: Send, subscription: Subscription, updates: list[Published]) -> bool:
        if not subscription.overrun:
            for update in (one.update for one in updates):
                await self._chunk(send, _event("update", update))
                if any(one.kind == "session" for one in update.removed):
                    return False  # it was deleted, and this says so
            return True
        try:
            host = await hub.host(subscription.session_id)
        except DraftsmithError:
            return False  # deleted in the meantime
        fresh, snapshot = await host.subscribe()
        self._caller.hold(fresh)
        await self._chunk(send, _event("snapshot", snapshot))
        return True

    async def _chunk(self, send: Send, text: str) -> None:
        await _sent(send, {"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _sent(send: Send, message: dict[str, object]) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send(message)


def _event(kind: str, message: Snapshot | Update) -> str:
    # JSON has no line ends of its own, so that one `data` line holds it.
    return f"event: {kind}\nid: {message.epoch}:{message.seq}\ndata: {message.model_dump_json()}\n\n"


async def _disconnected(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
