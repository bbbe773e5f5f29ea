"""One authenticated WebSocket connection to a hub: calls with answers, notifications, and what the hub asks.

It does not reconnect; `session_view` does. Nothing received is trusted to be well formed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from draftsmith.client.failures import HubLost, HubUnavailable, from_error_body
from draftsmith.client.inbox import Inbox, Notified, Overflowed
from draftsmith.client.messages import (
    OLDEST_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
    Empty,
    ErrorBody,
    HelloParams,
    HelloResult,
    JsonValue,
)
from draftsmith.domain.errors import AdapterError, DraftsmithError, UserError

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from draftsmith.client.endpoint import Endpoint
    from draftsmith.client.messages import MethodName

log = logging.getLogger(__name__)

MAX_FRAME = 8 * 1024 * 1024
"""Bytes of one frame in either direction, as the protocol says."""
OPEN_TIMEOUT = 5.0
CALL_TIMEOUT = 60.0
INBOX_CAPACITY = 2_000
ASKED_AT_ONCE = 16
"""Requests of the hub that may be under way; it asks one thing after the other."""
_METHOD_NOT_FOUND, _FAILED, _REFUSED, _BUSY = -32601, -32603, -32000, -32005
_GOING_AWAY = (1000, 1001, 1012)
"""Close codes of a server that stops or restarts in order (RFC 6455, section 7.4.1, and its registry)."""

ResultT = TypeVar("ResultT")
Answerer = Callable[[str, "dict[str, JsonValue]"], Awaitable[Mapping[str, object]]]
"""Does what the hub asks, by method and parameters, and gives the result. A DraftsmithError is told to the hub."""


class HubConnection:
    """Use `opened`, or `open` and `close`. Calls may be under way at the same time."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[JsonValue]] = {}
        self._inbox = Inbox(INBOX_CAPACITY)
        self._answer: Answerer | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._lost: HubLost | None = None
        self._reader = asyncio.create_task(self._read(), name="hub-connection-reader")
        self.greeting: HelloResult = {"version": 0, "epoch": "", "application_version": ""}

    @classmethod
    async def open(cls, endpoint: Endpoint, *, client: str, within: float = OPEN_TIMEOUT) -> HubConnection:
        """Connect and sign in. Raises HubUnavailable (nobody, or not a hub, answers there), UserError
        (`wrong_token`, `protocol_mismatch`)."""
        try:
            async with asyncio.timeout(within):
                # Never through a proxy: the address is this machine's own.
                socket = await connect(
                    endpoint.url, proxy=None, compression=None, max_size=MAX_FRAME, open_timeout=None
                )
        except (OSError, WebSocketException, TimeoutError) as failure:
            raise HubUnavailable(
                f"No hub answers on port {endpoint.websocket_port}: {str(failure) or type(failure).__name__}."
            ) from failure
        connection = cls(socket)
        versions = list(range(PROTOCOL_VERSION, OLDEST_PROTOCOL_VERSION - 1, -1))
        hello = HelloParams(token=endpoint.token, client=client, versions=versions)
        try:
            connection.greeting = await connection.call("hello", hello, HelloResult, within=within)
        except BaseException:
            await connection.close()
            raise
        return connection

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, endpoint: Endpoint, *, client: str) -> AsyncIterator[HubConnection]:
        connection = await cls.open(endpoint, client=client)
        try:
            yield connection
        finally:
            await connection.close()

    async def call(
        self,
        method: MethodName,
        params: Mapping[str, object],
        result: type[ResultT],
        *,
        within: float = CALL_TIMEOUT,
    ) -> ResultT:
        """The method's result. `result` is its type in `messages`, by which the caller is checked.

        Raises HubLost, AdapterError (`hub_timeout`, or the hub failed), UserError (what was asked is refused).
        """
        number = next(self._numbers)
        # ASCII with escapes: names that are not UTF-8 travel as surrogate escapes.
        frame = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        if len(frame) > MAX_FRAME:
            raise UserError(
                f"The message to the hub has {len(frame):,} bytes; at most {MAX_FRAME:,} are allowed.",
                code="message_too_long",
                remedy="Shorten it, or name files instead of quoting them.",
            )
        if self._lost is not None:
            raise self._lost
        answer: asyncio.Future[JsonValue] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(within):
                await self._socket.send(frame)
                return cast("ResultT", await answer)
        except TimeoutError as late:
            raise AdapterError(
                f"The hub did not answer {method} within {within:.0f} s.",
                code="hub_timeout",
                remedy="`draftsmith hub logs` tells what it does.",
                retryable=True,
            ) from late
        except ConnectionClosed as closed:
            raise self._lost_by(closed) from closed
        finally:
            del self._waiting[number]

    async def acknowledge(self, method: MethodName, params: Mapping[str, object]) -> None:
        """A call whose result holds nothing."""
        await self.call(method, params, Empty)

    def answer_with(self, answer: Answerer) -> None:
        """Whom to ask from now on. Until then, and without, every request of the hub is refused."""
        self._answer = answer

    async def next_notification(self) -> Notified | Overflowed:
        """Raises HubLost when the connection ended and everything received was taken."""
        return await self._inbox.next()

    async def close(self) -> None:
        self._reader.cancel()
        for task in self._answering:
            task.cancel()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await self._socket.close()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        reason = HubLost("The connection to the hub was closed.")
        try:
            while True:
                self._take(await self._socket.recv())
        except ConnectionClosed as closed:
            reason = self._lost_by(closed)
        except AdapterError as broken:
            reason = HubLost(str(broken))
        finally:
            self._lost = reason
            self._inbox.close(reason)
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(reason)
                    answer.exception()  # taken note of: its caller may have failed to send and waits for nothing

    def _take(self, frame: str | bytes) -> None:
        try:
            message = json.loads(frame)
        except (ValueError, RecursionError) as error:
            raise AdapterError("The hub sent something that is not JSON.", code="hub_garbage") from error
        if not isinstance(message, dict):
            raise AdapterError("The hub sent something that is not a JSON object.", code="hub_garbage")
        if "method" in message and isinstance(message.get("id"), str):
            busy = len(self._answering) >= ASKED_AT_ONCE
            work = self._asked(message["id"], str(message["method"]), _object(message.get("params")), busy=busy)
            task = asyncio.create_task(work)
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
            return
        if "method" in message:
            self._inbox.put(Notified(str(message["method"]), _object(message.get("params"))))
            return
        number = message.get("id")
        answer = self._waiting.get(number) if isinstance(number, int) else None
        if answer is None or answer.done():
            return  # an answer that came after its time, or to nobody
        if "error" in message:
            answer.set_exception(from_error_body(_error(message["error"])))
        else:
            answer.set_result(message.get("result"))

    async def _asked(self, request_id: str, method: str, params: dict[str, JsonValue], *, busy: bool) -> None:
        """Answers the hub; what goes wrong is its answer too."""
        body: dict[str, object]
        if self._answer is None:
            body = {"error": {"code": _METHOD_NOT_FOUND, "message": f"This client does not know {method}."}}
        elif busy:
            body = {"error": {"code": _BUSY, "message": "Too much is asked at once."}}
        else:
            try:
                body = {"result": await self._answer(method, params)}
            except DraftsmithError as error:
                body = {"error": {"code": _REFUSED, "message": error.message}}
            except Exception as error:
                # The outermost edge of what is asked: the hub must not wait for what will never come.
                log.exception("what the hub asked (%s) failed", method)
                body = {"error": {"code": _FAILED, "message": f"{type(error).__name__}: {error}"}}
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(json.dumps({"jsonrpc": "2.0", "id": request_id, **body}))

    def _lost_by(self, closed: ConnectionClosed) -> HubLost:
        stopping = closed.rcvd is not None and closed.rcvd.code in _GOING_AWAY
        return HubLost("The hub stopped." if stopping else "The connection to the hub broke.", stopping=stopping)


def _object(value: object) -> dict[str, JsonValue]:
    return cast("dict[str, JsonValue]", value) if isinstance(value, dict) else {}


def _error(value: object) -> ErrorBody:
    fields = _object(value)
    data = _object(fields.get("data"))
    number = fields.get("code")
    return {
        "code": number if isinstance(number, int) else 0,
        "message": str(fields.get("message", "The hub gave no reason.")),
        "data": {
            "code": str(data.get("code", "")),
            "remedy": str(data.get("remedy", "")),
            "correlation_id": str(data.get("correlation_id", "")),
        },
    }
