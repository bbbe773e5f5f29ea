"""The parts of one edge, put together. Handlers of methods and commands get it whole; it decides nothing itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from draftsmith.edge.applying import Applying
from draftsmith.edge.documents import Document, Documents
from draftsmith.edge.editor import Editor
from draftsmith.edge.folders import Folders
from draftsmith.edge.following import Following
from draftsmith.edge.hub_link import HubLink, LinkState
from draftsmith.edge.log_file import remove_old
from draftsmith.edge.notebooks import Notebooks
from draftsmith.edge.observing import Observing
from draftsmith.edge.papers.desk import Desk
from draftsmith.edge.passing import Passing
from draftsmith.edge.placing import Placing
from draftsmith.edge.settings import Settings
from draftsmith.edge.showing.diagnostics import Diagnostics
from draftsmith.edge.showing.progress import Progress
from draftsmith.edge.showing.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from draftsmith.client.held import Change
    from draftsmith.client.messages import DecisionEntity
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.rpc.peer import Peer

log = logging.getLogger(__name__)

_QUIET_STATES: dict[LinkState, bool] = {"connecting": True, "connected": True, "lost": False}


class Edge:
    """Made before `initialize`; `begin` starts what needs the hub, after it was answered."""

    def __init__(self, peer: Peer, state_dir: Path, congested: Callable[[], bool]) -> None:
        self.state_dir = state_dir
        self.editor = Editor(peer, congested)
        self.documents = Documents()
        self.folders = Folders()
        self.settings = Settings()
        self.notebooks = Notebooks(self.editor)
        self.link = self._new_link("lsp")
        self.following = Following(self.link, self.folders)
        self.placing = Placing(self.documents, self.following, self.folders, self.link, self._hunks_moved)
        self.desk = Desk(state_dir / "edge" / "papers", self.editor)
        self.progress = Progress(self.editor, self.link)
        self.questions = Questions(self.editor, self.link, self._open_paper)
        self.diagnostics = Diagnostics(self.editor, self.documents, self.folders, self.following, self.placing)
        self.passing = Passing(self.editor, self._pass_link)
        self.applying = Applying(self.documents, self.editor)
        self.observing = Observing(self.documents, self.link, lambda: self.editor.features)
        self.ending = asyncio.Event()
        """The client said `exit`, or is gone."""
        self.shut_down = False
        self.initialized = False
        self.resolving: asyncio.Task[None] | None = None
        """The last change of folders, until their real paths are known."""
        self.parent: int | None = None
        """The process that started us, as it says."""
        self._tasks: list[asyncio.Task[None]] = []
        self._listen()

    def begin(self) -> None:
        """Find or start the hub and keep up what is shown of it."""
        self.link.client = self.editor.features.client
        self._run(self.link.run())
        self._run(self.following.look())
        self.editor.later(self._tidy())

    async def close(self) -> None:
        self.progress.close()
        self.placing.close()
        self.observing.close()
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.following.close()
        await self.editor.close()

    def use_settings(self, settings: Settings) -> None:
        self.settings = settings
        for problem in settings.problems:
            self.editor.say("warning", f"Draftsmith: {problem}")
        self.diagnostics.use(settings)
        self.editor.refresh_lenses()

    # --- inside ---

    async def _tidy(self) -> None:
        await self.desk.tidy()
        await asyncio.to_thread(remove_old, self.state_dir / "edge" / "logs")

    def _listen(self) -> None:
        self.link.answer_with(self.applying.answer)
        self.link.at_connect(self.observing.connected)
        self.link.at_connect(self.following.connected)
        self.following.listen(self._session_changed)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    def _new_link(self, client: str) -> HubLink:
        return HubLink(
            self.state_dir,
            client=client,
            on_state=self._link_state,
            on_notified=lambda notified: self.following.notified(notified),
        )

    def _pass_link(self) -> HubLink:
        link = HubLink(
            self.state_dir,
            client=self.editor.features.client,
            on_state=self._link_state,
            on_notified=lambda notified: self.passing.notified(notified),
        )
        self._run(link.run())
        return link

    def _link_state(self, state: LinkState, reason: str) -> None:
        """Connected means all of the connections that are in use."""
        other = self.passing.in_use
        if state == "connected" and other is not None and not (self.link.connected and other.connected):
            return
        self.editor.tell("draftsmith/hubState", {"state": state, "message": reason})
        log.log(logging.INFO if _QUIET_STATES[state] else logging.WARNING, "hub_%s", state, extra={"reason": reason})
        self.editor.record("info" if _QUIET_STATES[state] else "warning", f"The hub: {state}. {reason}".strip())

    def _session_changed(self, followed: Followed, change: Change) -> None:
        self.progress.session_changed(followed, change)
        self.questions.session_changed(followed, change)
        self.diagnostics.session_changed(followed, change)

    def _hunks_moved(self, document: Document) -> None:
        self.editor.tell("draftsmith/hunksChanged", {"uri": document.uri})
        self.diagnostics.document_changed(document)
        self.editor.refresh_lenses()

    async def _open_paper(self, followed: Followed, question: DecisionEntity) -> None:
        # Late: most questions need no paper.
        from draftsmith.edge.commands.papers import plan
        from draftsmith.edge.papers.contents import answer_paper
        from draftsmith.edge.papers.desk import Paper

        if question["subject"] == "plan":
            await plan(self, [followed.session_id])
        else:
            paper = Paper(kind="answer", subject=followed.session_id, detail=question["id"])
            await self.desk.lay_out(paper, answer_paper(question))
