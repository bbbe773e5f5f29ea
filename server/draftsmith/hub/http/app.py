"""The hub's ASGI application: everything that is reached by HTTP, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from draftsmith import __version__
from draftsmith.hub.http.connection import Connection
from draftsmith.hub.http.entrance import Entrance
from draftsmith.hub.http.events import Events
from draftsmith.hub.http.guard import Guard, PublicPlace, loopback_names
from draftsmith.hub.http.identity import Identity
from draftsmith.hub.http.pages import Pages
from draftsmith.hub.http.questions import QUESTIONS_PATH, Questions
from draftsmith.hub.http.refusals import Refusal, on_no_route, on_refusal, on_wrong_verb
from draftsmith.hub.http.repeats import Repeats
from draftsmith.hub.http.rest import Rest
from draftsmith.hub.http.settings import IdentitySettings
from draftsmith.hub.http.sign_in import SignIn
from draftsmith.hub.service import Hub
from draftsmith.hub.web_access import WebAccess
from draftsmith.protocol.http import PREFIX

PAGES_FOLDER = Path(__file__).parents[2] / "web" / "static"
MAX_SOCKETS = 4_000


def make_app(
    hub: Hub,
    *,
    token: str | None,
    port: int,
    public: PublicPlace | None = None,
    pages: Path = PAGES_FOLDER,
    signed_in: Callable[[], None] = lambda: None,
    web: WebAccess | None = None,
    repeats: Repeats | None = None,
    identity: IdentitySettings | None = None,
) -> ASGIApp:
    """The guard stands before all of it. `signed_in` is told when a browser came in by its code.

    Without a token it is for named users only, under the public name only. `web` knows who is signed in and `repeats`
    which commands were made; what is made without them forgets with its process.
    """
    place = public or PublicPlace(host=f"127.0.0.1:{port}", root="", secure=False)
    web = web or WebAccess(place.address)
    hub.web = web
    # A browser's cookies are of a machine, not of a port: each place has a name of its own.
    entrance = Entrance(token, web, f"draftsmith_{port}", hub.users)
    sign_in = SignIn(entrance, root=place.root, secure=place.secure, signed_in=signed_in)
    by_identity = None if identity is None else Identity(identity, entrance, sign_in, place)
    sign_in.by_identity = by_identity is not None
    sockets = 0

    async def ws(socket: WebSocket) -> None:
        nonlocal sockets
        if sockets >= MAX_SOCKETS:
            await socket.close(1013, "Too many connections.")
            return
        sockets += 1
        try:
            await Connection(hub, socket, entrance.is_token, entrance.recognise(socket)).run()
        finally:
            sockets -= 1

    app = Starlette(
        routes=[
            Route("/healthz", _healthz, methods=["GET"]),
            WebSocketRoute(f"{PREFIX}/ws", ws),
            Route(f"{PREFIX}/openapi.json", _OpenApi(entrance).answer, methods=["GET"]),
            Route(QUESTIONS_PATH, Questions(hub, entrance).answer, methods=["POST"]),
            *sign_in.routes(),
            *(by_identity.routes() if by_identity is not None else ()),
            *Events(hub, entrance).routes(),
            *Rest(hub, entrance, repeats or Repeats()).routes(),
            *Pages(pages, place.root).routes(),
        ],
        exception_handlers={Refusal: on_refusal, 404: on_no_route, 405: on_wrong_verb},
    )
    app.router.redirect_slashes = False
    return Guard(app, place, () if token is None else loopback_names(port))


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok", "version": __version__})


class _OpenApi:
    """The description of the interface; made when it is first asked for."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._made: dict[str, object] | None = None

    async def answer(self, request: Request) -> Response:
        self._entrance.admit(request)
        if self._made is None:
            # Late: few ask for it.
            from draftsmith.protocol.generate.openapi import openapi

            self._made = dict(openapi())
        return JSONResponse(self._made, headers={"cache-control": "private, no-cache"})
