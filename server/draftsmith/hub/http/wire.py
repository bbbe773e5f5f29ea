"""The server's HTTP/1.1 protocol with what it lacks: a time limit for the head of a request, and errors of our form.

It reads no head itself; h11 does.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from draftsmith.hub.http.refusals import Refusal, problem_body
from draftsmith.protocol.http import PROBLEM

HEAD_SECONDS = 15.0
"""A connection whose request has not begun, or whose head is not complete by then, is closed."""


class BoundedProtocol(H11Protocol):
    """A connection that sends nothing, or its head byte by byte, holds no room for ever."""

    _head_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride] uvicorn's own narrowing
        super().connection_made(transport)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.transport.get_protocol() is self:
            if self._head_late is None:
                self._watch_head()
        else:
            self._head_came()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._head_came()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        body = problem_body(Refusal(400, "bad_request", "This is no HTTP request, or its head is too long."))
        headers = [
            (b"content-type", PROBLEM.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        try:
            for event in (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:
            pass  # an answer was under way: the rest cannot be told
        self.transport.close()

    def _watch_head(self) -> None:
        self._head_late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_came(self) -> None:
        if self._head_late is not None:
            self._head_late.cancel()
            self._head_late = None
