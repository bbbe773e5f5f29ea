"""A hub with its vendor for tests that are not asynchronous: both are talked to in a loop of their own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from draftsmith.client.connection import HubConnection
from e2e import hubs
from e2e.hubs import RunningHub, Talk
from vendor.server import VendorServer

T = TypeVar("T")
CALL_S = 90.0


@dataclass(kw_only=True)
class Site:
    """`url` has no slash at its end."""

    hub: RunningHub
    vendor: VendorServer
    folder: Path
    loop: asyncio.AbstractEventLoop
    talk: Talk | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hub.endpoint.websocket_port}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(CALL_S)

    def call(self, method: str, params: Mapping[str, Any]) -> Any:
        return self.run(self._call(method, params))

    async def _call(self, method: str, params: Mapping[str, Any]) -> Any:
        return await (await self._connected()).call(method, params)

    async def _connected(self) -> Talk:
        if self.talk is None:
            connection = await HubConnection.open(self.hub.endpoint, client="cli", within=hubs.START_S)
            self.talk = Talk(connection)
            await self.talk.offer(self.vendor.openai_url)
        return self.talk

    async def leave(self) -> None:
        if self.talk is not None:
            await self.talk.connection.close()
            self.talk = None

    def start(self, folder: Path, request: str = "Mend add", **more: Any) -> str:
        """The new session's id."""

        async def go() -> str:
            return await (await self._connected()).start(folder, request=request, **more)

        return self.run(go())

    def until(self, session_id: str, *statuses: str) -> dict[str, Any]:
        async def go() -> dict[str, Any]:
            return await (await self._connected()).until(session_id, *statuses)

        return self.run(go())

    def workspace(self, name: str) -> Path:
        """A small project whose only test is red; the same one for the same name."""
        folder = self.folder / "work" / name
        return folder if folder.is_dir() else hubs.calc(folder)


@contextlib.contextmanager
def living(hub: RunningHub, folder: Path) -> Iterator[Site]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    site = Site(hub=hub, vendor=hubs.vendor(), folder=folder, loop=loop)
    try:
        site.run(site.vendor.start())
        # Connected from the beginning: the hub has the vendor's key before a browser starts a session.
        site.call("hub/status", {})
        yield site
    finally:
        site.run(site.leave())
        site.run(site.vendor.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CALL_S)
        loop.close()
