"""Opening the file: what is damaged is put aside, what cannot work is refused with a reason, all else is kept."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.unit.store.samples import VERSION, S, append, read_all, versions

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.filesystems import Mount, network_mount
from draftsmith.store.event_store import SqlEventStore, sqlite_path
from draftsmith.store.sqlite import SqliteDatabase


async def fill(path: Path, count: int = 3) -> None:
    store = await SqlEventStore.open(path, application_version=VERSION)
    await store.append(append(S, 1, count))
    await store.close()


def overwrite_page(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek(number * 4096)
        file.write(os.urandom(4096))


def overwrite_last_page(path: Path) -> None:
    overwrite_page(path, path.stat().st_size // 4096 - 1)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def garbage(path: Path) -> None:
    path.write_bytes(b"This is not a database at all. " * 400)


def drop_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE documents")


def forget_revision(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM alembic_version")
        database.commit()


@pytest.mark.parametrize(
    "damage",
    [garbage, cut, partial(overwrite_page, number=3), overwrite_last_page, drop_table, forget_revision],
    ids=["garbage", "cut", "a page", "the last page", "a table gone", "no revision"],
)
async def test_damaged_file_is_put_aside_and_a_fresh_one_works(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "state.db"
    await fill(path, 200)
    damage(path)
    Path(f"{path}-wal").write_bytes(b"left over")
    before = path.read_bytes()

    store = await SqlEventStore.open(path, application_version=VERSION)
    aside = store.report.quarantined
    assert aside is not None
    assert aside.parent == tmp_path / "quarantine"
    assert aside.name.endswith("-state.db")
    assert store.report.damage
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await store.append(append(S, 1))
    assert versions(await read_all(store, S)) == [1]
    await store.close()
    if damage is garbage:  # where SQLite can still read the file it clears the rest away by itself
        assert aside.read_bytes() == before
        assert Path(f"{aside}-wal").read_bytes() == b"left over"

    again = await SqlEventStore.open(path, application_version=VERSION)
    assert again.report.quarantined is None
    assert await again.version(S) == 1
    await again.close()


async def test_damage_found_later_is_told_and_mended_by_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path, 3000)
    store = await SqlEventStore.open(path, application_version=VERSION)
    pages = path.stat().st_size // 4096
    for number in range(1, pages):
        overwrite_page(path, number)
    with pytest.raises(AdapterError) as caught:
        await read_all(store, S)
    assert caught.value.code == "store_damaged"
    await store.close()
    again = await SqlEventStore.open(path, application_version=VERSION)
    assert again.report.quarantined is not None
    await again.close()


async def test_empty_file_is_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch()
    store = await SqlEventStore.open(path, application_version=VERSION)
    assert (store.report.quarantined, store.report.backup) == (None, None)
    await store.close()


async def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE photos (name TEXT)")
    before = path.read_bytes()[100:]  # the header says which journal was used last
    with pytest.raises(UserError) as caught:
        await SqlEventStore.open(path, application_version=VERSION)
    assert caught.value.code == "foreign_database"
    assert "DRAFTSMITH_STATE_DIR" in caught.value.remedy
    assert path.read_bytes()[100:] == before


async def test_newer_schema_is_refused_with_the_version_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0042'")
        database.execute("UPDATE store_info SET value = '3.1.4' WHERE key = 'application_version'")
        database.commit()
    with pytest.raises(UserError) as caught:
        await SqlEventStore.open(path, application_version=VERSION)
    assert caught.value.code == "newer_schema"
    assert "3.1.4" in caught.value.message
    assert "3.1.4" in caught.value.remedy
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM events").fetchone() == (3,)


async def test_network_file_system_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    table = f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - nfs4 server:/home rw\n"
    path = tmp_path / "new" / "state.db"
    with pytest.raises(UserError) as caught:
        await SqliteDatabase.open(
            path, application_version=VERSION, find_network_mount=lambda place: network_mount(place, table=table)
        )
    assert caught.value.code == "network_file_system"
    assert "nfs4" in caught.value.message
    assert "DRAFTSMITH_STATE_DIR" in caught.value.remedy
    assert not path.parent.exists()


def test_mount_is_network_by_its_type_only() -> None:
    assert Mount(point="/", kind="fuse.sshfs", source="nfs").is_network
    assert not Mount(point="/", kind="ext4", source="nfs").is_network


async def test_second_store_on_one_file_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    first = await SqlEventStore.open(path, application_version="1.2.3")
    with pytest.raises(UserError) as caught:
        await SqlEventStore.open(path, application_version=VERSION)
    assert caught.value.code == "store_in_use"
    assert f"process {os.getpid()} (Draftsmith 1.2.3)" in caught.value.message
    await first.append(append(S, 1))
    await first.close()
    second = await SqlEventStore.open(path, application_version=VERSION)
    assert await second.version(S) == 1
    await second.close()


async def test_files_and_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "state.db"
    store = await SqlEventStore.open(path, application_version=VERSION)
    await store.append(append(S, 1))
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert {"state.db", "state.db-wal"} <= {file.name for file in path.parent.iterdir()}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await store.close()


async def test_path_with_signs_of_urls_and_no_unicode_is_taken_literally(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"a?b#c%20d&mode=ro \xff")
    await fill(folder / "state?.db")
    assert {file.name for file in folder.iterdir()} == {"state?.db", "state?.db.lock"}


async def test_only_the_writer_can_write_or_checkpoint(tmp_path: Path) -> None:
    database, _ = await SqliteDatabase.open(tmp_path / "state.db", application_version=VERSION)

    def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "query_only", "wal_autocheckpoint")
        return {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    assert await database.write(pragmas) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "query_only": 0,
        "wal_autocheckpoint": 1000,
    }
    reader = await database.read(pragmas)
    assert (reader["journal_mode"], reader["query_only"], reader["wal_autocheckpoint"]) == ("wal", 1, 0)

    def try_to_write(connection: Connection, query_only: str) -> None:
        connection.rollback()
        connection.exec_driver_sql(f"PRAGMA query_only={query_only}")
        connection.execute(text("DELETE FROM events"))

    for query_only in ("ON", "OFF"):
        with pytest.raises(UserError) as caught:
            await database.read(partial(try_to_write, query_only=query_only))
        assert caught.value.code == "state_not_writable"
    await database.close()


OPEN = """
import asyncio, sys
from draftsmith.domain.errors import UserError
from draftsmith.store.event_store import SqlEventStore
try:
    asyncio.run(SqlEventStore.open(sys.argv[1], application_version="0.1.0"))
except UserError as error:
    print(error.code, error.remedy)
"""


@pytest.mark.parametrize("existing", [True, False])
async def test_read_only_folder_is_said_with_the_remedy(tmp_path: Path, existing: bool) -> None:
    """In a sandbox that binds the file system read-only: permissions alone do not stop root."""
    path = tmp_path / "state.db"
    if existing:
        await fill(path)
    ran = subprocess.run(
        ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", sys.executable, "-c", OPEN, path],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.startswith("state_not_writable")
    assert "DRAFTSMITH_STATE_DIR" in ran.stdout


def test_address_of_another_database_is_refused_without_showing_it() -> None:
    for wrong in ("postgresql://me:secret@host/db", "sqlite://", "://"):
        with pytest.raises(UserError) as caught:
            sqlite_path(wrong)
        assert caught.value.code == "store_unsupported"
        assert "secret" not in str(caught.value)
    assert sqlite_path("sqlite:////var/x.db") == sqlite_path("/var/x.db") == sqlite_path(Path("/var/x.db"))
