"""The sessions that concern the editor's folders, kept up by the hub, and who wants to know of their changes.

Sessions begun elsewhere are found by asking now and then; those begun here are followed at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from draftsmith.client.held import Change
from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.edge.followed import LIVE, Followed

if TYPE_CHECKING:
    from draftsmith.client.inbox import Notified
    from draftsmith.client.messages import SessionEntity, SessionLine, Snapshot, Update
    from draftsmith.edge.folders import Folders
    from draftsmith.edge.hub_link import HubLink

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""Between two looks for sessions that began elsewhere."""
LOOKED_AT = 50
"""As many of the newest sessions are looked at."""
FOLLOWED_MOST = 64
"""More than anybody has at work at once; the oldest that are over make room."""
TEXTS_AT_ONCE = 200

Listener = Callable[[Followed, Change], None]
"""Called in the loop for every change; hunks whose text came count as changed."""


class Following:
    """Run `look` as a task; give `connected` and `notified` to the link."""

    def __init__(self, link: HubLink, folders: Folders) -> None:
        self._link = link
        self._folders = folders
        self._held: dict[str, Followed] = {}
        self._elsewhere: set[str] = set()
        self._listeners: list[Listener] = []
        self._look_now = asyncio.Event()
        self._catching_up: dict[str, asyncio.Task[None]] = {}

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def __iter__(self) -> Iterator[Followed]:
        return iter(tuple(self._held.values()))

    def get(self, session_id: str) -> Followed | None:
        return self._held.get(session_id)

    def newest(self) -> Followed | None:
        """The session that changed last, for commands that name none."""
        known = [one for one in self._held.values() if one.session is not None]
        return max(known, key=lambda one: (one.session or {}).get("updated_at", 0), default=None)

    async def follow(self, session_id: str) -> Followed:
        """Attach to a session and keep it up. Raises UserError (`unknown_session`), AdapterError."""
        held = self._held.get(session_id)
        if held is None:
            held = Followed(session_id)
            self._held[session_id] = held
            try:
                await self._attach(held)
            except UserError:
                self._held.pop(session_id, None)
                raise
        return held

    async def connected(self) -> None:
        """The link is there (again): take up every session where it was left."""
        for held in self:
            self._catch_up(held)
        self._elsewhere.clear()
        self.look_again()

    def look_again(self) -> None:
        """Look for sessions at once: folders changed, or something was started."""
        self._look_now.set()

    def folders_changed(self) -> None:
        self._elsewhere.clear()
        self.look_again()

    def notified(self, notified: Notified | None) -> None:
        if notified is None:
            for held in self:
                self._catch_up(held)
            return
        held = self._held.get(str(notified.params.get("session_id")))
        if held is None:
            return
        match notified.method:
            case "session/snapshot":
                self._tell(held, held.replace(cast("Snapshot", notified.params)))
            case "session/update":
                outcome = held.apply(cast("Update", notified.params))
                if isinstance(outcome, Change):
                    self._tell(held, outcome)
                elif outcome == "gap":
                    self._catch_up(held)
            case _:
                pass

    async def look(self) -> None:
        """Until cancelled."""
        while True:
            if self._link.connected:
                try:
                    await self._look_once()
                except DraftsmithError as failure:
                    log.info("looking for sessions failed: %s", failure)
            self._look_now.clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look_now.wait()
            except TimeoutError:
                continue

    # --- inside ---

    async def _look_once(self) -> None:
        from draftsmith.client.messages import ListParams, ListResult

        result = await self._link.call("session/list", ListParams(limit=LOOKED_AT), ListResult)
        listed = {line["session_id"]: line for line in result["sessions"]}
        self._elsewhere &= listed.keys()
        for line in listed.values():
            if line["session_id"] not in self._held and await self._concerns(line):
                await self.follow(line["session_id"])
        self._let_go_of_old()

    async def _concerns(self, line: SessionLine) -> bool:
        session_id = line["session_id"]
        if session_id in self._elsewhere or line["status"] not in (*LIVE, "proposed", "stopped"):
            return False
        from draftsmith.client.messages import EntityParams, EntityResult

        params = EntityParams(session_id=session_id, kind="session", id=session_id)
        entity = cast("SessionEntity", (await self._link.call("entity/get", params, EntityResult))["entity"])
        if self._folders.concerns(root["path"] for root in entity["roots"]):
            return True
        self._elsewhere.add(session_id)
        return False

    def _let_go_of_old(self) -> None:
        over = [held for held in self._held.values() if not held.live and not held.waiting_hunks()]
        over.sort(key=lambda one: (one.session or {}).get("updated_at", 0))
        for held in over[: max(0, len(self._held) - FOLLOWED_MOST)]:
            del self._held[held.session_id]

    async def _attach(self, held: Followed) -> None:
        from draftsmith.client.messages import AttachParams, AttachResult

        known = held.held
        params = AttachParams(session_id=held.session_id, epoch=known.epoch, seq=known.seq)
        result = await self._link.call("session/attach", params, AttachResult)
        if result["snapshot"] is not None:
            self._tell(held, held.replace(result["snapshot"]))
        for update in result["updates"]:
            outcome = held.apply(update)
            if isinstance(outcome, Change):
                self._tell(held, outcome)

    def _catch_up(self, held: Followed) -> None:
        running = self._catching_up.get(held.session_id)
        if running is None or running.done():
            self._catching_up[held.session_id] = asyncio.ensure_future(self._caught_up(held))

    async def _caught_up(self, held: Followed) -> None:
        try:
            await self._attach(held)
        except UserError as unknown:
            log.info("session %s is gone: %s", held.session_id, unknown)
            self._held.pop(held.session_id, None)
        except DraftsmithError as failure:  # the link is gone again; its return brings us back here
            log.info("session %s could not be taken up: %s", held.session_id, failure)

    def _tell(self, held: Followed, change: Change) -> None:
        if not (change.whole or change.entities or change.removed):
            return  # streamed text only
        if held.missing_texts():
            key = f"texts {held.session_id}"
            running = self._catching_up.get(key)
            if running is None or running.done():
                self._catching_up[key] = asyncio.ensure_future(self._fetch_texts(held))
        for listener in tuple(self._listeners):
            listener(held, change)

    async def _fetch_texts(self, held: Followed) -> None:
        from draftsmith.client.messages import HunkTextsParams, HunkTextsResult

        try:
            while missing := held.missing_texts()[:TEXTS_AT_ONCE]:
                params = HunkTextsParams(session_id=held.session_id, hunk_ids=missing)
                result = await self._link.call("proposal/hunks", params, HunkTextsResult)
                if not result["hunks"]:
                    return
                held.put_texts(result["hunks"])
                come = {text["hunk_id"] for text in result["hunks"]}
                change = Change(entities=tuple(hunk for hunk in held.hunks if hunk["id"] in come))
                for listener in tuple(self._listeners):
                    listener(held, change)
        except DraftsmithError as failure:
            log.info("the hunks' text of %s did not come: %s", held.session_id, failure)

    async def close(self) -> None:
        for task in self._catching_up.values():
            task.cancel()
        await asyncio.gather(*self._catching_up.values(), return_exceptions=True)
