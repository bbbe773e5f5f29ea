"""One WebSocket: sign-in, calls, and the updates of the sessions that it is attached to.

A client that does not read is never waited for: its updates are dropped and a snapshot is sent instead.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from draftsmith import __version__
from draftsmith.hub.dispatch import OWNER, Caller, RpcError, dispatch
from draftsmith.hub.fanout import Subscription
from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, jsonrpc
from draftsmith.protocol.methods.hub import HelloParams, HelloResult
from draftsmith.protocol.model import Message

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub

log = structlog.get_logger()

HELLO_SECONDS = 5.0
"""A connection that has not signed in by then is closed."""
SEND_SECONDS = 30.0
"""A client that takes no byte for so long is cut off."""
CALLS_AT_ONCE = 32


class Connection:
    """Lives as long as the socket."""

    def __init__(self, hub: Hub, socket: WebSocket, token: str) -> None:
        self._hub = hub
        self._socket = socket
        self._token = token
        self._caller = Caller(client="unknown", permissions=frozenset({"none"}))
        self._sending = asyncio.Lock()
        self._free = asyncio.Semaphore(CALLS_AT_ONCE)
        self._pumps: dict[Subscription, asyncio.Task[None]] = {}

    async def run(self) -> None:
        await self._socket.accept()
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                signed_in = await self._hello()
            if signed_in:
                self._hub.clients += 1
                try:
                    await self._serve()
                finally:
                    self._hub.clients -= 1
        except TimeoutError:
            await self._close(4408, "No hello within the time limit.")
        except WebSocketDisconnect:
            pass
        finally:
            await self._end()

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
        given = params.token.get_secret_value().encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._token.encode()):
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
        self._caller = Caller(client=params.client, permissions=OWNER)
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
                await self._answer(request.id, result)
            self._follow()
        except RpcError as error:
            if request.id is not None:
                await self._answer_error(request.id, error)
        except (WebSocketDisconnect, RuntimeError, TimeoutError) as error:
            log.debug("answer_not_delivered", method=request.method, error=str(error))
        finally:
            self._free.release()

    # --- updates ---

    def _follow(self) -> None:
        """A pump for every subscription; after the answer, so that the snapshot comes before its updates."""
        wanted = set(self._caller.subscriptions.values())
        for subscription in wanted - self._pumps.keys():
            self._pumps[subscription] = asyncio.create_task(self._pump(subscription))
        for subscription in self._pumps.keys() - wanted:
            self._pumps.pop(subscription).cancel()

    async def _pump(self, subscription: Subscription) -> None:
        try:
            while True:
                updates = await subscription.take()
                if subscription.overrun:
                    subscription = await self._start_over(subscription)
                    continue
                for update in updates:
                    await self._notify("session/update", update)
        except (WebSocketDisconnect, RuntimeError, TimeoutError) as error:
            log.debug("updates_not_delivered", session_id=subscription.session_id, error=str(error))

    async def _start_over(self, old: Subscription) -> Subscription:
        """The client fell behind: a new queue, and a snapshot in place of what was dropped."""
        host = await self._hub.host(old.session_id)
        host.fanout.unsubscribe(old)
        fresh, snapshot = await host.subscribe()
        task = self._pumps.pop(old, None)
        if task is not None:
            self._pumps[fresh] = task
        self._caller.subscriptions[old.session_id] = fresh
        await self._notify("session/snapshot", snapshot)
        return fresh

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
                return jsonrpc.read_request(text)
            except jsonrpc.BadFrame as bad:
                await self._answer_error(None, RpcError(bad.number, str(bad), "bad_frame"))

    async def _answer(self, request_id: int | str | None, result: Message) -> None:
        await self._send(f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{result.model_dump_json()}}}')

    async def _answer_error(self, request_id: int | str | None, error: RpcError) -> None:
        body = error.body.model_dump_json()
        await self._send(f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"error":{body}}}')

    async def _notify(self, method: str, params: Message) -> None:
        await self._send(f'{{"jsonrpc":"2.0","method":"{method}","params":{params.model_dump_json()}}}')

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SEND_SECONDS), self._sending:
            await self._socket.send_text(text)

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                await self._socket.close(code, reason)
            except RuntimeError as error:
                log.debug("close_failed", error=str(error))

    async def _end(self) -> None:
        self._caller.gone = True
        # Calls under way are carried through; only their answers have nowhere to go.
        pumps = list(self._pumps.values())
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for session_id, subscription in self._caller.subscriptions.items():
            host = await self._hub.host(subscription.session_id)
            host.fanout.unsubscribe(subscription)
            log.debug("detached", session_id=session_id)
