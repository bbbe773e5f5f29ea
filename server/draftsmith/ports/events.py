"""The event store: append-only streams, read tables updated with them, documents by hash."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import LOCAL_USER, Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.figures import Figures, WorkKept, WorkKey
from draftsmith.domain.ids import DocumentId, SessionId, StreamId


class VersionConflict(AdapterError):
    """Somebody else appended first; nothing of the append was written. Read on, decide again, retry."""

    def __init__(self, stream_id: StreamId, expected: int, actual: int) -> None:
        super().__init__(
            f"Stream {stream_id} is at version {actual}, not {expected}.",
            code="version_conflict",
            retryable=True,
        )
        self.stream_id = stream_id
        self.expected = expected
        self.actual = actual


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow:
    """One row of the read tables, as clients get it. `ordinal` orders entities of one kind in a session."""

    session_id: SessionId
    kind: str
    entity_id: str
    ordinal: int
    body: str
    """JSON object, UTF-8 text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One line of the session list."""

    session_id: SessionId
    workspace_id: str
    title: str
    status: str
    created_at: int
    updated_at: int
    cost_nano_usd: int
    version: int
    owner: str = LOCAL_USER


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """What a model did in a session, on a day, with a key, in a role."""

    session_id: SessionId
    key: WorkKey
    figures: Figures


KEPT_PREFIX = "deleted/"


def kept_of(owner: str) -> SessionId:
    """Under what the work of models in sessions of this user is counted once they are deleted."""
    return SessionId(f"{KEPT_PREFIX}{owner}")


WorkColumn = Literal["day", "model", "endpoint", "role", "session_id", "workspace_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSum:
    """The figures of all rows that have these values in the columns that were asked for."""

    values: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Events of one or several streams, with the read rows they change: all are written, or none.

    `envelopes` of one stream carry consecutive versions; the first is the version expected plus one.
    `documents` are written in the same transaction (known ones are skipped).
    """

    envelopes: tuple[Envelope[Event], ...]
    entities: tuple[EntityRow, ...] = ()
    removed: tuple[tuple[SessionId, str, str], ...] = ()
    """Read rows that are no more: session, kind, entity id."""
    session: SessionRow | None = None
    work: tuple[WorkRow, ...] = ()
    """Rows in place of those with the same session and key."""
    documents: tuple[bytes, ...] = ()


class EventStore(Protocol):
    """Truth on disk. One process writes it."""

    async def append(self, append: Append) -> None:
        """Returns when it is durable. Raises VersionConflict, or AdapterError (`disk_full`, `store_failed`)."""
        ...

    def read(
        self, stream_id: StreamId, *, after: int = 0, batch: int = 500
    ) -> AsyncIterator[Sequence[Envelope[Event]]]:
        """Batches of the stream's events in order, from version `after` + 1."""
        ...

    async def version(self, stream_id: StreamId) -> int:
        """The last version of the stream, 0 when there is none."""
        ...

    async def streams(self, prefix: str) -> Sequence[StreamId]:
        """Ids of the streams that begin with `prefix`, in order of their first event."""
        ...

    async def document(self, document_id: DocumentId) -> bytes | None: ...

    async def forget(
        self, session_id: SessionId, streams: Sequence[StreamId], *, kept: Envelope[WorkKept] | None = None
    ) -> int:
        """Removes the streams for good, with the session's read rows and the documents that no other stream names.
        What models did in it is `kept` for the user in its envelope.

        All of it or nothing, durable on return. Returns how many documents went. Raises VersionConflict.
        """
        ...

    async def put_document(self, content: bytes) -> DocumentId: ...

    async def sessions(
        self,
        *,
        limit: int,
        before: tuple[int, str] | None = None,
        workspace_id: str | None = None,
        statuses: tuple[str, ...] = (),
        owners: Collection[str] | None = None,
    ) -> Sequence[SessionRow]:
        """Newest first; `before` is (updated_at, session_id) of the last row of the page before.
        `statuses` limits the list to sessions in one of them, `owners` to those that one of these users started."""
        ...

    async def session(self, session_id: SessionId) -> SessionRow | None: ...

    async def entities_of(self, session_ids: Sequence[SessionId], kind: str, *, last: int) -> Sequence[EntityRow]:
        """Of each session the rows with the highest ordinals, in ascending order; by one statement."""
        ...

    async def entities(
        self, session_id: SessionId, kind: str, *, limit: int, before: int | None = None, first: int | None = None
    ) -> Sequence[EntityRow]:
        """The last `limit` rows with an ordinal below `before`, or those from place `first` (from 0) on; ascending."""
        ...

    async def count_entities(self, session_id: SessionId, kind: str, *, before: int | None = None) -> int:
        """How many there are, or how many with an ordinal below `before`."""
        ...

    async def entity(self, session_id: SessionId, kind: str, entity_id: str) -> EntityRow | None: ...

    async def work(
        self,
        by: Sequence[WorkColumn],
        *,
        since: str = "",
        session_id: str = "",
        sessions: Sequence[SessionId] | None = None,
        owners: Collection[str] | None = None,
    ) -> Sequence[WorkSum]:
        """How models did, summed by these columns, of days from `since` (ISO date) on, or of some sessions or users
        only."""
        ...
