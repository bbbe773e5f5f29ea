"""Requests and notifications in both directions: every request is answered once, in whatever way it ends.

Messages are dispatched in the order in which they come. It knows nothing of LSP but cancelling.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from draftsmith.domain.errors import DraftsmithError
from draftsmith.edge.log_file import correlation
from draftsmith.edge.rpc.errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REQUEST_CANCELLED,
    RpcError,
    error_body,
    rpc_error,
)
from draftsmith.platform.clock import new_id

if TYPE_CHECKING:
    from draftsmith.edge.values import JsonObject, JsonValue

log = logging.getLogger(__name__)

RequestId = int | str

Dispatch = Callable[[str, "JsonObject", bool], "JsonValue | Awaitable[JsonValue]"]
"""Method, parameters, whether an answer is wanted. Raises LookupError for a method that there is not."""


class Peer:
    """`send` queues a message for the other side."""

    def __init__(self, dispatch: Dispatch, send: Callable[[JsonObject], None]) -> None:
        self._dispatch = dispatch
        self._send = send
        self._numbers = itertools.count(1)
        self._asked: dict[RequestId, asyncio.Future[JsonValue]] = {}
        self._under_way: dict[RequestId, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- what comes ---

    def receive(self, message: JsonObject | RpcError) -> None:
        """Handle one message. Never raises."""
        if isinstance(message, RpcError):
            self._answer_error(None, message)
        elif "method" in message:
            self._called(message)
        elif "id" in message:
            self._answered(message)
        else:
            self._answer_error(None, RpcError(INVALID_REQUEST, "The message has neither `method` nor `id`."))

    def _called(self, message: JsonObject) -> None:
        method, request_id = message["method"], message.get("id")
        wanted = "id" in message
        if wanted and (not isinstance(request_id, (int, str)) or isinstance(request_id, bool)):
            self._answer_error(None, RpcError(INVALID_REQUEST, "The request's `id` is neither a number nor a string."))
            return
        if not isinstance(method, str):
            self._answer_error(_id(request_id), RpcError(INVALID_REQUEST, "`method` is not a string."))
            return
        params = message.get("params")
        if params is None:
            params = {}
        if not isinstance(params, dict):
            self._answer_error(_id(request_id), RpcError(INVALID_REQUEST, f"{method}: `params` is not an object."))
            return
        if method == "$/cancelRequest":
            self._cancel(params.get("id"))
            return
        if wanted and request_id in self._under_way:
            self._answer_error(_id(request_id), RpcError(INVALID_REQUEST, f"Request {request_id} is under way."))
            return
        # Tasks that the handler starts take it along: their lines in the log belong to this message, too.
        told = correlation.set(new_id("e"))
        try:
            self._start(method, params, _id(request_id) if wanted else None)
        finally:
            correlation.reset(told)

    def _start(self, method: str, params: JsonObject, request_id: RequestId | None) -> None:
        try:
            answer = self._dispatch(method, params, request_id is not None)
        except Exception as error:  # the outermost edge of a message: whatever went wrong is told
            self._failed(method, request_id, error)
            return
        if inspect.isawaitable(answer):
            task = asyncio.ensure_future(self._finish(method, request_id, answer))
            self._tasks.add(task)
            if request_id is not None:
                self._under_way[request_id] = task
            task.add_done_callback(lambda done: self._ended(method, request_id, answer, done))
        elif request_id is not None:
            self._send({"jsonrpc": "2.0", "id": request_id, "result": answer})

    def _ended(
        self, method: str, request_id: RequestId | None, answer: Awaitable[JsonValue], done: asyncio.Task[None]
    ) -> None:
        self._tasks.discard(done)
        if request_id is None:
            return
        self._under_way.pop(request_id, None)
        if done.cancelled():
            # Here and not in `_finish`, which never ran when it was cancelled at once.
            if inspect.iscoroutine(answer):
                answer.close()
            self._answer_error(request_id, RpcError(REQUEST_CANCELLED, f"{method} was cancelled."))

    async def _finish(self, method: str, request_id: RequestId | None, answer: Awaitable[JsonValue]) -> None:
        try:
            result = await answer
        except Exception as error:
            self._failed(method, request_id, error)
        else:
            if request_id is not None:
                self._send({"jsonrpc": "2.0", "id": request_id, "result": result})

    def _failed(self, method: str, request_id: RequestId | None, error: Exception) -> None:
        match error:
            case RpcError():
                told = error
            case LookupError() if error.args == (method,):
                if request_id is None:
                    return  # notifications that are not known are passed over, as LSP wants it for `$/`
                told = RpcError(METHOD_NOT_FOUND, f"There is no method {method}.")
            case DraftsmithError():
                told = rpc_error(error)
            case _:
                log.exception("handler_failed", extra={"method": method}, exc_info=error)
                told = RpcError(
                    INTERNAL_ERROR,
                    f"{method} failed: {type(error).__name__}. Look for {correlation.get()} in the edge's log.",
                    {"code": "internal", "remedy": "", "correlation_id": correlation.get()},
                )
        if request_id is not None:
            log.info("request_refused", extra={"method": method, "reason": told.message})
            self._answer_error(request_id, told)
        else:
            log.warning("notification_refused", extra={"method": method, "reason": told.message})

    def _answer_error(self, request_id: RequestId | None, error: RpcError) -> None:
        self._send({"jsonrpc": "2.0", "id": request_id, "error": error_body(error)})

    def _cancel(self, request_id: JsonValue) -> None:
        task = self._under_way.get(request_id) if isinstance(request_id, (int, str)) else None
        if task is not None:
            task.cancel()

    # --- what goes ---

    def notify(self, method: str, params: JsonObject) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def request(self, method: str, params: JsonObject, *, within: float | None) -> JsonValue:
        """The other side's answer. Raises RpcError, TimeoutError; a request given up is cancelled there, too.

        `within` is None for what a person answers: it ends with the task that waits, or with the client.
        """
        request_id = f"d{next(self._numbers)}"
        answer: asyncio.Future[JsonValue] = asyncio.get_running_loop().create_future()
        self._asked[request_id] = answer
        self._send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        try:
            async with asyncio.timeout(within):
                return await answer
        except (TimeoutError, asyncio.CancelledError):
            self.notify("$/cancelRequest", {"id": request_id})
            raise
        finally:
            del self._asked[request_id]

    def _answered(self, message: JsonObject) -> None:
        request_id = message["id"]
        answer = self._asked.get(request_id) if isinstance(request_id, (int, str)) else None
        if answer is None or answer.done():
            return  # late, or to nobody
        error = message.get("error")
        if isinstance(error, dict):
            number, text = error.get("code"), error.get("message")
            answer.set_exception(
                RpcError(number if isinstance(number, int) else INTERNAL_ERROR, str(text or ""), error.get("data"))
            )
        else:
            answer.set_result(message.get("result"))

    async def close(self) -> None:
        """End everything that is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for answer in self._asked.values():
            answer.cancel()


def _id(value: JsonValue) -> RequestId | None:
    return value if isinstance(value, (int, str)) else None
