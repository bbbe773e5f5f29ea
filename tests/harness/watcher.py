"""One client that watches a session as a screen does, and what tests ask of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast

from draftsmith.client.connection import HubConnection
from draftsmith.client.messages import AttachResult, EntityKind, ExportResult
from draftsmith.client.session_view import SessionView
from harness.hub import HubProcess

PATIENCE_S = 90.0
"""For a machine that does much else; nothing waits so long unless it is broken."""
EXPORT_PAGE = 500

Entities = list[dict[str, Any]]


class Watcher:
    """Follows a session from its start; use it as an async context."""

    def __init__(self, hub: HubProcess, session_id: str, *, client: str = "watcher") -> None:
        self.session_id = session_id
        self._hub = hub
        self._client = client
        self._view = SessionView(session_id, self._connect)
        self._moved = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following

    async def _connect(self, _lost: object) -> HubConnection:
        return await self._hub.connect(self._client)

    async def _follow(self) -> None:
        try:
            async for _ in self._view.changes():
                async with self._moved:
                    self._moved.notify_all()
        finally:
            async with self._moved:
                self._moved.notify_all()

    # --- what is seen ---

    def entities(self, kind: EntityKind) -> Entities:
        return cast("Entities", self._view.held.of(kind, dict))

    @property
    def session(self) -> dict[str, Any]:
        found = self.entities("session")
        return found[0] if found else {}

    @property
    def status(self) -> str:
        return str(self.session.get("status", ""))

    # --- waiting ---

    async def until(self, holds: Callable[[], bool], what: str, *, seconds: float = PATIENCE_S) -> None:
        """Waits for something seen. Raises AssertionError that tells how the session stands."""
        try:
            async with asyncio.timeout(seconds), self._moved:
                while not holds():
                    if self._following is not None and self._following.done():
                        await self._following
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not come within {seconds:.0f} s.\n{self.describe()}") from None

    async def catch_up(self, connection: HubConnection) -> None:
        """Waits until everything that the hub has announced so far has been seen."""
        epoch, seq = await self._position(connection)
        held = self._view.held
        await self.until(lambda: held.epoch == epoch and (held.seq or 0) >= seq, f"update {seq} of {epoch}")

    async def _position(self, connection: HubConnection) -> tuple[str, int]:
        snapshot = await self._snapshot(connection)
        return str(snapshot["epoch"]), int(snapshot["seq"])

    async def _snapshot(self, connection: HubConnection) -> dict[str, Any]:
        result = await connection.call("session/attach", {"session_id": self.session_id}, AttachResult)
        await connection.acknowledge("session/detach", {"session_id": self.session_id})
        assert result["snapshot"] is not None
        return cast("dict[str, Any]", result["snapshot"])

    # --- the whole ---

    async def differences_to_a_newcomer(self, connection: HubConnection) -> list[str]:
        """Entities that a client that attaches now sees otherwise than this one, which followed every update."""
        snapshot = await self._snapshot(connection)
        fresh = {(one["kind"], one["id"]): one for one in snapshot["entities"]}
        held = {(one["kind"], one["id"]): one for one in self._view.held}
        return [f"{key}: {held.get(key)} / {fresh.get(key)}" for key in fresh | held if fresh.get(key) != held.get(key)]

    async def events(self, connection: HubConnection) -> list[dict[str, Any]]:
        """The session's whole log, as exported."""
        found: list[dict[str, Any]] = []
        while True:
            params = {"session_id": self.session_id, "after": len(found), "limit": EXPORT_PAGE}
            page = await connection.call("session/export", params, ExportResult)
            found += (json.loads(line) for line in page["events"])
            if not page["more"]:
                return found

    def describe(self) -> str:
        """The session as a person would see it, for a failing test's report."""
        session = self.session
        lines = [f"Session {self.session_id}: {session.get('status')} {session.get('stopped') or ''}"]
        lines += (
            f"  task {one['id']}: {one['status']} {one['phase']} {one['reason']}" for one in self.entities("task")
        )
        for step in self.entities("step"):
            text = step["text"][:300].replace("\n", " ⏎ ")
            lines.append(f"  {step['step']} {step['state']} {step['title'][:100]!r} {step['outcome']}: {text}")
        lines += (f"  gate {one['gate']}: {one['verdict']} {one['reason']}" for one in self.entities("gate"))
        lines += (
            f"  hunk {one['path']}:{one['base_start']}: {one['status']} {one['note']}" for one in self.entities("hunk")
        )
        return "\n".join(lines)
