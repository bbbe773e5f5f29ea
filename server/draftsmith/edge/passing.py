"""The client protocol passed through one to one: `draftsmith/<method>` to the hub, its notifications to the client.

On a connection of its own, opened when first used: what the client is attached to is none of the edge's business.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from draftsmith.domain.errors import DraftsmithError
from draftsmith.edge.log_file import keep_out
from draftsmith.edge.reading import maybe_text, objects
from draftsmith.edge.rpc.errors import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Callable

    from draftsmith.client.inbox import Notified
    from draftsmith.client.messages import MethodName
    from draftsmith.edge.editor import Editor
    from draftsmith.edge.hub_link import HubLink
    from draftsmith.edge.values import JsonObject, JsonValue

PREFIX = "draftsmith/"
NOT_PASSED = frozenset({"hello"})
"""The edge signs in by itself; the token is none of the editor's business."""
_KEPT_BACK_MOST = 2_000


class Passing:
    """`link` makes the connection and starts its upkeep."""

    def __init__(self, editor: Editor, link: Callable[[], HubLink]) -> None:
        self._editor = editor
        self._make_link = link
        self._link: HubLink | None = None
        self._attaching: dict[str, list[Notified]] = {}
        self._behind: set[str] = set()

    async def call(self, method: str, params: JsonObject) -> JsonValue:
        """The hub's answer. Raises LookupError for a method that there is not, and what the hub refuses."""
        if method in NOT_PASSED:
            raise LookupError(PREFIX + method)
        if method == "credentials/offer":
            for credential in objects(params, "credentials"):
                keep_out(maybe_text(credential, "value"))
        if self._link is None:
            self._link = self._make_link()
        if method == "session/attach":
            return await self._attach(self._link, params)
        result = await self._link.call(cast("MethodName", method), params, dict)
        return cast("JsonObject", result)

    async def _attach(self, link: HubLink, params: JsonObject) -> JsonValue:
        """What comes for the session while the answer is under way is sent after it."""
        session_id = maybe_text(params, "session_id")
        if not session_id or session_id in self._attaching:
            raise InvalidParams("`session_id` is missing, or an attach of it is under way.")
        self._attaching[session_id] = []
        self._behind.discard(session_id)
        try:
            return cast("JsonObject", await link.call("session/attach", params, dict))
        finally:
            # The answer is queued in this very turn of the loop, so what was kept back comes after it.
            asyncio.get_running_loop().call_soon(self._release, session_id)

    def _release(self, session_id: str) -> None:
        for notified in self._attaching.pop(session_id, []):
            self.notified(notified)

    def notified(self, notified: Notified | None) -> None:
        """From the hub. None: some were lost; the client sees the gap and attaches again."""
        if notified is None:
            return
        session_id = str(notified.params.get("session_id", ""))
        kept = self._attaching.get(session_id)
        if kept is not None:
            if len(kept) < _KEPT_BACK_MOST:
                kept.append(notified)
        elif session_id in self._behind:
            return
        elif self._editor.congested():
            self._behind.add(session_id)
        else:
            self._editor.peer.notify(PREFIX + notified.method, notified.params)

    def drained(self) -> None:
        """The client takes messages again: sessions that it missed something of come as a whole."""
        behind, self._behind = self._behind, set()
        for session_id in behind:
            self._editor.later(self._catch_up(session_id))

    async def _catch_up(self, session_id: str) -> None:
        if self._link is None or session_id in self._attaching:
            return
        self._attaching[session_id] = []
        try:
            params: JsonObject = {"session_id": session_id, "epoch": None, "seq": None}
            result = cast("JsonObject", await self._link.call("session/attach", params, dict))
            snapshot = result.get("snapshot")
            if isinstance(snapshot, dict):
                self._editor.peer.notify(f"{PREFIX}session/snapshot", snapshot)
        except DraftsmithError as failure:
            self._editor.record("warning", f"Session {session_id} could not be caught up with: {failure}")
        finally:
            self._release(session_id)

    @property
    def in_use(self) -> HubLink | None:
        return self._link
