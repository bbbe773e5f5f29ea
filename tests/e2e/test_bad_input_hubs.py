"""A hub that cannot start as it should says why in one line, and what is stored stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from draftsmith.store.schema import HEAD
from e2e.hubs import RunningHub, calc, refused, running, vendor


def database(state_dir: Path) -> Path:
    return state_dir / "hub" / "draftsmith.db"


async def proposed(hub: RunningHub, folder: Path) -> str:
    """A session with its proposal, made for real."""
    async with vendor() as model, hub.connected() as talk:
        await talk.offer(model.openai_url)
        session_id = await talk.start(calc(folder))
        await talk.until(session_id, "proposed")
    return session_id


async def test_a_second_hub_of_one_state_folder_leaves_the_first_alone(state_dir: Path) -> None:
    with running(state_dir, "--no-runner") as first:
        code, said = refused(state_dir, "--no-runner")
        assert code == 3
        assert said == f"Another hub runs here: process {first.process.pid}, version 0.1.0."
        async with first.connected() as talk:
            assert (await talk.call("hub/status", {}))["pid"] == first.process.pid


async def test_what_a_killed_hub_left_behind_keeps_nobody_out(state_dir: Path, tmp_path: Path) -> None:
    with running(state_dir) as killed:
        session_id = await proposed(killed, tmp_path / "ws")
        async with killed.connected() as talk:
            before = await talk.entities(session_id)
        killed.kill()
    left = {path.name for path in (state_dir / "hub").iterdir()}
    assert {"hub.lock", "endpoint.json"} <= left, "the stale files that this test is about are not there"
    with running(state_dir, "--no-runner") as hub:
        assert hub.endpoint.token != killed.endpoint.token
        async with hub.connected() as talk:
            assert await talk.entities(session_id) == before


async def test_a_newer_schema_is_refused_by_the_version_that_is_needed_and_is_left_as_it_is(state_dir: Path) -> None:
    with running(state_dir, "--no-runner"):
        pass
    with closing(sqlite3.connect(database(state_dir))) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
        store.execute("UPDATE store_info SET value = '7.8.9' WHERE key = 'application_version'")
    before = database(state_dir).read_bytes()
    code, said = refused(state_dir, "--no-runner")
    assert code == 4
    assert said.startswith("newer_schema: ")
    assert "Install Draftsmith 7.8.9 or newer" in said
    assert len(said.splitlines()) == 1
    assert database(state_dir).read_bytes() == before
    assert not (state_dir / "hub" / "endpoint.json").exists()


async def test_a_database_of_somebody_else_is_refused_and_left_as_it_is(state_dir: Path) -> None:
    (state_dir / "hub").mkdir(parents=True)
    with closing(sqlite3.connect(database(state_dir))) as other, other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    code, said = refused(state_dir, "--no-runner")
    assert code == 4
    assert said.startswith("foreign_database: ")
    with closing(sqlite3.connect(database(state_dir))) as other:
        assert other.execute("SELECT count(*) FROM recipes").fetchone() == (0,)


async def test_a_damaged_database_is_put_aside_and_told_of(state_dir: Path, tmp_path: Path) -> None:
    with running(state_dir) as hub:
        await proposed(hub, tmp_path / "ws")
    file = database(state_dir)
    whole = file.read_bytes()
    damaged = b"\xff" * 4_096 + whole[4_096:]
    file.write_bytes(damaged)
    with running(state_dir, "--no-runner") as hub:
        async with hub.connected() as talk:
            notices = await talk.notices()
            assert (await talk.call("session/list", {}))["sessions"] == []
            await talk.start(tmp_path / "ws")
    assert "The database was damaged" in notices
    aside = [path for path in (state_dir / "hub").rglob("*") if path.is_file() and path.read_bytes() == damaged]
    assert len(aside) == 1, "the damaged file was thrown away"
    assert str(aside[0]) in notices


async def test_stale_read_tables_are_made_anew_before_anybody_reads_them(state_dir: Path, tmp_path: Path) -> None:
    with running(state_dir) as hub:
        session_id = await proposed(hub, tmp_path / "ws")
        async with hub.connected() as talk:
            before = await talk.entities(session_id)
            sessions = await talk.call("session/list", {})
    assert ("session", session_id) in before
    with closing(sqlite3.connect(database(state_dir))) as store, store:
        store.execute("DELETE FROM entities")
        store.execute("DELETE FROM sessions")
        store.execute("INSERT INTO store_info (key, value) VALUES ('reads_stale', 'yes')")
    with running(state_dir, "--no-runner") as hub:
        async with hub.connected() as talk:
            assert await talk.entities(session_id) == before
            assert await talk.call("session/list", {}) == sessions
    with closing(sqlite3.connect(database(state_dir))) as store:
        stale = store.execute("SELECT count(*) FROM store_info WHERE key = 'reads_stale'").fetchone()
        assert stale == (0,)
        assert store.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_a_state_folder_that_cannot_be_made_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, said = refused(tmp_path / "file" / "state", "--no-runner")
    assert code == 4
    assert str(tmp_path / "file") in said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
