"""The scripted vendor as a server: in a test's loop (`async with VendorServer(...)`) or as a process
(`python -m vendor.server --script FILE --port 0`, which prints its address on the first line)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vendor.dialects import Dialect, tokens
from vendor.responses import dialect_for
from vendor.script import Asked, Script, Scriptable, ScriptedReply, load_script
from vendor.wire import DisconnectedError, HttpRequest, HttpResponse, read_request

__all__ = ["ReceivedRequest", "Script", "ScriptedReply", "VendorServer", "load_script"]

SECRET_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
STALL_S = 60.0
"""Longest silence of `stall`: no test may hang for ever."""
ERROR_STATUS = {
    "http_401": (401, "Incorrect API key provided."),
    "http_404": (404, "The model does not exist or you do not have access to it."),
    "http_429": (429, "Rate limit reached for requests per minute."),
    "http_500": (500, "The server had an error while processing your request."),
    "http_529": (529, "Overloaded"),
    "quota": (429, "You exceeded your current quota, please check your plan and billing details."),
    "context_overflow": (400, "prompt is too long: maximum context length is 200000 tokens."),
    "content_filter": (400, "The request was rejected: content_policy_violation by our safety system."),
    "bad_request": (400, "Invalid value for a parameter."),
}


@dataclass(kw_only=True)
class ReceivedRequest:
    """One request as the vendor saw it; keys are left out of `headers` and `path`. `outcome` is `answered`,
    `refused`, `dropped` (by the script) or `disconnected` (by the client). `arrived_at`: its last byte was read;
    `ended_at`: the reply's last byte was written; both in seconds of `time.perf_counter`."""

    number: int
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    asked: Asked | None
    key_given: bool
    outcome: str = "open"
    chunks_sent: int = 0
    arrived_at: float = 0.0
    ended_at: float = 0.0
    billed: tuple[int, int] | None = None
    """Input and output tokens that the vendor wants paid: from the moment that it begins to answer, whoever leaves."""
    done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)


class VendorServer:
    """Speaks OpenAI chat completions and responses, Anthropic messages and Google generateContent, by a script."""

    def __init__(
        self,
        script: Scriptable,
        *,
        port: int = 0,
        models: Sequence[str] = ("scripted",),
        name: str = "vendor",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.script = load_script(script)
        self.headers: dict[str, str] = {}
        """Sent with every streamed reply and every error."""
        self.requests: list[ReceivedRequest] = []
        self.arrived = asyncio.Event()
        """Set when the first request has come."""
        self._port = port
        self._models = tuple(models)
        self._name = name
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._connection, "127.0.0.1", self._port, limit=64 * 1024 * 1024, ssl=self._tls
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def url(self) -> str:
        """The address without a path, as Anthropic's and Google's clients want it."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def count(self) -> int:
        """Model calls received, refused ones included."""
        return len(self.requests)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await read_request(reader)) is not None:
                await self._serve(request, HttpResponse(reader, writer))
        except (DisconnectedError, ConnectionError, asyncio.CancelledError):
            pass  # the end of this connection's task; nobody waits for it
        finally:
            self._connections.discard(task)
            with contextlib.suppress(Exception):
                writer.close()

    async def _serve(self, request: HttpRequest, response: HttpResponse) -> None:
        if request.method == "GET":
            await self._serve_get(request, response)
            return
        dialect = dialect_for(request.path)
        if dialect is None:
            await response.whole(404, b'{"error": {"message": "no such path"}}')
            return
        received = self._record(request, dialect)
        try:
            await self._reply(received, dialect, response)
        except DisconnectedError:
            received.outcome = "disconnected"
            raise
        finally:
            received.ended_at = time.perf_counter()
            received.done.set()

    async def _serve_get(self, request: HttpRequest, response: HttpResponse) -> None:
        match request.path:
            case "/v1/models" | "/models":
                data = [{"id": model, "object": "model", "owned_by": self._name} for model in self._models]
                await _json(response, 200, {"object": "list", "data": data})
            case "/_requests":
                seen = [
                    {"path": r.path, "body": r.body, "outcome": r.outcome, "number": r.number} for r in self.requests
                ]
                await _json(response, 200, {"requests": seen, "left": self.script.left})
            case _:
                await _json(response, 404, {"error": {"message": "no such path"}})

    def _record(self, request: HttpRequest, dialect: Dialect) -> ReceivedRequest:
        arrived_at = time.perf_counter()
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        key = key or request.headers.get("x-api-key", "") or request.headers.get("x-goog-api-key", "")
        in_query = re.search(r"(?:^|&)key=([^&]*)", request.query)
        key = key or (in_query.group(1) if in_query else "")
        asked: Asked | None = None
        body: dict[str, Any] = {}
        with contextlib.suppress(ValueError, KeyError, TypeError):
            body = json.loads(request.body)
            asked = dialect.asked(request)
        received = ReceivedRequest(
            number=len(self.requests) + 1,
            path=request.path,
            headers={name: value for name, value in request.headers.items() if name not in SECRET_HEADERS},
            body=body,
            asked=asked,
            key_given=self.script.key is None or key == self.script.key,
            arrived_at=arrived_at,
        )
        self.requests.append(received)
        self.arrived.set()
        return received

    async def _reply(self, received: ReceivedRequest, dialect: Dialect, response: HttpResponse) -> None:
        received.outcome = "refused"
        asked = received.asked
        if asked is None:
            await _json(response, 400, dialect.error(400, "bad_request", "the request could not be read"))
            return
        if not received.key_given:
            await _json(response, 401, dialect.error(401, "http_401", ERROR_STATUS["http_401"][1]))
            return
        reply = self.script.pick(asked)
        if reply is None:
            about = f"request {received.number}, last message: {asked.last[:200]!r}"
            text = f"The script is exhausted: it has no reply for this request ({about})."
            await _json(response, 500, dialect.error(500, "http_500", text))
            return
        if reply.behaviour in ERROR_STATUS:
            await response.wait(reply.delay)
            status, message = ERROR_STATUS[reply.behaviour]
            wish = {} if reply.retry_after is None else {"retry-after": f"{reply.retry_after:g}"}
            headers = {**self.headers, **wish}
            await _json(response, status, dialect.error(status, reply.behaviour, message), headers)
            return
        await self._answer(received, asked, dialect, reply, response)

    async def _answer(
        self,
        received: ReceivedRequest,
        asked: Asked,
        dialect: Dialect,
        reply: ScriptedReply,
        response: HttpResponse,
    ) -> None:
        match reply.behaviour:
            case "stall_before":
                await response.wait(STALL_S)
            case "wrong_content_type":
                await response.whole(200, b"<html><body>Please log in</body></html>", content_type="text/html")
                received.outcome = "answered"
            case "empty":
                reply = replace(reply, text="", reasoning="", tool_calls=())
                await self._answer_normally(received, asked, dialect, reply, response)
            case "invalid_tool_json":
                calls = tuple(replace(c, arguments=c.arguments_json[:-2] + "<|") for c in reply.tool_calls)
                await self._answer_normally(received, asked, dialect, replace(reply, tool_calls=calls), response)
            case "unknown_tool":
                calls = tuple(replace(call, name=f"{call.name}_of_old") for call in reply.tool_calls)
                await self._answer_normally(received, asked, dialect, replace(reply, tool_calls=calls), response)
            case _:
                await self._answer_normally(received, asked, dialect, reply, response)

    async def _answer_normally(
        self,
        received: ReceivedRequest,
        asked: Asked,
        dialect: Dialect,
        reply: ScriptedReply,
        response: HttpResponse,
    ) -> None:
        received.billed = tokens(asked, reply)
        if not asked.stream:
            await response.wait(reply.delay)
            await _json(response, 200, dialect.body(asked, reply))
            received.outcome = "answered"
            return
        if reply.behaviour != "slow_first_token" and reply.delay:
            await response.wait(reply.delay)
        await response.start_stream(self.headers)
        if reply.behaviour == "slow_first_token":
            await response.wait(reply.delay)
        events = list(dialect.events(asked, reply))
        half = max(2, (len(events) - 3) // 2 + 1)
        for number, event in enumerate(events):
            if number == half and await self._misbehave(received, reply, response):
                return
            await response.send(event.encode())
            received.chunks_sent += 1
            if reply.chunk_delay:
                await response.wait(reply.chunk_delay)
        received.outcome = "answered"
        received.done.set()
        await response.end_stream()

    async def _misbehave(self, received: ReceivedRequest, reply: ScriptedReply, response: HttpResponse) -> bool:
        """What goes wrong in the middle of a reply; true when the rest is not sent."""
        match reply.behaviour:
            case "cut_stream":
                received.outcome = "dropped"
                response.drop()
            case "early_end":
                received.outcome = "dropped"
                await response.end_stream()
            case "stall":
                await response.wait(STALL_S)
                received.outcome = "dropped"
                response.drop()
            case "malformed_sse":
                received.outcome = "dropped"
                await response.send(b'data: {"choices": [{"delta": {"cont\n\n')
                await response.end_stream()
            case _:
                return False
        return True


async def _json(
    response: HttpResponse, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> None:
    await response.whole(status, json.dumps(body).encode(), headers=headers)


async def _main(arguments: argparse.Namespace) -> None:
    async with VendorServer(arguments.script, port=arguments.port) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A scripted model vendor.")
    parser.add_argument("--script", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args()))
