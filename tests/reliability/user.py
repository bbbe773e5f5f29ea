"""The user of the crash test, as a client of the hub: answers, accepts, edits, and comes back when the hub is gone.

It does what a person with a terminal would do, from what the hub shows; it never looks into the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from draftsmith.client.connection import HubConnection
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.client.held import HeldSession
from draftsmith.client.inbox import Notified
from draftsmith.domain.errors import UserError
from reliability import story

STEP_SECONDS = 45.0
"""Longest silence of the hub while there is work to do."""


class Stuck(AssertionError):
    """The session did not come to its end; the message says where it stood."""


class User:
    """`connect` gives a connection, starting the hub when none runs. `end` drives one session to its end."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[HubConnection]],
        workspace: Path,
        *,
        model: str,
        base_url: str,
        autonomy: str = "ask",
        waits_to_be_asked: bool = False,
    ) -> None:
        self.held: HeldSession | None = None
        self.proposal: list[dict[str, Any]] = []
        """The proposed changes with their text, as shown before anything was accepted."""
        self.untouched = False
        self.edited = False
        """The user has changed a file that the rest of the proposal changes, too."""
        self._connect = connect
        self._workspace = workspace
        self._model = model
        self._base_url = base_url
        self._waits_to_be_asked = waits_to_be_asked
        self.asked_for_key = False
        self._autonomy = autonomy
        self._before = story.everything_in(workspace)

    async def end(self) -> HeldSession:
        """Returns when the session is finished, however often the hub is lost on the way."""
        while True:
            connection = await self._connect()
            try:
                return await self._follow(connection)
            except (HubLost, HubUnavailable):
                continue
            finally:
                await connection.close()

    async def _follow(self, connection: HubConnection) -> HeldSession:
        if self.held is None or not self._waits_to_be_asked:
            await self._offer_key(connection)
        held = HeldSession(await self._session(connection))
        self.held = held
        attached = await self._call(connection, "session/attach", {"session_id": held.session_id})
        held.replace(attached["snapshot"])
        while not self._over(held):
            if not await self._act(connection, held):
                await self._hear(connection, held)
        return held

    async def _offer_key(self, connection: HubConnection) -> None:
        provider = self._model.split("/", maxsplit=1)[0]
        key = {
            "provider": provider,
            "label": "test",
            "value": "a-key",
            "base_url": self._base_url,
            "origin": "environment",
        }
        await self._call(connection, "credentials/offer", {"credentials": [key]})

    async def _session(self, connection: HubConnection) -> str:
        """The session that was started, also when the answer to its start was lost."""
        listed = await self._call(connection, "session/list", {})
        if listed["sessions"]:
            return listed["sessions"][0]["session_id"]
        started = await self._call(
            connection,
            "session/start",
            {
                "folders": [str(self._workspace)],
                "request": story.REQUEST,
                "autonomy": self._autonomy,
                "model": self._model,
            },
        )
        return started["session_id"]

    def _over(self, held: HeldSession) -> bool:
        session = _one(held, "session")
        if session["status"] in ("stopped", "cancelled"):
            raise Stuck(f"The session is {session['status']}: {session.get('stopped')}")
        return session["status"] == "finished"

    async def _hear(self, connection: HubConnection, held: HeldSession) -> None:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                notified = await connection.next_notification()
        except TimeoutError:
            raise Stuck(f"Nothing happened for {STEP_SECONDS:.0f} s: {_one(held, 'session')}") from None
        if isinstance(notified, Notified) and notified.method == "session/update":
            assert held.apply(cast("Any", notified.params)) != "gap", "the hub left an update out"
        elif isinstance(notified, Notified) and notified.method == "session/snapshot":
            held.replace(cast("Any", notified.params))

    async def _act(self, connection: HubConnection, held: HeldSession) -> bool:
        """One thing that a person would do now; False when there is nothing to do but watch."""
        for decision in held.of("decision", dict):
            if decision["state"] == "open" and decision["subject"] == "key" and not self.asked_for_key:
                self.asked_for_key = True
                await self._offer_key(connection)
                return False
            if decision["state"] == "open" and decision["subject"] in ("plan", "question"):
                answer = "approve" if decision["subject"] == "plan" else story.ANSWER
                params = {"session_id": held.session_id, "decision_id": decision["id"], "answer": answer}
                await self._tried(connection, held, "decision/answer", params)
                return True
        if _one(held, "session")["status"] != "proposed" or self._autonomy == "auto":
            return False
        await self._look_at(connection, held)
        pending = [hunk for hunk in held.of("hunk", dict) if hunk["status"] in ("pending", "conflicted")]
        first = [hunk["id"] for hunk in pending if hunk["path"] in story.FIRST]
        if not first and not self.edited:
            self.edited = True
            story.edit_before(self._workspace)
        wanted = first or [hunk["id"] for hunk in pending]
        if not wanted:
            return False
        params = {"session_id": held.session_id, "hunk_ids": wanted}
        await self._tried(connection, held, "proposal/accept", params)
        return True

    async def _look_at(self, connection: HubConnection, held: HeldSession) -> None:
        if not self.proposal:
            shown = await self._call(connection, "proposal/hunks", {"session_id": held.session_id})
            self.proposal = shown["hunks"]
            self.untouched = story.everything_in(self._workspace) == self._before

    async def _tried(self, connection: HubConnection, held: HeldSession, method: str, params: dict[str, Any]) -> None:
        """A command, and then what it did. What was done before a crash is refused when it is asked for again."""
        try:
            await self._call(connection, method, params)
        except UserError as refused:
            if refused.code != "illegal_command":
                raise
        attached = await self._call(connection, "session/attach", {"session_id": held.session_id})
        held.replace(attached["snapshot"])

    async def _call(self, connection: HubConnection, method: str, params: dict[str, Any]) -> Any:
        return await connection.call(cast("Any", method), params, dict, within=STEP_SECONDS)


def _one(held: HeldSession, kind: str) -> dict[str, Any]:
    return held.of(cast("Any", kind), dict)[0]
