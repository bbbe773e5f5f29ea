"""Two clients watch one session over cut connections and killed hubs, with real processes: both end with the same."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

from draftsmith.client.connection import HubConnection
from draftsmith.client.failures import HubLost
from draftsmith.client.held import Change
from draftsmith.client.session_view import Interrupted, SessionView
from draftsmith.client.start import connect_running
from e2e.hubs import WAIT_S, Talk, calc, running, vendor

SAYS: dict[str, Any] = {
    "text": "Thinking 🧠 about it: naïve, 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 and 😀😀. " * 12,
    "chunk_delay": 0.01,
    "chunk_size": 7,
    "tool_calls": [{"name": "read", "arguments": {"path": "calc.py"}}],
}


class Watcher:
    """A view that is followed until its end, and how often it lost the hub."""

    def __init__(self, state_dir: Path, session_id: str) -> None:
        async def connect(_lost: HubLost | None) -> HubConnection | None:
            return await connect_running(state_dir, client="cli")

        self.view = SessionView(session_id, connect)
        self.lost = 0
        self.appends = 0
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for change in self.view.changes():
            self.lost += isinstance(change, Interrupted)
            if isinstance(change, Change):
                self.appends += len(change.appends)

    def cut(self) -> None:
        """Breaks the connection without a word."""
        with suppress(HubLost):
            self.view.connection._socket.transport.abort()

    async def holds(self, epoch: str, seq: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while (self.view.held.epoch, self.view.held.seq or 0) != (epoch, seq):
                assert not self._task.done(), self._task.exception()
                await asyncio.sleep(0.02)

    async def end(self) -> dict[tuple[str, str], Any]:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        return {(entity["kind"], entity["id"]): entity for entity in self.view.held}


async def test_both_clients_end_with_what_a_newcomer_is_shown(state_dir: Path, tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 (the same cuts in every run)
    async with vendor(SAYS, SAYS, SAYS) as model:
        watchers: list[Watcher] = []
        session_id = ""
        for life in range(3):
            with running(state_dir) as hub:
                async with hub.connected() as talk:
                    await talk.offer(model.openai_url)
                    if not session_id:
                        session_id = await talk.start(calc(tmp_path / "ws"))
                        watchers += [Watcher(state_dir, session_id), Watcher(state_dir, session_id)]
                    if life < 2:
                        asked = model.count
                        await cut_while(watchers, dice, lambda asked=asked: model.count < asked + 2)
                        hub.kill()
                        continue
                    await cut_while(watchers, dice, lambda: False)
                    await talk.until(session_id, "proposed")
                    await same(talk, session_id, watchers)
    assert all(watcher.lost >= 3 for watcher in watchers), "nobody was cut off"
    assert any(watcher.appends for watcher in watchers), "no text was streamed"


async def cut_while(watchers: list[Watcher], dice: random.Random, on: Any) -> None:
    """Breaks connections now and then; at least once each."""
    async with asyncio.timeout(WAIT_S):
        for watcher in watchers:
            await asyncio.sleep(dice.random() / 5)
            watcher.cut()
        while on():
            await asyncio.sleep(dice.random() / 10)
            if dice.random() < 0.2:
                dice.choice(watchers).cut()


async def same(talk: Talk, session_id: str, watchers: list[Watcher]) -> None:
    snapshot = (await talk.call("session/attach", {"session_id": session_id}))["snapshot"]
    shown = {(entity["kind"], entity["id"]): entity for entity in snapshot["entities"]}
    for watcher in watchers:
        await watcher.holds(snapshot["epoch"], snapshot["seq"])
        assert await watcher.end() == shown
