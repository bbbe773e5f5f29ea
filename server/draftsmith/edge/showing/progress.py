"""Sessions at work as the editor's own progress, which can be cancelled there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.domain.errors import DraftsmithError
from draftsmith.domain.text import count
from draftsmith.edge.followed import LIVE
from draftsmith.edge.rpc.errors import RpcError

if TYPE_CHECKING:
    from draftsmith.client.held import Change
    from draftsmith.edge.editor import Editor
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.hub_link import HubLink
    from draftsmith.edge.values import JsonObject, JsonValue

_TOKEN = "draftsmith/"  # noqa: S105 (a name, not a secret)
REPORT_SECONDS = 0.5


@dataclass(slots=True)
class _Shown:
    message: str = ""
    percentage: int = 0
    due: asyncio.TimerHandle | None = None


class Progress:
    def __init__(self, editor: Editor, link: HubLink) -> None:
        self._editor = editor
        self._link = link
        self._shown: dict[str, _Shown] = {}

    def session_changed(self, followed: Followed, _change: Change) -> None:
        if not self._editor.features.progress or self._editor.features.own_sessions:
            return
        shown = self._shown.get(followed.session_id)
        session = followed.session
        working = session is not None and session["status"] in LIVE
        if working and shown is None:
            self._shown[followed.session_id] = _Shown()
            self._editor.later(self._begin(followed))
        elif not working and shown is not None:
            del self._shown[followed.session_id]
            if shown.due is not None:
                shown.due.cancel()
            self._send(followed.session_id, {"kind": "end", "message": _ending(followed)})
        elif shown is not None and shown.due is None:
            loop = asyncio.get_running_loop()
            shown.due = loop.call_later(REPORT_SECONDS, self._report, followed, shown)

    def cancelled(self, token: JsonValue) -> None:
        """The user pressed the editor's own cancel."""
        if isinstance(token, str) and token.startswith(_TOKEN):
            self._editor.later(self._cancel(token.removeprefix(_TOKEN)))

    async def _cancel(self, session_id: str) -> None:
        from draftsmith.client.messages import Empty, SessionRef

        try:
            await self._link.call("session/cancel", SessionRef(session_id=session_id), Empty)
        except DraftsmithError as refused:
            self._editor.say("warning", f"Draftsmith: {refused}")

    async def _begin(self, followed: Followed) -> None:
        token = _TOKEN + followed.session_id
        try:
            await self._editor.peer.request("window/workDoneProgress/create", {"token": token}, within=30.0)
        except (RpcError, TimeoutError):
            self._shown.pop(followed.session_id, None)
            return
        if followed.session_id not in self._shown:
            return
        value: JsonObject = {
            "kind": "begin",
            "title": f"Draftsmith: {followed.title}",
            "cancellable": True,
            "message": _message(followed),
            "percentage": 0,
        }
        self._send(followed.session_id, value)

    def _report(self, followed: Followed, shown: _Shown) -> None:
        shown.due = None
        if self._shown.get(followed.session_id) is not shown:
            return
        message, percentage = _message(followed), max(_percentage(followed), shown.percentage)
        if (message, percentage) == (shown.message, shown.percentage):
            return
        shown.message, shown.percentage = message, percentage
        self._send(followed.session_id, {"kind": "report", "message": message, "percentage": percentage})

    def _send(self, session_id: str, value: JsonObject) -> None:
        if not self._editor.congested():
            self._editor.peer.notify("$/progress", {"token": _TOKEN + session_id, "value": value})

    def close(self) -> None:
        for shown in self._shown.values():
            if shown.due is not None:
                shown.due.cancel()


def _message(followed: Followed) -> str:
    session = followed.session
    if session is None:
        return ""
    if session["status"] == "waiting" and followed.questions:
        return f"waits for your answer: {followed.questions[0]['prompt'].strip().partition(chr(10))[0][:120]}"
    tasks = [task for task in followed.tasks if task["status"] != "skipped"]
    done = sum(task["status"] in ("done", "failed") for task in tasks)
    active = next((task["title"] for task in tasks if task["status"] == "active"), "")
    counted = f"{done}/{len(tasks)} " if len(tasks) > 1 else ""
    doing = " · ".join(part for part in (active, followed.doing) if part)
    return f"{counted}{doing or session['status']}"[:200]


def _percentage(followed: Followed) -> int:
    tasks = [task for task in followed.tasks if task["status"] != "skipped"]
    if not tasks:
        return 0
    weight = {"coding": 0.25, "gates": 0.6, "critique": 0.8, "closing": 0.9}
    done = sum(1.0 if task["status"] in ("done", "failed") else 0.0 for task in tasks)
    done += sum(weight[task["phase"]] for task in tasks if task["status"] == "active")
    return int(100 * done / len(tasks))


def _ending(followed: Followed) -> str:
    session = followed.session
    if session is None:
        return ""
    match session["status"]:
        case "proposed":
            return f"proposed: {count(len(followed.waiting_hunks()), 'hunk')}"
        case status:
            return status
