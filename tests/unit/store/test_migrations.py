"""Schemas: up, down and up again keeps the truth; a copy comes first; a migration happens whole or not at all."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from tests.unit.store.samples import VERSION, S, append, entity, envelope, read_all, session, versions

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import SessionId, StreamId
from draftsmith.ports.events import Append, EntityRow
from draftsmith.store.event_store import SqlEventStore, downgrade
from draftsmith.store.schema import HEAD, VERSIONS
from draftsmith.store.sqlite import SqliteDatabase
from draftsmith.store.sqlite_files import BACKUPS_KEPT
from draftsmith.store.tables import METADATA

NEXT = """
import os
from alembic import op
import sqlalchemy as sa
revision, down_revision = "9001", "{head}"
def upgrade():
    op.create_table("later", sa.Column("x", sa.Integer))
    op.execute("DELETE FROM events")
    {then}
def downgrade():
    op.drop_table("later")
"""


async def fill(path: Path) -> None:
    store = await SqlEventStore.open(path, application_version=VERSION)
    rows = (entity("e", 1),)
    await store.append(
        Append(envelopes=append(S, 1, 50).envelopes, entities=rows, session=session("s_1", 1), documents=(b"doc",))
    )
    await store.close()


def add_revision(folder: Path, then: str) -> Path:
    """The real revisions and one more that ends as told."""
    folder.mkdir()
    for file in VERSIONS.glob("v*.py"):
        (folder / file.name).write_text(file.read_text())
    (folder / "v9001_next.py").write_text(NEXT.format(head=HEAD, then=then))
    return folder


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - names from this file


def project(stream_id: StreamId, history: Iterator[Envelope[Event]]) -> Iterator[EntityRow]:
    for one in history:
        yield entity(f"e{one.version}", one.version)


def test_head_is_the_last_revision_there_is() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    database, report = await SqliteDatabase.open(tmp_path / "state.db", application_version=VERSION)
    assert report.migrated_from == ""

    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)

    assert await database.read(differences) == []
    await database.close()


async def test_down_and_up_again_keeps_events_and_documents_and_asks_for_the_read_tables(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)

    down = await downgrade(path, application_version=VERSION, revision="0001")
    assert down.migrated_from == HEAD
    assert down.backup is not None
    assert count(down.backup, "entities") == 1
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE name = 'entities'").fetchall() == []

    store = await SqlEventStore.open(path, application_version=VERSION)
    assert store.report.migrated_from == "0001"
    assert store.report.backup is not None
    assert store.report.reads_stale
    assert versions(await read_all(store, S)) == list(range(1, 51))
    assert await store.document(await store.put_document(b"doc")) == b"doc"
    assert await store.entities(SessionId("s_1"), "step", limit=99) == []
    await store.rebuild_reads(project)
    assert len(await store.entities(SessionId("s_1"), "step", limit=99)) == 50
    await store.close()

    again = await SqlEventStore.open(path, application_version=VERSION)
    assert not again.report.reads_stale
    assert again.report.migrated_from is None
    await again.close()


async def test_interrupted_rebuild_is_reported_by_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)

    def broken(stream_id: StreamId, history: Iterator[Envelope[Event]]) -> Iterator[EntityRow]:
        yield entity("one", next(history).version)
        raise RuntimeError("killed")

    store = await SqlEventStore.open(path, application_version=VERSION)
    with pytest.raises(RuntimeError, match="killed"):
        await store.rebuild_reads(broken)
    await store.close()
    again = await SqlEventStore.open(path, application_version=VERSION)
    assert again.report.reads_stale
    assert await again.entity(SessionId("s_1"), "step", "one") is None
    await again.close()


async def test_new_store_needs_no_copy_and_old_copies_are_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    assert not (tmp_path / "backups").exists()
    for _ in range(BACKUPS_KEPT):
        await downgrade(path, application_version=VERSION, revision="0001")
        await (await SqlEventStore.open(path, application_version=VERSION)).close()
    kept = sorted((tmp_path / "backups").iterdir())
    assert len(kept) == BACKUPS_KEPT
    assert count(kept[-1], "events") == 50


async def test_failed_migration_changes_nothing_and_names_the_way_back(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    versions_folder = add_revision(tmp_path / "versions", 'op.execute("INSERT INTO nowhere VALUES (1)")')
    with pytest.raises(AdapterError) as caught:
        await SqliteDatabase.open(path, application_version="9.0.0", revision="9001", versions=versions_folder)
    assert caught.value.code == "migration_failed"
    assert f"from schema {HEAD} to 9001" in caught.value.message
    store = await SqlEventStore.open(path, application_version=VERSION)
    assert store.report.migrated_from is None
    assert versions(await read_all(store, S)) == list(range(1, 51))
    await store.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from draftsmith.store.sqlite import SqliteDatabase
asyncio.run(
    SqliteDatabase.open(
        Path(sys.argv[1]), application_version="9.0.0", revision="9001", versions=Path(sys.argv[2])
    )
)
"""


async def test_file_whose_migration_was_killed_half_way_is_as_before(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    versions_folder = add_revision(tmp_path / "versions", "os.kill(os.getpid(), 9)")
    ran = subprocess.run([sys.executable, "-c", KILLED, path, versions_folder], timeout=60, check=False)
    assert ran.returncode == -9
    store = await SqlEventStore.open(path, application_version=VERSION)
    assert (store.report.quarantined, store.report.migrated_from) == (None, None)
    assert versions(await read_all(store, S)) == list(range(1, 51))
    await store.append(Append(envelopes=(envelope(S, 51),)))
    await store.close()
