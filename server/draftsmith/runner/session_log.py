"""One session's log on the runner's side: staged, made durable through the hub, followed when others append.

Staged events are folded at once; they are renumbered when somebody else's come first.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import structlog

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import DocumentId, EventId, SessionId, session_stream
from draftsmith.domain.session.events import (
    BaseTaken,
    CheckpointTaken,
    DraftRestored,
    EnvironmentFinished,
    GateFinished,
    MessageReceived,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    ProposalMade,
    SessionCancelled,
    SessionEvent,
    SessionStopped,
    ToolCallFinished,
)
from draftsmith.domain.session.evolve import evolve
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.pipeline.session_log import LeaseLost, LiveField, LogReader, Superseded
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.runner.channel import Conflict, HubChannel, Refused
from draftsmith.runner.trees import Trees

RUNNER = Actor(client="runner")

DOCUMENT_CACHE = 200

Show = Callable[[str, LiveField, str], None]


class HubSessionLog:
    """Implements `pipeline.session_log.SessionLog` over the hub's channel."""

    def __init__(
        self, channel: HubChannel, trees: Trees, session_id: SessionId, fence: int, reader: LogReader, show: Show
    ) -> None:
        self.interrupted = asyncio.Event()
        self.draining = False
        self._channel = channel
        self._trees = trees
        self._session_id = session_id
        self._fence = fence
        self._reader = reader
        self._show = show
        self._durable = SessionState()
        self._state = self._durable
        self._staged: list[Envelope[SessionEvent]] = []
        self._documents: dict[DocumentId, bytes] = {}
        self._known_documents: dict[DocumentId, bytes] = {}
        self._inbox: deque[Envelope[SessionEvent]] = deque()
        self._news = asyncio.Event()
        self._revoked = False
        self._correlation = ""

    @property
    def state(self) -> SessionState:
        return self._state

    async def open(self) -> None:
        """Folds the log as it is at the hub."""
        await self._catch_up()

    # --- appending ---

    def stage(self, *events: SessionEvent, documents: tuple[bytes, ...] = ()) -> None:
        now = now_ms()
        for event in events:
            if reason := refusal(self._state, event):
                raise Superseded(f"{event.kind}: {reason}")
            self._stage_one(event, now)
        # By hash, as they are named in events: they are read again before the hub has them.
        self._documents |= {DocumentId(hashlib.sha256(document).hexdigest()): document for document in documents}

    def _stage_one(self, event: SessionEvent, at: int, event_id: EventId | None = None) -> None:
        last = self._staged[-1].event_id if self._staged else ""
        envelope = Envelope(
            event_id=event_id or EventId(new_id("e")),
            stream_id=session_stream(self._session_id),
            version=self._state.version + 1,
            at=at,
            actor=RUNNER,
            causation_id=last or self._correlation,
            correlation_id=self._correlation,
            event=event,
        )
        self._staged.append(envelope)
        self._state = evolve(self._state, envelope)
        self._reader.apply(envelope)

    async def flush(self) -> None:
        dropped = await self._take_inbox()
        while self._staged:
            try:
                await self._send()
            except Conflict:
                dropped = self._restage(await self._catch_up()) or dropped
            except Refused as refused:
                self.discard()
                if refused.code == "fenced":
                    self.revoke()
                    raise LeaseLost(str(refused)) from refused
                raise
        if dropped:
            raise Superseded("Somebody else's events came first.")

    async def _send(self) -> None:
        sending = list(self._staged)
        tree, objects = await self._trees.prepare(_trees_of(one.event for one in sending))
        await self._channel.append(
            self._session_id, self._fence, sending, tuple(self._documents.values()), tree=tree, objects=objects
        )
        self._trees.published()
        self._durable = self._state
        self._staged.clear()
        self._documents.clear()

    def discard(self) -> None:
        """Takes staged events back: the fold is what is durable."""
        self._staged.clear()
        self._documents.clear()
        self._state = self._durable
        self._reader.rewind(self._durable.version)

    def _restage(self, fresh: Sequence[Envelope[SessionEvent]]) -> bool:
        """Stages again, on the new state, what still fits; True when something no longer did."""
        spoken = any(isinstance(envelope.event, MessageReceived) for envelope in fresh)
        staged, self._staged = self._staged, []
        self._state = self._durable
        fits = True
        for envelope in staged:
            # A prompt that was made before the user said something would pass it over.
            fits = fits and not (spoken and isinstance(envelope.event, ModelCallIntended))
            # Once one does not fit, only outcomes of what has really happened are still told.
            if (fits or isinstance(envelope.event, OUTCOMES)) and refusal(self._state, envelope.event) is None:
                self._stage_one(envelope.event, envelope.at, envelope.event_id)
            else:
                fits = False
        return not fits

    # --- following ---

    def receive(self, envelopes: Sequence[Envelope[SessionEvent]]) -> None:
        """Events that somebody else appended, as the hub tells them."""
        self._inbox.extend(envelopes)
        self._news.set()
        # What was folded already, because it was read before it was told, is old news.
        if any(isinstance(one.event, ENDINGS) and one.version > self._durable.version for one in envelopes):
            self.interrupted.set()

    def drain(self) -> None:
        """The runner is about to end: the session stops at the next step's border."""
        self.draining = True
        self._news.set()

    def revoke(self) -> None:
        """The lease is lost."""
        self._revoked = True
        self.interrupted.set()
        self._news.set()

    async def wait(self) -> None:
        await self._news.wait()
        self._news.clear()
        if self._revoked:
            raise LeaseLost("The lease was taken back.")
        if await self._take_inbox():
            raise Superseded("Somebody else's events came first.")

    async def _take_inbox(self) -> bool:
        """Folds what others appended, if it follows on; True when staged events no longer fitted."""
        known = self._durable.version
        told = {one.version: one for one in self._inbox if one.version > known}
        self._inbox.clear()
        if not told:
            return False
        # Of several clients' events some may be told before others that were appended earlier.
        fresh = [told[version] for version in sorted(told)]
        if fresh[-1].version != known + len(fresh):
            fresh = await self._catch_up()
        else:
            self._fold(fresh)
        return self._restage(fresh)

    async def _catch_up(self) -> list[Envelope[SessionEvent]]:
        self._inbox.clear()
        fresh = await self._channel.read(self._session_id, self._durable.version)
        self._fold(fresh)
        return fresh

    def _fold(self, envelopes: Sequence[Envelope[SessionEvent]]) -> None:
        self._reader.rewind(self._durable.version)
        for envelope in envelopes:
            self._durable = evolve(self._durable, envelope)
            self._reader.apply(envelope)
            self._correlation = envelope.correlation_id
        # From here on the log lines of this session's task carry the id of the user's last action.
        structlog.contextvars.bind_contextvars(correlation_id=self._correlation)
        self._state = self._durable
        ending = any(isinstance(one.event, ENDINGS) for one in self._inbox if one.version > self._durable.version)
        if not (self._revoked or ending or self._durable.over):
            # Ended and let go on again before this runner was done with the end.
            self.interrupted.clear()

    # --- the rest ---

    async def document(self, document_id: DocumentId) -> bytes:
        held = self._documents.get(document_id) or self._known_documents.get(document_id)
        if held is None:
            held = await self._channel.document(document_id)
            self._known_documents[document_id] = held
            while len(self._known_documents) > DOCUMENT_CACHE:
                self._known_documents.pop(next(iter(self._known_documents)))
        return held

    def show(self, step_id: str, name: LiveField, text: str) -> None:
        self._show(step_id, name, text)


OUTCOMES = (ModelCallFinished, ModelCallFailed, ToolCallFinished, GateFinished, EnvironmentFinished)
"""What has happened and cannot be taken back."""

ENDINGS = (SessionCancelled, SessionStopped)
"""What somebody else ends a session with, in the middle of whatever it does."""


def _trees_of(events: Iterable[SessionEvent]) -> list[str]:
    """Snapshots that events name, in order, each once."""
    found: dict[str, None] = {}
    for event in events:
        match event:
            case CheckpointTaken(tree=tree) | DraftRestored(tree=tree) | BaseTaken(tree=tree):
                found[tree] = None
            case ToolCallFinished(tree=tree) if tree is not None:
                found[tree] = None
            case ProposalMade(proposal=proposal):
                found[proposal.base] = None
                found[proposal.tree] = None
            case _:
                pass
    return list(found)
