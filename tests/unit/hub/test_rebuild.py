"""The read tables come from the streams: made anew, they are what they were."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.unit.domain import histories as h
from tests.unit.domain.test_session_histories import CHOICES, grown
from tests.unit.hub.worlds import World, numbered, world

from draftsmith.domain.ids import SessionId, StreamId
from draftsmith.domain.session import events as e
from draftsmith.hub.rebuild import rows_of
from draftsmith.platform.clock import new_id

Rows = list[tuple[object, ...]]


def read_tables(path: Path) -> dict[str, Rows]:
    with closing(sqlite3.connect(path)) as database:
        return {
            table: sorted(database.execute(f"SELECT * FROM {table}"), key=repr)  # noqa: S608 (constants)
            for table in ("entities", "sessions")
        }


async def live_through(there: World, choices: Sequence[int]) -> None:
    """A session of the history that the numbers choose, appended event by event through the hub."""
    session_id = SessionId(new_id("s"))
    host = there.hub.new_host(session_id)
    for _, event, _ in grown(choices):
        told = replace(event, session_id=session_id) if isinstance(event, e.SessionStarted) else event
        await host.append(numbered(session_id, host.state.version, [told]), ())


@settings(max_examples=12)
@given(choices=CHOICES)
def test_rebuilt_read_tables_are_what_the_appends_had_written(
    tmp_path_factory: pytest.TempPathFactory, choices: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("hub")

    async def run() -> None:
        async with world(folder) as there:
            await live_through(there, choices)
            before = read_tables(folder / "state.db")
            assert await there.store.rebuild_reads(rows_of) == 1
            assert read_tables(folder / "state.db") == before
            assert before["entities"]

    asyncio.run(run())


async def test_a_session_that_cannot_be_read_is_left_out_and_the_others_are_not(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        damaged, sound = await there.started(), await there.started()
        for session_id in (damaged, sound):
            await there.append(session_id, h.begun())
        before = read_tables(tmp_path / "state.db")
        with closing(sqlite3.connect(tmp_path / "state.db")) as database, database:
            database.execute(
                "UPDATE events SET kind = 'from_the_future' WHERE stream_id = ? AND version = 3",
                (StreamId(f"session/{damaged}"),),
            )
        await there.store.rebuild_reads(rows_of)
        after = read_tables(tmp_path / "state.db")
        assert [row for row in after["entities"] if row[0] == sound] == [
            row for row in before["entities"] if row[0] == sound
        ]
        assert [row[0] for row in after["sessions"]] == [sound]
