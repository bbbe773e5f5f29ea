"""One leased session on this runner: its draft made ready, and the engine run on it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import RunnerId, SessionId
from draftsmith.domain.session.events import SessionTakenUp
from draftsmith.domain.session.state import SessionState
from draftsmith.models.book import ModelBook
from draftsmith.models.replay import ReplayPace
from draftsmith.models.routing import RoutingGateway
from draftsmith.pipeline.desk import ChosenModel, Desk, NoModel
from draftsmith.pipeline.engine import work
from draftsmith.pipeline.environments import show_packages
from draftsmith.pipeline.facts import read_facts
from draftsmith.pipeline.packages import Packages, Wanted
from draftsmith.pipeline.transcript import Transcript
from draftsmith.ports.code_index import CodeIndex
from draftsmith.ports.editor_diagnostics import ShownDiagnostics
from draftsmith.ports.models import Credential, Needs
from draftsmith.ports.sandbox import Sandbox
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.runner.channel import HubChannel
from draftsmith.runner.choosing import SessionModels, recorded_model
from draftsmith.runner.folders import Folders
from draftsmith.runner.session_log import HubSessionLog, Show
from draftsmith.runner.trees import Trees
from draftsmith.tools.command import mounted_roots
from draftsmith.tools.tool import DraftRoot, ToolContext
from draftsmith.workspace.dependencies import dependency_folders
from draftsmith.workspace.draft import Draft
from draftsmith.workspace.store import ObjectStore


class AskedEditors:
    """The editors that are connected to the hub, asked for the holder of a lease."""

    def __init__(self, channel: HubChannel, session_id: SessionId, fence: int) -> None:
        self._channel = channel
        self._session_id = session_id
        self._fence = fence

    async def shown(self, root: int | None, path: str) -> ShownDiagnostics:
        return await self._channel.diagnostics(self._session_id, self._fence, root, path)


class SessionWork:
    """`opened` gives the log to whoever brings other clients' events, before the work begins."""

    def __init__(
        self,
        lease: wire.Lease,
        *,
        runner_id: RunnerId,
        channel: HubChannel,
        folders: Folders,
        sandbox: Sandbox,
        gateway: RoutingGateway,
        book: ModelBook,
        pace: ReplayPace | None,
        show: Show,
        store: ObjectStore,
        index: CodeIndex | None = None,
    ) -> None:
        self._lease = lease
        self._runner_id = runner_id
        self._channel = channel
        self._folders = folders
        self._sandbox = sandbox
        self._gateway = gateway
        self._models = SessionModels(book, gateway, self._credentials)
        self._recorded: ChosenModel | None = None
        self._pace = pace
        self._store = store
        self._index = index
        self._trees = Trees(channel, store, lease.workspace_id)
        self._transcript = Transcript()
        self.log = HubSessionLog(channel, self._trees, SessionId(lease.session_id), lease.fence, self._transcript, show)

    async def run(self) -> None:
        """Returns when the session needs nothing more. Raises LeaseLost, or AdapterError when the hub is gone."""
        await self.log.open()
        if self.log.state.over and self.log.state.model_call is None and not self.log.state.tool_calls:
            return
        async with self._gateway.warming(self.log.state.model) if self.log.state.recording is None else nullcontext():
            await self._work()

    async def _work(self) -> None:
        chosen = await self._sandbox.probe()
        self.log.stage(
            SessionTakenUp(
                runner_id=self._runner_id,
                fence=self._lease.fence,
                sandbox=chosen.engine if chosen.usable else "",
                sandbox_reason=chosen.reason,
            )
        )
        await self.log.flush()
        desk = await self._desk()
        try:
            await show_packages(desk)
            await work(desk)
        finally:
            await self._sandbox.end(mounted_roots(desk.tools))
            await self._sandbox.stand_down(mounted_roots(desk.tools))
        # What was learnt of the draft's files: the next take-up on this runner need not make it anew.
        await desk.draft.save()

    async def _desk(self) -> Desk:
        state = self.log.state
        if state.base is None or state.draft is None:
            raise AdapterError(f"Session {state.session_id} has no snapshot.", code="no_snapshot")
        folder = self._folders.session(state.session_id)
        await self._trees.fetch(state.base)
        await self._trees.fetch(state.draft, base=state.base)
        for point in state.checkpoints:
            self._trees.known(point.tree)
        self._trees.known(state.draft)
        draft = await self._draft(folder / "draft", state)
        roots = tuple(
            DraftRoot(
                name=root.name,
                workspace_path=Path(root.path),
                draft_path=place,
                dependency_folders=dependency_folders(Path(root.path), state.ignored_folders),
            )
            for root, place in zip(state.roots, draft.roots, strict=True)
        )
        facts = await read_facts(
            self._store, state.base, state.ignored_folders, tuple(root.path for root in state.roots)
        )
        packages = Packages(
            store=self._folders.environments,
            workspace_id=state.workspace_id,
            wanted=tuple(Wanted(root=number, preparation=one) for number, one in facts.preparations),
        )
        return Desk(
            log=self.log,
            transcript=self._transcript,
            store=self._store,
            draft=draft,
            tools=ToolContext(
                roots=roots,
                sandbox=self._sandbox,
                output_dir=folder / "outputs",
                index=self._index,
                base=state.base,
                editors=AskedEditors(self._channel, state.session_id, self._lease.fence),
            ),
            choose_model=self._choose,
            facts=facts,
            packages=packages if self._sandbox.confines else None,
        )

    async def _draft(self, folder: Path, state: SessionState) -> Draft:
        """The draft of an earlier life of this runner, or a new one from the last tree in the log."""
        tree = state.draft or ""
        found = await Draft.open(self._store, folder, holder=state.session_id)
        if found is None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            return await Draft.create(self._store, tree, folder, holder=state.session_id)
        await found.checkpoint()
        await found.restore(tree)
        return found

    async def _choose(self, needs: Needs) -> ChosenModel | NoModel:
        state = self.log.state
        if state.recording is None:
            return await self._models.choose(state, needs)
        if self._recorded is None:
            recording = await self.log.document(state.recording)
            self._recorded = recorded_model(recording, self._transcript.played(), pace=self._pace)
        return self._recorded

    async def _credentials(self) -> Sequence[Credential]:
        return await self._channel.credentials(self.log.state.session_id, self._lease.fence)
