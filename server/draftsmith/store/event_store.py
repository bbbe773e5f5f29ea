"""`EventStore` on a relational database: SQLite by path, others by URL once they have their dialect file.

It says when something is durable and what went wrong; what events mean is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import UserError
from draftsmith.domain.figures import WorkKept
from draftsmith.domain.ids import DocumentId, SessionId, StreamId
from draftsmith.ports.events import Append, EntityRow, SessionRow, WorkColumn, WorkSum
from draftsmith.store import forgetting, reads, rebuild
from draftsmith.store.batches import prepare, read_version
from draftsmith.store.database import Database, OpenReport
from draftsmith.store.documents import document_id
from draftsmith.store.sqlite import SqliteDatabase
from draftsmith.store.writer import Writer

_SLOW_BYTES = 32 << 10
"""Documents above this are hashed and compressed in a thread."""


class SqlEventStore:
    """See the port `EventStore`. Made by `open`, ended by `close`."""

    def __init__(self, database: Database, report: OpenReport) -> None:
        self._database = database
        self._writer = Writer(database)
        self._writing = asyncio.create_task(self._writer.run(), name="store writer")
        self.report = report

    @classmethod
    async def open(cls, url_or_path: str | Path, *, application_version: str) -> SqlEventStore:
        """Opens the store, making, migrating or replacing it as needed: `report` says what was done.

        Raises UserError (`store_unsupported`, `network_file_system`, `state_not_writable`, `store_in_use`,
        `newer_schema`, `foreign_database`, `wal_unavailable`) or AdapterError (`disk_full`, `migration_failed`,
        `store_failed`).
        """
        database, report = await SqliteDatabase.open(sqlite_path(url_or_path), application_version=application_version)
        return cls(database, report)

    @property
    def commits(self) -> int:
        """Transactions committed for appends since the store was opened."""
        return self._writer.commits

    async def close(self) -> None:
        """Writes what was handed in, then closes. Later calls are refused; a second `close` does nothing."""
        await self._writer.stop()
        try:
            await self._writing
        finally:
            await self._database.close()

    async def append(self, append: Append) -> None:
        if sum(map(len, append.documents)) > _SLOW_BYTES:
            job = await asyncio.to_thread(prepare, append)
        else:
            job = prepare(append)
        await self._writer.submit(job)

    async def read(
        self, stream_id: StreamId, *, after: int = 0, batch: int = 500
    ) -> AsyncIterator[Sequence[Envelope[Event]]]:
        while True:
            events = await self._database.read(
                partial(reads.read_events, stream_id=stream_id, after=after, limit=batch)
            )
            if events:
                yield events
                after = events[-1].version
            if len(events) < batch:
                return

    async def version(self, stream_id: StreamId) -> int:
        return await self._database.read(lambda connection: read_version(connection, stream_id))

    async def streams(self, prefix: str) -> Sequence[StreamId]:
        return await self._database.read(lambda connection: reads.read_streams(connection, prefix))

    async def document(self, document_id: DocumentId) -> bytes | None:
        return await self._database.read(lambda connection: reads.read_document(connection, document_id))

    async def forget(
        self, session_id: SessionId, streams: Sequence[StreamId], *, kept: Envelope[WorkKept] | None = None
    ) -> int:
        # Looked up among the readers first: the writer is held up only for what has come since.
        documents, seen = await self._database.read(lambda connection: forgetting.documents_of(connection, streams))
        statements = self._database.statements

        def remove(connection: Connection) -> int:
            if kept is not None:
                forgetting.keep(connection, statements, kept)
            return forgetting.forget(connection, session_id, streams, documents, seen)

        return await self._database.write(remove)

    async def put_document(self, content: bytes) -> DocumentId:
        """Durable on return. Raises UserError (`document_too_large`)."""
        name = await asyncio.to_thread(document_id, content)
        if not await self._database.read(lambda connection: reads.has_document(connection, name)):
            await self.append(Append(envelopes=(), documents=(content,)))
        return name

    async def sessions(
        self,
        *,
        limit: int,
        before: tuple[int, str] | None = None,
        workspace_id: str | None = None,
        statuses: tuple[str, ...] = (),
        owners: Collection[str] | None = None,
    ) -> Sequence[SessionRow]:
        return await self._database.read(
            lambda connection: reads.read_sessions(connection, limit, before, workspace_id, statuses, owners)
        )

    async def session(self, session_id: SessionId) -> SessionRow | None:
        return await self._database.read(lambda connection: reads.read_session(connection, session_id))

    async def entities_of(self, session_ids: Sequence[SessionId], kind: str, *, last: int) -> Sequence[EntityRow]:
        return await self._database.read(lambda connection: reads.read_entities_of(connection, session_ids, kind, last))

    async def entities(
        self, session_id: SessionId, kind: str, *, limit: int, before: int | None = None, first: int | None = None
    ) -> Sequence[EntityRow]:
        if first is not None:
            return await self._database.read(
                lambda connection: reads.read_entities_from(connection, session_id, kind, limit, first)
            )
        return await self._database.read(
            lambda connection: reads.read_entities(connection, session_id, kind, limit, before)
        )

    async def count_entities(self, session_id: SessionId, kind: str, *, before: int | None = None) -> int:
        return await self._database.read(lambda connection: reads.count_entities(connection, session_id, kind, before))

    async def entity(self, session_id: SessionId, kind: str, entity_id: str) -> EntityRow | None:
        return await self._database.read(lambda connection: reads.read_entity(connection, session_id, kind, entity_id))

    async def work(
        self,
        by: Sequence[WorkColumn],
        *,
        since: str = "",
        session_id: str = "",
        sessions: Sequence[SessionId] | None = None,
        owners: Collection[str] | None = None,
    ) -> Sequence[WorkSum]:
        only = sessions if sessions is not None else [SessionId(session_id)] if session_id else None
        return await self._database.read(lambda connection: reads.read_work(connection, by, since, only, owners))

    async def rebuild_reads(
        self, project: rebuild.Projection, *, prefixes: Sequence[str] = ("session/", "record/")
    ) -> int:
        """Clear the read tables and fill them from the streams that begin with `prefixes`; returns their number.

        Appends may go on meanwhile. If it is interrupted, the next `open` reports the read tables as stale.
        """
        statements = self._database.statements
        await self._database.write(lambda connection: rebuild.clear_reads(connection, statements))
        streams = [stream for prefix in prefixes for stream in await self.streams(prefix)]
        for stream_id in streams:
            await self._database.write(
                lambda connection, stream_id=stream_id: rebuild.project_stream(
                    connection, statements, stream_id, project
                )
            )
        await self._database.write(rebuild.mark_fresh)
        return len(streams)


async def downgrade(url_or_path: str | Path, *, application_version: str, revision: str) -> OpenReport:
    """Bring a closed store to an older schema, for going back to an older Draftsmith; a copy is made first."""
    database, report = await SqliteDatabase.open(
        sqlite_path(url_or_path), application_version=application_version, revision=revision
    )
    await database.close()
    return report


def sqlite_path(url_or_path: str | Path) -> Path:
    """Raises UserError (`store_unsupported`) for URLs of other databases."""
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return Path(url_or_path)
    with contextlib.suppress(ArgumentError):
        url = make_url(url_or_path)
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database)
    raise UserError(
        "The address of the store is not one that this version can use.",
        code="store_unsupported",
        remedy="Give the path of a file, or sqlite:///path.",
    )
