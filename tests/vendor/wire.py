"""A little HTTP/1.1 for the scripted vendor: requests in, whole or streamed responses out, disconnects seen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


class DisconnectedError(Exception):
    """The client closed the connection."""


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request of a connection; `None` when the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, separator, value in (line.partition(":") for line in lines)
        if separator
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path, _, query = target.partition("?")
    return HttpRequest(method=method, path=path, query=query, headers=headers, body=body)


class HttpResponse:
    """One response. Waiting and writing raise `DisconnectedError` as soon as the client closes the connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.started = False

    async def whole(
        self,
        status: int,
        body: bytes,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self._head(status, {"content-type": content_type, "content-length": str(len(body)), **(headers or {})})
        self._writer.write(body)
        await self._drain()

    async def start_stream(self, headers: Mapping[str, str], *, content_type: str = "text/event-stream") -> None:
        self._head(200, {"content-type": content_type, "transfer-encoding": "chunked", **headers})
        await self._drain()

    async def send(self, data: bytes) -> None:
        self._writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await self._drain()
        await asyncio.sleep(0)
        if self._reader.at_eof():
            raise DisconnectedError

    async def end_stream(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._drain()

    def drop(self) -> None:
        """Close without ending the body, as a crashed vendor does."""
        self._writer.transport.abort()

    async def wait(self, seconds: float) -> None:
        """Sleep; clients send nothing while they wait for a reply, so what can be read then is their leaving."""
        if seconds <= 0:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._reader.read(1)
                raise DisconnectedError

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.started = True
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise DisconnectedError from error
