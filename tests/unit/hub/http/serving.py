"""The hub's HTTP server in this process, with limits that a test can wait for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from tests.unit.hub.worlds import TOKEN, World

from draftsmith.hub.http.app import make_app
from draftsmith.hub.http.guard import public_place
from draftsmith.hub.http.wire import BoundedProtocol

WAIT_S = 20.0


@asynccontextmanager
async def served(made: World, *, pages: Path, url: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token of a server that runs until the end of the block."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = int(listening.getsockname()[1])
    app: Any = make_app(made.hub, token=TOKEN, port=port, public=public_place(url, port), pages=pages)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server._serve(sockets=[listening]))
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=WAIT_S,
            trust_env=False,
        ) as client:
            yield client
    finally:
        made.hub.stopping.set()
        server.should_exit = True
        await serving
        listening.close()
