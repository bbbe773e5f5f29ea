"""Questions of a session as message requests, for editors that have nothing better; and how a session ended.

Answered elsewhere, a question is withdrawn here; whoever answers too late is told so.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.domain.text import count
from draftsmith.edge.rpc.errors import RpcError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from draftsmith.client.held import Change
    from draftsmith.client.messages import DecisionEntity
    from draftsmith.edge.editor import Editor
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.hub_link import HubLink

OWN_WORDS = "In own words …"
SHOW_PLAN = "Show the plan"
_PROMPT_MOST = 1_500


class Questions:
    """`open_paper` shows a document in which a question can be answered."""

    def __init__(
        self,
        editor: Editor,
        link: HubLink,
        open_paper: Callable[[Followed, DecisionEntity], Coroutine[None, None, None]],
    ) -> None:
        self._editor = editor
        self._link = link
        self._open_paper = open_paper
        self._asked: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._told: dict[str, tuple[str, int]] = {}

    def session_changed(self, followed: Followed, change: Change) -> None:
        features = self._editor.features
        if not features.own_questions:
            self._ask_what_is_open(followed)
        if not features.own_sessions:
            self._tell_the_end(followed, change)

    def _ask_what_is_open(self, followed: Followed) -> None:
        open_now = {(followed.session_id, one["id"]): one for one in followed.questions if one["subject"] != "key"}
        for key in [key for key in self._asked if key[0] == followed.session_id and key not in open_now]:
            self._asked.pop(key).cancel()
        for key, question in open_now.items():
            if key not in self._asked:
                self._asked[key] = self._editor.later(self._ask(followed, question))

    def ask_again(self, followed: Followed, question: DecisionEntity) -> None:
        """The user closed the question and wants it back."""
        key = (followed.session_id, question["id"])
        earlier = self._asked.get(key)
        if earlier is None or earlier.done():
            self._asked[key] = self._editor.later(self._ask(followed, question))

    async def _ask(self, followed: Followed, question: DecisionEntity) -> None:
        choices = [*question["options"]]
        if question["subject"] == "plan":
            choices.append(SHOW_PLAN)
        elif question["free_text"]:
            choices.append(OWN_WORDS)
        prompt = question["prompt"].strip()
        if len(prompt) > _PROMPT_MOST:
            prompt = f"{prompt[:_PROMPT_MOST]} …"
        try:
            answer = await self._editor.ask("info", f"Draftsmith: {followed.title}\n{prompt}", choices)
        except RpcError as unable:
            self._editor.record("warning", f"The editor asks no questions ({unable.message}).")
            return
        match answer:
            case None:
                return  # closed without an answer: the code actions still offer it
            case str() if answer in (OWN_WORDS, SHOW_PLAN) and answer not in question["options"]:
                await self._open_paper(followed, question)
            case str():
                await self.answer(followed.session_id, question["id"], answer)

    async def answer(self, session_id: str, decision_id: str, answer: str, text: str = "") -> None:
        """Give the answer; what is refused is said, and why."""
        from draftsmith.client.messages import AnswerParams, Empty

        params = AnswerParams(session_id=session_id, decision_id=decision_id, answer=answer, text=text)
        # Its own answer withdraws the question, too: this task must not be what is cancelled then.
        self._asked.pop((session_id, decision_id), None)
        try:
            await self._link.call("decision/answer", params, Empty)
        except UserError as refused:
            self._editor.say("warning", f"Draftsmith: {refused}")
        except DraftsmithError as failure:
            self._editor.say("error", f"Draftsmith: the answer did not arrive. {failure}")

    def _tell_the_end(self, followed: Followed, change: Change) -> None:
        session = followed.session
        if session is None:
            return
        before = self._told.get(followed.session_id)
        now = (session["status"], len(followed.waiting_hunks()))
        self._told[followed.session_id] = now
        if before is None or change.whole or before[0] == now[0]:
            return  # what was so when the editor came is no news
        match session["status"]:
            case "proposed":
                files = len({hunk["path"] for hunk in followed.waiting_hunks()})
                counted = f"{count(now[1], 'hunk')} in {count(files, 'file')}"
                self._editor.say("info", f"Draftsmith: {counted} to accept or reject: {followed.title}")
            case "finished" if before[0] in ("starting", "working", "waiting"):
                words = session["summary"].strip()[:_PROMPT_MOST]
                self._editor.say("info", f"Draftsmith: {followed.title}\n{words}".strip())
            case "stopped":
                stopped = session["stopped"]
                reason = f"{stopped['reason']} {stopped['way_on']}" if stopped else ""
                self._editor.say("warning", f"Draftsmith stopped: {followed.title}\n{reason}".strip())
            case _:
                pass
