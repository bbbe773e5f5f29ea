"""Appends as rows, and a batch of them written in one transaction, each whole or not at all.

All appends are first written together. When the database refuses that, the batch is written again with each append
in its own savepoint, so that one bad append costs the others nothing. Commits and waiting are not done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, ProgrammingError

from draftsmith.domain.codec import encode_body
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.figures import FIGURES
from draftsmith.domain.ids import StreamId
from draftsmith.ports.events import Append, EntityRow, SessionRow, VersionConflict, WorkRow
from draftsmith.store.documents import pack
from draftsmith.store.tables import EVENTS, Statements

Row = dict[str, Any]
"""One row's values by column name, as SQLAlchemy takes them."""

EntityKey = tuple[str, str, str]
"""Session, kind, entity id."""

_OWN_FAULT = (
    *(IntegrityError, DataError, InterfaceError, ProgrammingError),
    *(ValueError, TypeError, OverflowError),
)
"""What the database says to values it cannot take; anything else is its own failure."""


class BatchRefused(Exception):
    """The batch could not be written together; nothing of it was."""


# Not frozen and not by keyword, for these two are made for every append: half the time of the house's usual form.
@dataclass(slots=True)
class Span:
    """The versions that one append adds to one stream: those after `expected`, up to `last`."""

    stream_id: StreamId
    expected: int
    last: int = field(init=False)

    def __post_init__(self) -> None:
        self.last = self.expected


@dataclass(slots=True)
class Job:
    """One append, ready to be written. `size` counts the bytes of its bodies and documents."""

    spans: Sequence[Span]
    events: Sequence[Row]
    size: int
    entities: Sequence[Row] = ()
    removed: Sequence[EntityKey] = ()
    session: Row | None = None
    work: Sequence[Row] = ()
    documents: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`answers` in the order of the batch, None for written; `versions` hold once it is committed."""

    answers: tuple[AdapterError | None, ...]
    versions: Mapping[StreamId, int]


def prepare(append: Append) -> Job:
    """Encode and check. Raises ValueError for versions with gaps (our bug), UserError for a document too large."""
    spans: dict[StreamId, Span] = {}
    events: list[Row] = []
    size = 0
    for envelope in append.envelopes:
        stream_id, version, event, actor = envelope.stream_id, envelope.version, envelope.event, envelope.actor
        span = spans.get(stream_id)
        if span is None:
            span = spans[stream_id] = Span(stream_id, version - 1)
        if version != span.last + 1 or version < 1:
            raise ValueError(f"stream {stream_id}: version {version} cannot follow {span.last}")
        span.last = version
        body = encode_body(event)
        size += len(body)
        events.append(
            {
                "event_id": envelope.event_id,
                "stream_id": stream_id,
                "version": version,
                "kind": event.kind,
                "kind_version": event.kind_version,
                "at": envelope.at,
                "actor_user": actor.user,
                "actor_client": actor.client,
                "causation_id": envelope.causation_id,
                "correlation_id": envelope.correlation_id,
                "body": body,
            }
        )
    job = Job(list(spans.values()), events, size)
    if append.entities:
        job.entities = [entity_row(entity) for entity in append.entities]
    job.removed = append.removed
    if append.session is not None:
        job.session = session_row(append.session)
    if append.work:
        job.work = [work_row(row) for row in append.work]
    if append.documents:
        job.documents = [pack(content) for content in append.documents]
        job.size += sum(len(document["content"]) for document in job.documents)
    return job


def entity_row(entity: EntityRow) -> Row:
    return {
        "session_id": entity.session_id,
        "kind": entity.kind,
        "entity_id": entity.entity_id,
        "ordinal": entity.ordinal,
        "body": _text(entity.body),
    }


def session_row(session: SessionRow) -> Row:
    return {
        "session_id": session.session_id,
        "workspace_id": session.workspace_id,
        "title": _text(session.title),
        "status": session.status,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "cost_nano_usd": session.cost_nano_usd,
        "version": session.version,
        "owner": session.owner,
    }


def work_row(work: WorkRow) -> Row:
    key, figures = work.key, work.figures
    sums = {name: getattr(figures, name) for name in FIGURES}
    return {"session_id": work.session_id, "day": key.day, "model": key.model, "endpoint": key.endpoint} | {
        "role": key.role,
        **sums,
    }


def _text(shown: str) -> str:
    # Names that are not UTF-8 may stand in a title; a read table is for people, so a mark in their place will do.
    return shown if shown.isascii() else shown.encode("utf-8", "replace").decode("utf-8")


def read_version(connection: Connection, stream_id: StreamId) -> int:
    return (
        connection.execute(
            select(func.max(EVENTS.c.version)).where(EVENTS.c.stream_id == stream_id)
        ).scalar_one_or_none()
        or 0
    )


@dataclass(slots=True, kw_only=True)
class _Versions:
    """Last versions as this transaction sees them. `known` is what earlier ones left, and may be outdated."""

    connection: Connection
    known: Mapping[StreamId, int]
    seen: dict[StreamId, int] = field(default_factory=dict)

    def conflict(self, job: Job) -> VersionConflict | None:
        """Nothing is refused on remembered versions: a difference is looked up first."""
        for span in job.spans:
            if span.stream_id not in self.seen:
                remembered = self.known.get(span.stream_id) == span.expected
                self.seen[span.stream_id] = (
                    span.expected if remembered else read_version(self.connection, span.stream_id)
                )
            actual = self.seen[span.stream_id]
            if actual != span.expected:
                return VersionConflict(span.stream_id, span.expected, actual)
        return None

    def accept(self, job: Job) -> None:
        for span in job.spans:
            self.seen[span.stream_id] = span.last


def write_together(
    connection: Connection, statements: Statements, batch: Sequence[Job], known: Mapping[StreamId, int]
) -> Outcome:
    """One statement per table for the whole batch. Raises BatchRefused: then `write_apart` in a new transaction."""
    versions = _Versions(connection=connection, known=known)
    answers: list[AdapterError | None] = []
    accepted: list[Job] = []
    try:
        for job in batch:
            conflict = versions.conflict(job)
            answers.append(conflict)
            if conflict is None:
                versions.accept(job)
                accepted.append(job)
        _insert(connection, statements, accepted)
    except _OWN_FAULT as refusal:
        raise BatchRefused from refusal
    return Outcome(answers=tuple(answers), versions=versions.seen)


def write_apart(connection: Connection, statements: Statements, batch: Sequence[Job]) -> Outcome:
    """Each append in its own savepoint, against versions read in this transaction."""
    versions = _Versions(connection=connection, known={})
    answers: list[AdapterError | None] = []
    for job in batch:
        try:
            conflict = versions.conflict(job)
            if conflict is None:
                with connection.begin_nested():
                    _insert(connection, statements, [job])
                versions.accept(job)
            answers.append(conflict)
        except _OWN_FAULT as refusal:
            answers.append(_refused(versions, job, refusal))
    return Outcome(answers=tuple(answers), versions=versions.seen)


def _refused(versions: _Versions, job: Job, refusal: Exception) -> AdapterError:
    if isinstance(refusal, IntegrityError):
        for span in job.spans:
            actual = versions.seen[span.stream_id] = read_version(versions.connection, span.stream_id)
            if actual != span.expected:
                return VersionConflict(span.stream_id, span.expected, actual)
    return AdapterError(
        f"The store cannot hold this append: {refusal}.",
        code="store_failed",
        remedy="This is a defect of Draftsmith: please report it.",
    )


def _insert(connection: Connection, statements: Statements, jobs: Sequence[Job]) -> None:
    """Of several states of one read row only the last is written."""
    if documents := [row for job in jobs for row in job.documents]:
        connection.execute(statements.add_documents, documents)
    if events := [row for job in jobs for row in job.events]:
        connection.execute(statements.add_events, events)
    entities: dict[EntityKey, Row | None] = {}
    for job in jobs:
        for row in job.entities:
            entities[row["session_id"], row["kind"], row["entity_id"]] = row
        for key in job.removed:
            entities[key] = None
    if kept := [row for row in entities.values() if row is not None]:
        connection.execute(statements.put_entities, kept)
    if gone := [
        {"old_session_id": session_id, "old_kind": kind, "old_entity_id": entity_id}
        for (session_id, kind, entity_id), row in entities.items()
        if row is None
    ]:
        connection.execute(statements.drop_entities, gone)
    work = {
        (row["session_id"], row["day"], row["model"], row["endpoint"], row["role"]): row
        for job in jobs
        for row in job.work
    }
    if work:
        connection.execute(statements.put_work, list(work.values()))
    if sessions := {job.session["session_id"]: job.session for job in jobs if job.session is not None}:
        connection.execute(statements.put_session, list(sessions.values()))
