"""One WebSocket: sign-in, calls, and the updates of the sessions that it is attached to.

A client that does not read is never waited for: its updates are dropped and a snapshot is sent instead.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from draftsmith import __version__
from draftsmith.domain.ids import SessionId
from draftsmith.hub.dispatch import Caller, RpcError, dispatch
from draftsmith.hub.fanout import Published, Subscription
from draftsmith.hub.http.entrance import Visitor
from draftsmith.hub.http.frames import EXTENSION, AtOnce, text_frame
from draftsmith.hub.lines import live_line, stored_lines
from draftsmith.hub.peers import Peer
from draftsmith.hub.standing import LOCAL, NOBODY
from draftsmith.hub.watching import Watch
from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, jsonrpc
from draftsmith.protocol.entities import Snapshot
from draftsmith.protocol.methods.hub import HelloParams, HelloResult
from draftsmith.protocol.methods.overview import HubChanged, SessionsChanged
from draftsmith.protocol.methods.session import SessionLine
from draftsmith.protocol.model import Message

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub

log = structlog.get_logger()

HELLO_SECONDS = 5.0
"""A connection that has not signed in by then is closed."""
SEND_SECONDS = 30.0
"""A client that takes no byte for so long is cut off."""
CLOSE_SECONDS = 2.0
CALLS_AT_ONCE = 32


class Connection:
    """Lives as long as the socket."""

    def __init__(
        self, hub: Hub, socket: WebSocket, is_token: Callable[[str], bool], visitor: Visitor | None = None
    ) -> None:
        """`visitor`: who came with a browser's cookie; then `hello` needs no token."""
        self._hub = hub
        self._socket = socket
        self._is_token = is_token
        self._visitor = visitor
        self._caller = Caller(client="unknown", standing=NOBODY, peer=Peer("unknown", self._ask_by))
        self._sending = asyncio.Lock()
        self._free = asyncio.Semaphore(CALLS_AT_ONCE)
        self._pumps: dict[Subscription, asyncio.Task[None]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._life = asyncio.timeout(None)
        self._at_once: AtOnce | None = socket.scope.get("extensions", {}).get(EXTENSION)

    async def run(self) -> None:
        await self._socket.accept()
        try:
            if await self._signed_in() and not await self._served():
                await self._close(4409, "Nothing was read for too long, or the browser signed out.")
        except WebSocketDisconnect:
            pass
        finally:
            await self._end()

    async def _signed_in(self) -> bool:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                return await self._hello()
        except TimeoutError:
            await self._close(4408, "No hello within the time limit.")
            return False

    async def _served(self) -> bool:
        """Serves until the client closes; False when it was cut off."""
        signed_in = self._visitor.signed_in if self._visitor is not None else None
        if signed_in is not None and signed_in.ended:
            return False  # while `hello` was answered: nobody would be told of it any more
        self._hub.clients += 1
        if signed_in is not None:
            signed_in.on_end.add(self._end_life)
        try:
            async with self._life:
                await self._serve()
        except TimeoutError:
            return False
        finally:
            if signed_in is not None:
                signed_in.on_end.discard(self._end_life)
            self._caller.leave()
            self._hub.clients -= 1
        return True

    async def _hello(self) -> bool:
        request = await self._receive()
        if request is None:
            return False
        try:
            if request.method != "hello":
                raise RpcError(jsonrpc.NOT_SIGNED_IN, "The first message must be `hello`.", "not_signed_in")
            result = self._sign_in(request)
        except RpcError as error:
            await self._answer_error(request.id, error)
            await self._close(4401, "Not signed in.")
            return False
        await self._answer(request.id, result)
        return True

    def _sign_in(self, request: jsonrpc.Request) -> HelloResult:
        try:
            params = HelloParams.model_validate(request.params)
        except ValidationError:
            raise RpcError(
                jsonrpc.INVALID_PARAMS, "`hello` takes token, client and versions.", "invalid_params"
            ) from None
        given = params.token.get_secret_value()
        if self._visitor is not None and self._visitor.here and not given:
            standing = self._visitor.standing
        elif self._is_token(given):
            standing = LOCAL
        else:
            raise RpcError(
                jsonrpc.NOT_SIGNED_IN,
                "The token is wrong.",
                "wrong_token",
                remedy="Read it from the hub's endpoint file again; it changes when the hub starts.",
            )
        spoken = [one for one in params.versions if OLDEST_PROTOCOL_VERSION <= one <= PROTOCOL_VERSION]
        if not spoken:
            raise RpcError(
                jsonrpc.APPLICATION_ERROR,
                f"This hub speaks protocol {OLDEST_PROTOCOL_VERSION} to {PROTOCOL_VERSION}.",
                "protocol_mismatch",
                remedy="Update the older of client and hub.",
            )
        self._caller = Caller(client=params.client, standing=standing, peer=Peer(params.client, self._ask_by))
        return HelloResult(version=spoken[0], epoch=self._hub.epoch, application_version=__version__)

    async def _serve(self) -> None:
        while True:
            request = await self._receive()
            if request is None:
                return
            await self._free.acquire()
            self._hub.start_call(self._call(request))

    async def _call(self, request: jsonrpc.Request) -> None:
        try:
            result = await dispatch(self._hub, self._caller, request.method, request.params)
            if request.id is not None:
                await self._deliver(self._answer(request.id, result))
            self._follow()
        except RpcError as error:
            if request.id is not None:
                await self._deliver(self._answer_error(request.id, error))
        finally:
            self._free.release()

    async def _deliver(self, sending: Awaitable[None]) -> bool:
        """Whether it was sent; a client that is gone or takes nothing is nobody's failure."""
        try:
            await sending
        except TimeoutError:
            self._cut_off()
        except (WebSocketDisconnect, RuntimeError) as error:
            log.debug("not_delivered", client=self._caller.client, error=str(error))
        else:
            return True
        return False

    def _cut_off(self) -> None:
        """Ends the connection of a client that takes no byte: what it holds of the hub is let go."""
        if not self._caller.gone and not self._life.expired():
            log.info("slow_client_cut_off", client=self._caller.client, seconds=SEND_SECONDS)
            self._end_life()

    def _end_life(self) -> None:
        if not self._caller.gone and not self._life.expired():
            self._life.reschedule(asyncio.get_running_loop().time())

    # --- updates ---

    def _follow(self) -> None:
        """A pump for every subscription; after the answer, so that the snapshot comes before its updates."""
        wanted = set(self._caller.subscriptions.values())
        for subscription in wanted - self._pumps.keys():
            self._pumps[subscription] = asyncio.create_task(self._pump(subscription))
        for subscription in self._pumps.keys() - wanted:
            self._pumps.pop(subscription).cancel()
        if self._caller.watch is not None and self._watching is None:
            self._watching = asyncio.create_task(self._tell_news(self._caller.watch))

    async def _tell_news(self, watch: Watch) -> None:
        while True:
            news = await watch.take()
            for what in news.what:
                if not await self._deliver(self._notify("hub/changed", HubChanged(what=what))):
                    return
            if news.sessions:
                changed = await self._changed_lines(news.sessions)
                if not await self._deliver(self._notify("sessions/changed", changed)):
                    return

    async def _changed_lines(self, session_ids: Iterable[SessionId]) -> SessionsChanged:
        """Sessions that are out of the memory are read; those of others are not there."""
        lines: list[SessionLine] = []
        removed: list[str] = []
        for session_id in session_ids:
            row = None
            if (host := self._hub.resident(session_id)) is not None:
                if self._caller.standing.may_see(host.state.owner):
                    lines.append(live_line(host))
            elif (row := await self._hub.store.session(session_id)) is None:
                removed.append(session_id)
            elif self._caller.standing.may_see(row.owner):
                lines += await stored_lines(self._hub.store, (row,))
        return SessionsChanged(sessions=tuple(lines), removed=tuple(removed))

    async def _pump(self, subscription: Subscription) -> None:
        while True:
            subscription.at_once = None if self._at_once is None else self._send_at_once
            updates = await subscription.take()
            if subscription.overrun:
                fresh, snapshot = await self._start_over(subscription)
                if fresh is None:
                    return
                subscription = fresh
                if not await self._deliver(self._notify("session/snapshot", snapshot)):
                    return
                continue
            for published in updates:
                if not await self._deliver(self._notify("session/update", published.update)):
                    return

    def _send_at_once(self, published: Published) -> bool:
        """An update goes out without a turn of the loop when nothing is in its way, as bytes that all clients share."""
        assert self._at_once is not None  # noqa: S101 (whoever has none is not asked)
        if self._sending.locked():
            return False
        if published.frame is None:
            published.frame = text_frame(_notification("session/update", published.update))
        return self._at_once(published.frame)

    async def _start_over(self, old: Subscription) -> tuple[Subscription | None, Snapshot]:
        """The client fell behind: a new queue, and a snapshot in place of what was dropped."""
        host = await self._hub.host(old.session_id)
        fresh, snapshot = await host.subscribe()
        if self._caller.subscriptions.get(old.session_id) is not old:
            # It detached, or attached again, in the meantime.
            fresh.close()
            return None, snapshot
        self._caller.hold(fresh)
        self._pumps[fresh] = self._pumps.pop(old)
        return fresh, snapshot

    # --- frames ---

    async def _receive(self) -> jsonrpc.Request | None:
        """The next request; answers what is not one and goes on. None when the socket is closed."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            text = message.get("text")
            if not isinstance(text, str) or len(text) > jsonrpc.MAX_FRAME:
                await self._close(1009, "Frames are JSON text within the size limit.")
                return None
            try:
                frame = jsonrpc.read_frame(text)
                if isinstance(frame, jsonrpc.Request):
                    return frame
                self._caller.peer.answered(frame)
            except jsonrpc.BadFrame as bad:
                await self._answer_error(None, RpcError(bad.number, str(bad), "bad_frame"))

    async def _answer(self, request_id: int | str | None, result: Message) -> None:
        await self._send(f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{result.model_dump_json()}}}')

    async def _answer_error(self, request_id: int | str | None, error: RpcError) -> None:
        body = error.body.model_dump_json()
        await self._send(f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"error":{body}}}')

    async def _notify(self, method: str, params: Message) -> None:
        await self._send(_notification(method, params))

    async def _ask_by(self, text: str) -> None:
        """Sends what the hub asks. Raises OSError when the client is gone."""
        if not await self._deliver(self._send(text)):
            raise ConnectionError("The client is gone.")

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SEND_SECONDS), self._sending:
            await self._socket.send_text(text)

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._socket.close(code, reason)
            except (WebSocketDisconnect, RuntimeError, TimeoutError) as error:
                log.debug("close_failed", error=str(error))

    async def _end(self) -> None:
        self._caller.leave()
        # Calls under way are carried through; only their answers have nowhere to go.
        pumps = [*self._pumps.values(), *((self._watching,) if self._watching else ())]
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


def _notification(method: str, params: Message) -> str:
    return f'{{"jsonrpc":"2.0","method":"{method}","params":{params.model_dump_json()}}}'
