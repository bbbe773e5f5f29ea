"""The SQLite dialect: all that PostgreSQL would do otherwise. No table or query of the store is known here.

One connection in one thread writes and checkpoints: SQLite before 3.51.3 can corrupt a WAL that several connections
checkpoint. Plain engines in own threads, not aiosqlite: one thread hop a transaction instead of one a call doubled
the rate of single appends.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, Pool, QueuePool

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.filesystems import network_mount
from draftsmith.platform.locks import FileLock, Holder
from draftsmith.store.database import OpenReport
from draftsmith.store.schema import HEAD, VERSIONS, SchemaDamaged, check_schema, migrate, read_schema
from draftsmith.store.sqlite_files import (
    FindNetworkMount,
    back_up,
    is_database,
    not_writable,
    prepare_place,
    quarantine,
)
from draftsmith.store.tables import Statements, build_statements

T = TypeVar("T")

WAIT_SECONDS = 60.0
"""For one transaction, from asking for it to its end."""
_READERS = 2
_BUSY_SECONDS = 5.0
_WAL_BYTES_KEPT = 64 << 20
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REFUSED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})


class _Damaged(Exception):
    """What quick_check or SQLite itself found."""


class SqliteDatabase:
    """A `Database` on one file; see `open`."""

    statements: Statements = build_statements(insert)

    def __init__(self, path: Path) -> None:
        self.path = path = path.absolute()
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._writer: Connection | None = None
        self._closed = False
        self._readers = _engine(
            partial(_connect_reader, path),
            begin="BEGIN",
            pool=QueuePool,
            pool_size=_READERS,
            max_overflow=0,
        )

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        application_version: str,
        revision: str = HEAD,
        versions: Path = VERSIONS,
        find_network_mount: FindNetworkMount = network_mount,
    ) -> tuple[SqliteDatabase, OpenReport]:
        """Check, migrate and open the file, making it if there is none; a damaged one is put aside.

        Raises UserError (`network_file_system`, `state_not_writable`, `store_in_use`, `newer_schema`,
        `foreign_database`, `wal_unavailable`) or AdapterError (`disk_full`, `migration_failed`, `store_failed`).
        """
        database = cls(path)
        work = partial(database._open, application_version, revision, versions, find_network_mount)
        try:
            return database, await asyncio.get_running_loop().run_in_executor(database._writing, work)
        except BaseException:
            await database.close()
            raise

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._wait(self._writing, partial(self._transact, work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._wait(self._reading, partial(self._look, work))

    async def close(self) -> None:
        """Waits for what is under way. Does nothing the second time."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._writing, self._close)
            self._writing.shutdown(wait=False)

    async def _wait(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(threads, work)
        except TimeoutError as error:
            raise AdapterError(
                f"The store {self.path} did not answer within {WAIT_SECONDS:.0f} s; a write may still happen.",
                code="store_failed",
                remedy="Check the disk, then read the stream again before repeating anything.",
            ) from error

    def _transact(self, work: Callable[[Connection], T]) -> T:
        writer = self._opened()
        try:
            with writer.begin():
                return work(writer)
        except DBAPIError as error:
            raise explain(error.orig, self.path) from error

    def _look(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._readers.connect() as connection:
                return work(connection)
        except DBAPIError as error:
            raise explain(error.orig, self.path) from error

    def _close(self) -> None:
        # Readers first: whoever closes last checkpoints, and that must be the writer.
        self._reading.shutdown(wait=True)
        self._readers.dispose()
        self._drop_writer()
        self._lock.release()

    def _open(
        self, application_version: str, revision: str, versions: Path, find_network_mount: FindNetworkMount
    ) -> OpenReport:
        prepare_place(self.path, find_network_mount)
        try:
            holder = self._lock.acquire(version=application_version)
        except AdapterError as error:
            if error.code == "disk_full":
                raise
            raise not_writable(self.path, error) from error
        if isinstance(holder, Holder):
            raise UserError(
                f"The store {self.path} is used by process {holder.pid} (Draftsmith {holder.version or '?'}).",
                code="store_in_use",
                remedy="Stop that process, or set DRAFTSMITH_STATE_DIR to another folder.",
            )
        damage, aside = "", None
        try:
            migrated_from, backup = self._ready(application_version, revision, versions)
        except (_Damaged, SchemaDamaged) as found:
            self._drop_writer()
            damage, aside = str(found), quarantine(self.path)
            prepare_place(self.path, find_network_mount)
            migrated_from, backup = self._ready(application_version, revision, versions)
        writer = self._opened()
        with writer.begin():
            stale = read_schema(writer).reads_stale
        return OpenReport(
            quarantined=aside, damage=damage, migrated_from=migrated_from, backup=backup, reads_stale=stale
        )

    def _ready(self, application_version: str, revision: str, versions: Path) -> tuple[str | None, Path | None]:
        """Open the writer on a sound database of the schema wanted; where it came from, and the copy made."""
        try:
            writer = self._writer = _engine(
                partial(_connect_writer, self.path), begin="BEGIN IMMEDIATE", pool=NullPool
            ).connect()
            with writer.begin():
                schema = read_schema(writer)
                if revision == HEAD and not check_schema(writer, schema, application_version=application_version):
                    return None, None
            backup = None
            if schema.revision:
                raw = cast("sqlite3.Connection", writer.connection.driver_connection)
                backup = back_up(raw, self.path, schema.revision)
            with writer.begin():
                migrate(
                    writer,
                    self.statements,
                    application_version=application_version,
                    revision=revision,
                    versions=versions,
                )
        except DBAPIError as error:
            raise explain(error.orig, self.path, opening=True) from error
        except sqlite3.Error as error:
            raise explain(error, self.path, opening=True) from error
        return schema.revision, backup

    def _opened(self) -> Connection:
        if self._writer is None:
            raise RuntimeError("the database is not open")
        return self._writer

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def explain(error: BaseException | None, path: Path, *, opening: bool = False) -> Exception:
    """What a failure of SQLite means for its user; `_Damaged` only while opening, when it can be mended."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGE:
        if opening:
            return _Damaged(str(error))
        return AdapterError(
            f"The store {path} is damaged: {error}.",
            code="store_damaged",
            remedy="Restart Draftsmith: it puts the damaged file aside and says where.",
        )
    if code in _REFUSED:
        return not_writable(path, Exception(str(error)))
    if code == sqlite3.SQLITE_FULL:
        return AdapterError(
            f"The disk with the store {path} is full; nothing of this was written.",
            code="disk_full",
            remedy="Free some space there; it goes on by itself.",
            retryable=True,
        )
    return AdapterError(
        f"The store {path} failed: {error}.",
        code="store_failed",
        remedy="Check the disk and what else uses that file.",
        retryable=code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR),
    )


def _engine(connect: Callable[[], sqlite3.Connection], *, begin: str, pool: type[Pool], **options: int) -> Engine:
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=pool, **options)
    # The driver's own beginning of transactions is off (isolation_level None): it begins late and not for reads.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _connect(address: str, *pragmas: str) -> sqlite3.Connection:
    raw = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
    try:
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}")
    except BaseException:
        raw.close()
        raise
    return raw


def _connect_writer(path: Path) -> sqlite3.Connection:
    """Durable with every commit, on macOS too; checked whole before anything else."""
    if not is_database(path):
        raise _Damaged("it does not begin as a database does")
    raw = _connect(f"{path.as_uri()}?mode=rwc", "fullfsync=ON", "checkpoint_fullfsync=ON", "synchronous=FULL")
    try:
        report = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        if report != "ok":
            raise _Damaged(report)
        mode = raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise UserError(
                f"SQLite cannot use its write-ahead log for {path}: it stays with {mode}.",
                code="wal_unavailable",
                remedy="Set DRAFTSMITH_STATE_DIR to a folder on a local disk.",
            )
        raw.execute(f"PRAGMA journal_size_limit={_WAL_BYTES_KEPT}")
    except BaseException:
        raw.close()
        raise
    return raw


def _connect_reader(path: Path) -> sqlite3.Connection:
    """Cannot write, so it cannot checkpoint either; the pragmas say it a second time."""
    return _connect(f"{path.as_uri()}?mode=ro", "query_only=ON", "wal_autocheckpoint=0")
