"""The hub's ASGI application."""

from __future__ import annotations

from fastapi import FastAPI, WebSocket
from starlette.types import ASGIApp

from draftsmith import __version__
from draftsmith.hub.http.connection import Connection
from draftsmith.hub.http.guard import LoopbackGuard
from draftsmith.hub.service import Hub


def make_app(hub: Hub, *, token: str, port: int) -> ASGIApp:
    """WebSocket at `/api/v1/ws`, liveness at `/healthz`. The guard stands before all of it."""
    app = FastAPI(title="Draftsmith hub", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)

    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    async def ws(socket: WebSocket) -> None:
        await Connection(hub, socket, token).run()

    app.add_api_route("/healthz", healthz)
    app.add_api_websocket_route("/api/v1/ws", ws)
    return LoopbackGuard(app, port)
