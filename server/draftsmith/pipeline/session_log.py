"""What the pipeline needs of a session's log. The runner's adapter brings it over the hub's channel."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import DocumentId
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.session.state import SessionState

LiveField = Literal["text", "reasoning", "arguments", "usage"]


class Superseded(Exception):
    """What was staged no longer fits: somebody else's events came first. Decide again on the new state."""


class LogReader(Protocol):
    """Follows the log event by event; staged events can be taken back until they are durable."""

    def apply(self, envelope: Envelope[SessionEvent]) -> None: ...

    def rewind(self, version: int) -> None:
        """Forgets every event after `version`."""
        ...


class SessionLog(Protocol):
    """One session's log, held under a lease."""

    interrupted: asyncio.Event
    """Set when the session is over by somebody else's doing, or the lease is lost: stop at once."""

    draining: bool
    """Set when the runner is about to end in order: stop at the next step's border."""

    @property
    def state(self) -> SessionState:
        """The fold, with what is staged."""
        ...

    def stage(self, *events: SessionEvent, documents: tuple[bytes, ...] = ()) -> None:
        """Adds events to the next `flush`, folded already. Raises Superseded when one is not legal."""
        ...

    async def flush(self) -> None:
        """Returns when what was staged is durable, its trees and documents included.

        Raises Superseded when somebody else's events came first and some of it no longer fits; outcomes that still
        fit are appended all the same. Raises LeaseLost when another runner has the session, NotAppended when the
        log is refused (a full disk, a budget), and AdapterError (`hub_gone`).
        """
        ...

    async def wait(self) -> None:
        """Returns when somebody else appended something. Raises LeaseLost."""
        ...

    async def document(self, document_id: DocumentId) -> bytes:
        """Raises AdapterError (`unknown_document`)."""
        ...

    def show(self, step_id: str, name: LiveField, text: str) -> None:
        """Streamed text of a running step, for people who watch; never an event."""
        ...


class NotAppended(AdapterError):
    """The log did not take what was staged, which has been taken back: no step can go on from here."""


class LeaseLost(Exception):
    """Another runner has the session; everything here is to be dropped."""
