"""Checks of every HTTP request and upgrade: any web page can reach a port on loopback.

Wrong Host: DNS rebinding. Foreign Origin: a page of somebody else. Both are refused before anything is read.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class LoopbackGuard:
    """Lets through what is addressed to this hub by a loopback name and comes from no foreign page."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and (reason := self._refusal(Headers(scope=scope))):
            await _refuse(scope, receive, send, reason)
            return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers) -> str | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return "The Host header does not name this hub."
        origins = headers.getlist("origin")
        if any(origin.lower() not in self._origins for origin in origins):
            return "Requests from other web pages are refused."
        return None


async def _refuse(scope: Scope, receive: Receive, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": reason})
        return
    body = f'{{"title": "Forbidden", "status": 403, "detail": "{reason}"}}'.encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
