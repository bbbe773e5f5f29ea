"""Checks of every HTTP request and upgrade: any web page can reach a port on loopback.

Wrong Host: DNS rebinding. Foreign Origin, or a fetch from another site or port: a page of somebody else. They are
refused before anything is read. Every answer carries the headers that keep a page from being abused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from draftsmith.domain.errors import UserError
from draftsmith.hub.http.refusals import Refusal, problem

MAX_HEAD = 32 * 1024
"""Bytes of a request's line and headers."""

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPlace:
    """Where browsers reach the hub. `root` has a slash in front and none behind, or is empty."""

    host: str
    root: str
    secure: bool

    @property
    def address(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.host}{self.root}"


def public_place(url: str, port: int) -> PublicPlace:
    """What the setting says, or this machine's own loopback address. Raises UserError (`bad_web_url`)."""
    if not url:
        return PublicPlace(host=f"127.0.0.1:{port}", root="", secure=False)
    try:
        parts = urlsplit(url)
        named = parts.hostname and (parts.port or True)
    except ValueError:
        named = None
        parts = urlsplit("")
    if not named or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        raise UserError(
            f"{url!r} is not an address under which a browser could reach the dashboard.",
            code="bad_web_url",
            remedy="Set DRAFTSMITH_WEB_URL to one like https://example.org/draftsmith, or leave it out.",
        )
    return PublicPlace(host=parts.netloc.lower(), root=parts.path.rstrip("/"), secure=parts.scheme == "https")


def loopback_names(port: int) -> tuple[str, ...]:
    """What this machine's own clients call the hub."""
    return tuple(f"{name}:{port}" for name in LOOPBACK_NAMES)


class Guard:
    """Lets through what is addressed to this hub by a name of its own and comes from no foreign page."""

    def __init__(self, app: ASGIApp, public: PublicPlace, own: Iterable[str]) -> None:
        """`own`: names with their port, beside the public one, under which the hub is reached here without TLS."""
        self._app = app
        self._root = public.root
        names = frozenset(own)
        self._hosts = names | {public.host}
        shown = f"{'https' if public.secure else 'http'}://{public.host}"
        self._origins = frozenset({*(f"http://{host}" for host in names), shown})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if self._root and (path == self._root or path.startswith(f"{self._root}/")):
            # Some proxies take the prefix away, others do not.
            path = path[len(self._root) :] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message))
            await send(message)

        if refusal := self._refusal(Headers(scope=scope), path):
            await _refuse(scope, receive, dressed, refusal)
            return
        await self._app(scope, receive, dressed)

    def _refusal(self, headers: Headers, path: str) -> Refusal | None:
        if sum(len(name) + len(value) for name, value in headers.raw) > MAX_HEAD:
            return Refusal(400, "bad_request", f"The head of the request has more than {MAX_HEAD:,} bytes.")
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return Refusal(403, "wrong_host", "The Host header does not name this hub.")
        foreign = any(origin.lower() not in self._origins for origin in headers.getlist("origin"))
        # A page on another port of this machine is of the same site: its requests come with our cookie.
        site = headers.get("sec-fetch-site", "none")
        if foreign or (path.startswith("/api/") and site not in ("same-origin", "none")):
            return Refusal(403, "foreign_page", "Requests from other web pages are refused.")
        return None


def _dress(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("content-security-policy", PAGE_POLICY if page else DATA_POLICY)


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": refusal.detail})
        return
    await problem(refusal)(scope, receive, send)
