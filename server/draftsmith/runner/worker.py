"""The runner process's life: connected to the hub, working on what it leases, gone when the hub is gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import cast

import grpc
import structlog

from draftsmith import __version__
from draftsmith.domain.codec import envelope_from_bytes
from draftsmith.domain.conversation import Role
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import AdapterError, DraftsmithError
from draftsmith.domain.figures import Figures
from draftsmith.domain.ids import RunnerId, SessionId, WorkspaceId
from draftsmith.domain.model_settings import ModelSettingsEvent
from draftsmith.domain.session.events import SessionEvent, SessionStopped
from draftsmith.models.book import ModelBook
from draftsmith.models.replay import ReplayPace
from draftsmith.models.routing import RoutingGateway
from draftsmith.pipeline.session_log import LeaseLost, NotAppended, Superseded
from draftsmith.ports.code_index import CodeIndex
from draftsmith.ports.sandbox import Sandbox
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.runner.beating import heartbeat
from draftsmith.runner.channel import HubChannel, as_credential, hub_gone
from draftsmith.runner.folders import Folders
from draftsmith.runner.outbox import Outbox
from draftsmith.runner.questions import answer
from draftsmith.runner.sandbox_question import sandbox_answer
from draftsmith.runner.session_log import HubSessionLog
from draftsmith.runner.session_work import SessionWork
from draftsmith.runner.streaming import TextStream

log = structlog.get_logger()

CAPACITY = 8
"""Sessions at once: they mostly wait for models."""


PASSING = ("disk_full", "store_failed")
"""Refusals of the hub's that pass by themselves: the session is given back and leased again later."""

DRAIN_SECONDS = 10.0
"""How long an orderly end waits for steps under way; what is still running then is repeated or charged."""


class Runner:
    """One connection to the hub; a new one after it is lost means a new `Runner`."""

    def __init__(
        self,
        channel: HubChannel,
        folders: Folders,
        sandbox: Sandbox,
        gateway: RoutingGateway,
        *,
        runner_id: RunnerId,
        pace: ReplayPace | None = None,
        capacity: int = CAPACITY,
        index: CodeIndex | None = None,
    ) -> None:
        self._channel = channel
        self._folders = folders
        self._sandbox = sandbox
        self._gateway = gateway
        self._book = ModelBook(gateway.health)
        self._runner_id = runner_id
        self._pace = pace
        self._capacity = capacity
        self._index = index
        self._outbox = Outbox()
        self._logs: dict[SessionId, HubSessionLog] = {}
        self._tasks: dict[SessionId, asyncio.Task[None]] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._draining = asyncio.Event()

    async def run(self) -> None:
        """Works until the hub ends the stream or asks to drain. Raises AdapterError when the hub is lost."""
        beating: asyncio.Task[None] | None = None
        try:
            async for message in self._channel.work(self._outgoing()):
                match message.WhichOneof("message"):
                    case "welcome":
                        beating = asyncio.create_task(self._beat(message.welcome.heartbeat_ms / 1000))
                    case "lease":
                        self._take(message.lease)
                    case "appended":
                        self._received(message.appended)
                    case "revoke":
                        self._revoked(SessionId(message.revoke.session_id))
                    case "settings":
                        self._decided(message.settings)
                    case "record":
                        self._recorded(message.record)
                    case "question":
                        self._ask(message.question)
                    case "drain":
                        await self._drain()
                        return
                    case _:
                        pass
        except grpc.RpcError as error:
            raise hub_gone(error) from error
        finally:
            if beating is not None:
                beating.cancel()
            await self._end()

    async def _outgoing(self) -> AsyncIterator[wire.RunnerMessage]:
        yield wire.RunnerMessage(
            hello=wire.Hello(
                runner_id=self._runner_id, application_version=__version__, pid=os.getpid(), capacity=self._capacity
            )
        )
        async for message in self._outbox.messages():
            yield message

    async def _beat(self, seconds: float) -> None:
        while True:
            self._send(wire.RunnerMessage(heartbeat=await heartbeat(self._sandbox, self._folders.folder)))
            await asyncio.sleep(seconds)

    def _send(self, message: wire.RunnerMessage) -> None:
        """Never waits. A full outbox means a hub that no longer reads: streamed text is dropped."""
        if not self._outbox.put(message):
            log.warning("outbox_full", kind=message.WhichOneof("message"))

    def _decided(self, told: wire.Settings) -> None:
        """The user decided something about models: it counts from the next request on."""
        envelopes = [envelope_from_bytes(one) for one in told.envelope]
        self._book.decided([one.event for one in envelopes if isinstance(one.event, ModelSettingsEvent)])

    def _recorded(self, told: wire.Record) -> None:
        """How models did so far: it counts from the next request on."""
        self._book.recorded(
            {(line.model, cast("Role", line.role)): Figures(**dict(line.figures)) for line in told.line}
        )

    def _ask(self, question: wire.Question) -> None:
        task = asyncio.create_task(self._answer(question))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, question: wire.Question) -> None:
        """Answers what only a runner knows; a bug in it is said and ends nothing."""
        keys = [as_credential(one) for one in question.credential]
        try:
            if question.method == "sandbox/read":
                body = await sandbox_answer(self._sandbox)
            else:
                body = await answer(self._book, question.method, question.body.decode(), keys)
        except DraftsmithError as error:
            told = _refusal(question, error.code, error.message, error.remedy)
        except Exception as error:
            # The outermost edge of a question.
            log.exception("question_crashed", method=question.method)
            told = _refusal(question, "internal", f"The runner failed with {type(error).__name__}.", "")
        else:
            told = wire.Answer(question_id=question.question_id, body=body.encode())
        self._send(wire.RunnerMessage(answer=told))

    # --- sessions ---

    def _take(self, lease: wire.Lease) -> None:
        session_id = SessionId(lease.session_id)
        previous = self._tasks.get(session_id)
        self._tasks[session_id] = asyncio.create_task(self._work(lease, previous))

    async def _work(self, lease: wire.Lease, previous: asyncio.Task[None] | None) -> None:
        session_id = SessionId(lease.session_id)
        structlog.contextvars.bind_contextvars(session_id=session_id)
        if previous is not None:
            await asyncio.gather(previous, return_exceptions=True)
        stream = TextStream(session_id, lease.fence, self._send)
        try:
            await self._folders.tidy(set(self._tasks))
            session = SessionWork(
                lease,
                runner_id=self._runner_id,
                channel=self._channel,
                folders=self._folders,
                sandbox=self._sandbox,
                gateway=self._gateway,
                book=self._book,
                pace=self._pace,
                show=stream.show,
                store=await self._folders.store(WorkspaceId(lease.workspace_id)),
                index=self._index,
            )
            self._logs[session_id] = session.log
            await self._guarded(session)
        except LeaseLost as lost:
            log.info("lease_lost", reason=str(lost))
        except AdapterError as error:
            log.warning("session_left", code=error.code, error=str(error))
        finally:
            stream.flush()
            self._channel.end_appends(session_id)
            if self._tasks.get(session_id) is asyncio.current_task():
                self._logs.pop(session_id, None)
                self._tasks.pop(session_id, None)
            released = wire.Release(session_id=session_id, fence=lease.fence)
            self._send(wire.RunnerMessage(release=released))

    async def _guarded(self, session: SessionWork) -> None:
        """A session that cannot go on says why; a bug ends one session and not the runner."""
        try:
            await session.run()
        except (LeaseLost, asyncio.CancelledError):
            raise
        except DraftsmithError as error:
            if error.code == "hub_gone" or (isinstance(error, NotAppended) and error.code in PASSING):
                raise
            log.warning("session_failed", code=error.code, error=str(error))
            await _stop(session, error.message, error.remedy or "Mend it, then `draftsmith resume`.")
        except Exception as error:
            # The outermost edge of a session's work.
            log.exception("session_crashed")
            reason = f"Draftsmith failed with {type(error).__name__}; nothing of yours was changed."
            await _stop(session, reason, "`draftsmith hub logs` has the details; `draftsmith resume` tries again.")

    def _received(self, message: wire.Appended) -> None:
        held = self._logs.get(SessionId(message.session_id))
        if held is not None:
            held.receive([cast("Envelope[SessionEvent]", envelope_from_bytes(one)) for one in message.envelope])

    def _revoked(self, session_id: SessionId) -> None:
        held = self._logs.get(session_id)
        if held is not None:
            held.revoke()

    async def _drain(self) -> None:
        """Lets every session come to its next step's border, for a while."""
        for held in self._logs.values():
            held.drain()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=DRAIN_SECONDS)

    async def _end(self) -> None:
        """Everything under way is dropped: the log says how to go on."""
        tasks = [*self._tasks.values(), *self._answers]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _refusal(question: wire.Question, code: str, reason: str, remedy: str) -> wire.Answer:
    refused = wire.Refusal(code=code, reason=reason)
    return wire.Answer(question_id=question.question_id, refused=refused, remedy=remedy)


async def _stop(session: SessionWork, reason: str, way_on: str) -> None:
    stopped = SessionStopped(category="internal", reason=reason, way_on=way_on)
    for _ in range(3):
        try:
            session.log.discard()
            if not session.log.state.over:
                session.log.stage(stopped)
                await session.log.flush()
        except Superseded:
            continue
        return
