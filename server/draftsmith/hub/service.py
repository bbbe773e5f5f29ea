"""The hub: sessions, their runners and their clients, put together.

Every way in (WebSocket, gRPC, restart) ends in a method here; what is legal is decided in `domain`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Sequence
from pathlib import Path

import structlog

from draftsmith.domain.codec import envelope_to_bytes
from draftsmith.domain.decisions import KEY_PROVIDED, DecisionSubject
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import AdapterError, DraftsmithError, IllegalCommand
from draftsmith.domain.ids import SessionId, TreeId
from draftsmith.domain.model_settings import ModelSettingsEvent
from draftsmith.domain.session.commands import AnswerDecision
from draftsmith.domain.session.decide import illegal
from draftsmith.domain.session.events import (
    DecisionRequested,
    ProposalMade,
    SessionEvent,
)
from draftsmith.hub.applying import Applying
from draftsmith.hub.asking import Asking
from draftsmith.hub.background import Background
from draftsmith.hub.buffers import Buffers
from draftsmith.hub.child import ChildRunner
from draftsmith.hub.credentials import CredentialVault
from draftsmith.hub.deleting import Deleting
from draftsmith.hub.host import SessionHost
from draftsmith.hub.keys import Keys
from draftsmith.hub.leases import ConnectedRunner, Leases, Pauses
from draftsmith.hub.ledgers import Ledgers
from draftsmith.hub.lost_calls import charge_lost_call
from draftsmith.hub.model_settings import ModelSettingsBook
from draftsmith.hub.monitoring import Monitor
from draftsmith.hub.observing import Observing
from draftsmith.hub.preferences import PreferenceBook
from draftsmith.hub.record import RecordBook
from draftsmith.hub.residents import Residents, residents_wanted
from draftsmith.hub.settings_book import SettingsBook
from draftsmith.hub.spending import Spending
from draftsmith.hub.starting import Starting
from draftsmith.hub.users import UserBook
from draftsmith.hub.watching import Watching
from draftsmith.hub.web_access import WebAccess
from draftsmith.hub.workspace_rules import HUB, RulesBook
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.platform.paths import users_file
from draftsmith.ports.code_index import CodeIndex
from draftsmith.ports.events import EventStore
from draftsmith.protocol.generated import runner_pb2 as wire

log = structlog.get_logger()

CALLS_END_SECONDS = 5.0
DRAIN_SECONDS = 12.0

OPEN_STATUSES = ("starting", "working", "waiting", "applying", "unsaved")


class Hub:
    """Owns the sessions of one store. One `TaskGroup`, given to `run`, holds all of its background work."""

    def __init__(
        self,
        store: EventStore,
        workspaces: Workspaces,
        *,
        epoch: str,
        state_dir: Path,
        database: str,
        residents: int | None = None,
    ) -> None:
        self.state_dir = state_dir
        self.database = database
        self.child: ChildRunner | None = None
        self.index: CodeIndex | None = None
        self.web: WebAccess | None = None
        self.users = UserBook(users_file(state_dir), self._user_ended)
        self.store = store
        self.workspaces = workspaces
        self.epoch = epoch
        self.started_at = now_ms()
        self.credentials = CredentialVault()
        self.record = RecordBook(store)
        self.leases = Leases(self._next_fence, self.record.told)
        self.models = ModelSettingsBook(store, self._models_changed)
        self.watching = Watching()
        self.preferences = PreferenceBook(store, lambda user: self.watching.changed("preferences", user=user))
        self.rules = RulesBook(store, lambda: self._hosts, self._attend, self.appended, self.watching.changed)
        self.notices: list[str] = []
        self.asking = Asking(self.leases, self.credentials.all, self.record.told)
        self.keys = Keys(self.credentials, self.models, offered=self._keys_came, notice=self.notices.append)
        self.clients = 0
        self.stopping = asyncio.Event()
        self._ledgers = Ledgers(store, Spending(store, lambda: self.models.settings.limits))
        self.spent = self._ledgers.spent
        self.monitor = Monitor(state_dir, self.leases, lambda: self.clients)
        self.settings = SettingsBook(state_dir, {})  # until who starts the hub puts in what was read before
        self._evictions = 0
        self._hosts = Residents(
            residents_wanted() if residents is None else residents, idle=self._idle, evicted=self._evicted
        )
        self._pauses = Pauses()
        self._loading: dict[SessionId, asyncio.Lock] = {}
        self._background = Background()
        self.spawn = self._background.spawn
        self._calls: set[asyncio.Task[None]] = set()
        self.buffers = Buffers(noticed=self._noticed, lost=self._lost)
        self.applying = Applying(workspaces, store, self.buffers, HUB)
        self.observing = Observing(
            lambda: self._hosts,
            self.buffers,
            self.applying,
            workspaces,
            appended=self.appended,
            spawn=self.spawn,
        )
        self.starting = Starting(workspaces, store, self.buffers, HUB)
        self.deleting = Deleting(workspaces, store)

    # --- life ---

    async def recover(self) -> None:
        """Takes up every session that was at work when the last hub ended."""
        self.spawn(self.keys.load())
        self.spawn(self.monitor.run())
        self.spawn(self.deleting.sweep())
        self.spawn(self.observing.watch_files())
        rows = await self.store.sessions(limit=100_000, statuses=OPEN_STATUSES)
        for row in rows:
            try:
                host = await self.host(row.session_id)
                if host.state.apply is not None and host.state.apply.buffers:
                    self.spawn(self._settle_interrupted_apply(host))  # editors have yet to come back
                else:
                    await self._settle_interrupted_apply(host)
                self.observing.notice_all(host, after=self.buffers.return_seconds)
                self._attend(host)
            except DraftsmithError as error:
                log.error("session_not_recovered", session_id=row.session_id, code=error.code, error=str(error))
                self.notices.append(f"Session {row.session_id} could not be taken up: {error}")

    def start_call(self, call: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """A client's call as a task of the hub: it is carried through when the client goes away."""
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return task

    async def drain(self) -> None:
        """Asks the runners to stop at their next step's border, and waits a while until they have left."""
        for runner in self.leases.runners.values():
            runner.send(wire.HubMessage(drain=wire.Drain()))
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.leases.empty.wait()
        except TimeoutError:
            log.warning("runners_not_drained", runners=len(self.leases.runners))

    async def close(self) -> None:
        """Ends calls and background work; what was under way is in the log and goes on at the next start."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=CALLS_END_SECONDS)
        for task in list(self._calls):
            task.cancel()
        await self._background.end()
        if self.index is not None:
            await self.index.close()

    # --- sessions ---

    async def host(self, session_id: SessionId) -> SessionHost:
        """The session, loaded when it was not. Raises UserError (`unknown_session`)."""
        host = self._hosts.get(session_id)
        if host is None:
            async with self._loading.setdefault(session_id, asyncio.Lock()):
                host = self._hosts.get(session_id)
                if host is None:
                    # Known to others only when it is whole: clients come while the hub still takes its sessions up.
                    host = self._made(session_id)
                    await host.load()
                    self._hosts.add(host)
            self._loading.pop(session_id, None)
        return host

    def new_host(self, session_id: SessionId) -> SessionHost:
        """For a session that begins now, under an id that nobody knows yet."""
        host = self._made(session_id)
        self._hosts.add(host)
        return host

    def _made(self, session_id: SessionId) -> SessionHost:
        epoch = self._session_epoch
        return SessionHost(
            session_id, self.store, self._ledgers, epoch, self.record, self.monitor.written, self.watching.session
        )

    @property
    def _session_epoch(self) -> str:
        """Updates are numbered anew when a session comes back: what a client holds of before must not seem to fit."""
        return f"{self.epoch}.{self._evictions}" if self._evictions else self.epoch

    def _idle(self, host: SessionHost) -> bool:
        """Whether nobody needs the session in memory: it is over, unwatched, and nothing of it is under way."""
        state = host.state
        hunks = state.proposal.hunks if state.proposal else ()
        return (
            state.over
            and not host.busy
            and host.fanout.watchers == 0
            and state.apply is None
            and state.model_call is None
            and not state.applies_itself
            and self.leases.holder(host.session_id) is None
            # Where they are is observed as their buffers change.
            and not any(hunk.status == "in_buffer" for hunk in hunks)
            and not self.observing.concerns(host)
        )

    def resident(self, session_id: SessionId) -> SessionHost | None:
        """The session if it is in memory; its use is not counted."""
        return self._hosts.peek(session_id)

    def _evicted(self, host: SessionHost) -> None:
        self._evictions += 1
        self._ledgers.forget(host.session_id)
        log.info("session_evicted", session_id=host.session_id)

    async def delete(self, host: SessionHost) -> None:
        """The session with all that only it has; see `deleting`. Raises IllegalCommand while it is not over."""
        if self.leases.holder(host.session_id) is not None:
            raise illegal("The runner is not done with the session yet; try again in a moment.")
        await host.delete(self.deleting.erase)
        self._hosts.drop(host.session_id)
        self._ledgers.forget(host.session_id)
        self.spawn(self.deleting.collect(host.state.workspace_id))

    def waiting_for(self, subject: DecisionSubject) -> list[SessionHost]:
        """The sessions at hand with a question of one kind that waits for its answer."""
        return [host for host in self._hosts if any(decision.subject == subject for decision in host.state.decisions)]

    @property
    def open_sessions(self) -> int:
        return sum(1 for host in self._hosts if not host.state.over)

    def appended(self, host: SessionHost, envelopes: Sequence[Envelope[SessionEvent]]) -> None:
        """After events that did not come from the runner: it is told, and work that is left is handed out."""
        holder = self.leases.holder(host.session_id)
        if holder is not None and envelopes:
            told = wire.Appended(session_id=host.session_id, envelope=[envelope_to_bytes(one) for one in envelopes])
            holder.send(wire.HubMessage(appended=told))
        self._attend(host)

    def _attend(self, host: SessionHost) -> None:
        """Starts whatever the hub itself owes the session in its present state."""
        state = host.state
        if state.base_is_old and self.leases.holder(host.session_id) is not None:
            return  # the runner gives it back first: what it still says is about the draft as it is
        if self.rules.to_be_told(host):
            self.spawn(self.rules.tell(host))  # no command is judged by rules that no longer hold
        elif state.status == "starting":
            self.spawn(self.starting.take_base(host, self.appended))
        elif state.applies_itself:
            self.spawn(self._apply_unasked(host))
        elif state.status == "waiting" and self.credentials.has_unseen(host.session_id):
            self.spawn(self.keys_offered(host, HUB))
        elif state.status == "working":
            self.leases.offer(host.session_id, state.workspace_id)
        elif state.model_call is not None and self.leases.holder(host.session_id) is None:
            self.spawn(charge_lost_call(host))

    def _keys_came(self) -> None:
        """Sessions that wait for a key look again."""
        for host in self.waiting_for("key"):
            self.spawn(self.keys_offered(host, HUB))

    async def keys_offered(self, host: SessionHost, actor: Actor) -> None:
        """Answers the session's question for a key: the runner looks again, and asks again when it still lacks one."""
        for decision in host.state.decisions:
            if decision.subject == "key":
                answer = AnswerDecision(decision_id=decision.decision_id, answer=KEY_PROVIDED)
                with contextlib.suppress(IllegalCommand):  # another client was first
                    self.appended(host, await host.command(answer, actor, correlation_id=host.correlation_id))

    async def _settle_interrupted_apply(self, host: SessionHost) -> None:
        if host.state.apply is not None:
            self.appended(host, await self.applying.finish_interrupted(host))

    # --- editors ---

    def _noticed(self, paths: Iterable[str]) -> None:
        self.observing.notice(paths)

    def _lost(self, paths: Iterable[str]) -> None:
        """The editor may only have lost its connection: it gets a while to say again what it holds."""
        self.observing.notice(paths, after=self.buffers.return_seconds)

    # --- models ---

    def _models_changed(self, envelopes: Sequence[Envelope[ModelSettingsEvent]]) -> None:
        """Runners act on what the user decided from their next request on."""
        self.watching.changed("models")
        told = wire.HubMessage(settings=wire.Settings(envelope=[envelope_to_bytes(one) for one in envelopes]))
        for runner in self.leases.runners.values():
            runner.send(told)

    def _user_ended(self, name: str) -> None:
        if self.web is not None:
            self.web.end_user(name)

    # --- runners ---

    def _next_fence(self, session_id: SessionId) -> int:
        host = self._hosts.peek(session_id)
        self._pauses.leased(session_id, host.state.version if host else 0)
        if host is None:
            return 1
        # Of a session that an earlier hub began, the keys that came with it are gone: no runner is its first.
        inherited = host.state.created_at < self.started_at
        return max(host.state.fence + 1, 2 if inherited else 1)

    def runner_joined(self, runner: ConnectedRunner) -> None:
        log.info("runner_joined", runner_id=runner.runner_id, pid=runner.pid)
        self.leases.join(runner)

    async def runner_left(self, runner: ConnectedRunner) -> None:
        """Its sessions go to the next runner; calls of sessions that are over are charged."""
        held = self.leases.leave(runner)
        self.asking.left(runner)
        log.info("runner_left", runner_id=runner.runner_id, sessions=len(held))
        for session_id in held:
            self._attend(await self.host(session_id))

    async def released(self, session_id: SessionId, fence: int) -> None:
        if not self.leases.release(session_id, fence):
            return
        host = await self.host(session_id)
        pause = self._pauses.after(session_id, host.state.version)
        if pause and host.state.status == "working":
            self.spawn(self._attend_later(host, pause))
        else:
            self._attend(host)
        self._hosts.trim()

    async def _attend_later(self, host: SessionHost, seconds: float) -> None:
        log.warning("session_released_unchanged", session_id=host.session_id, again_in_seconds=seconds)
        await asyncio.sleep(seconds)
        self._attend(host)

    def stream_text(self, runner: ConnectedRunner, deltas: wire.Deltas) -> None:
        session_id = SessionId(deltas.session_id)
        host = self._hosts.peek(session_id)
        if host is None or runner.sessions.get(session_id) != deltas.fence:
            return
        by_step: dict[str, list[tuple[str, str]]] = {}
        for delta in deltas.delta:
            by_step.setdefault(delta.entity_id, []).append((delta.field, delta.text))
        for step_id, pieces in by_step.items():
            host.stream_text(step_id, pieces)

    async def append_from_runner(
        self,
        session_id: SessionId,
        fence: int,
        envelopes: list[Envelope[SessionEvent]],
        documents: tuple[bytes, ...],
        *,
        objects: bytes,
        tree: TreeId | None,
    ) -> int:
        """Appends what a runner did; returns the stream's version. Objects are stored before the events."""
        if not self.leases.holds(session_id, fence):
            raise AdapterError(f"Another runner holds session {session_id}.", code="fenced")
        host = await self.host(session_id)
        if tree is not None:
            await self.workspaces.accept_tree(host.state.workspace_id, session_id, tree, objects)
            if not self.leases.holds(session_id, fence):
                raise AdapterError(f"Another runner holds session {session_id}.", code="fenced")
        if envelopes:
            bases = [one.event.proposal.base for one in envelopes if isinstance(one.event, ProposalMade)]
            await self.workspaces.keep(host.state.workspace_id, session_id, bases)
            await host.append(envelopes, documents)
            if any(isinstance(one.event, ProposalMade | DecisionRequested) for one in envelopes):
                self._attend(host)
        return host.state.version

    async def _apply_unasked(self, host: SessionHost) -> None:
        proposal = host.state.proposal
        if proposal is None or not host.state.applies_itself:
            return
        pending = tuple(hunk.hunk_id for hunk in proposal.hunks if hunk.status == "pending")
        self.appended(host, await self.applying.accept(host, pending, HUB, new_id("c")))
