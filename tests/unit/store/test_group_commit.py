"""Many appends, few commits; and one caller's trouble is not the others'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, event
from tests.unit.store.samples import VERSION, S, append, entity, envelope, read_all, versions

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import SessionId, StreamId
from draftsmith.ports.events import Append, VersionConflict
from draftsmith.store.batches import prepare
from draftsmith.store.event_store import SqlEventStore
from draftsmith.store.sqlite import SqliteDatabase
from draftsmith.store.writer import Writer

T = TypeVar("T")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlEventStore]:
    opened = await SqlEventStore.open(tmp_path / "state.db", application_version=VERSION)
    yield opened
    await opened.close()


@pytest.fixture
def commits() -> Iterator[list[Connection]]:
    """Every COMMIT that any engine sends."""
    seen: list[Connection] = []
    note = seen.append
    event.listen(Engine, "commit", note)
    yield seen
    event.remove(Engine, "commit", note)


async def test_hundred_concurrent_appends_need_at_most_three_commits(
    store: SqlEventStore, commits: list[Connection]
) -> None:
    for version in range(1, 6):
        commits.clear()
        await asyncio.gather(*(store.append(append(StreamId(f"session/{number}"), version)) for number in range(100)))
        assert 1 <= len(commits) <= 3


async def test_an_append_alone_needs_one_commit(store: SqlEventStore, commits: list[Connection]) -> None:
    for version in range(1, 11):
        await store.append(
            Append(envelopes=(envelope(S, version),), entities=(entity("e", version),), documents=(b"%d" % version,))
        )
    assert len(commits) == 10


async def test_conflict_in_a_batch_fails_alone(store: SqlEventStore, commits: list[Connection]) -> None:
    appends = [append(StreamId(f"session/{number}"), 2 if number == 7 else 1) for number in range(30)]
    outcomes = await asyncio.gather(*(store.append(made) for made in appends), return_exceptions=True)
    assert [number for number, outcome in enumerate(outcomes) if outcome is not None] == [7]
    assert isinstance(outcomes[7], VersionConflict)
    assert len(await store.streams("session/")) == 29
    assert len(commits) <= 3


@pytest.mark.parametrize("bad", ["client", "number"])
async def test_append_that_the_database_cannot_hold_fails_alone(store: SqlEventStore, bad: str) -> None:
    wrong = (
        Append(envelopes=(envelope(S, 1, client="\ud800"),), entities=(entity("a", 1),))
        if bad == "client"
        else Append(envelopes=(envelope(S, 1),), entities=(entity("a", 1), entity("b", 1 << 70)))
    )
    outcomes = await asyncio.gather(
        *(store.append(append(StreamId(f"session/{number}"), 1)) for number in range(10, 20)),
        store.append(wrong),
        *(store.append(append(StreamId(f"session/{number}"), 1)) for number in range(20, 30)),
        return_exceptions=True,
    )
    failure = outcomes.pop(10)
    assert isinstance(failure, AdapterError)
    assert (failure.code, failure.retryable) == ("store_failed", False)
    assert outcomes == [None] * 20
    assert len(await store.streams("session/")) == 20
    assert await store.entity(SessionId("s_1"), "step", "a") is None
    await store.append(append(S, 1))


async def test_cancelled_callers_harm_nobody(store: SqlEventStore) -> None:
    """What is cancelled before it is taken is not written; what is cancelled later is written whole."""
    for round_number in range(20):
        stream_ids = [StreamId(f"session/{round_number}-{number}") for number in range(20)]
        tasks = [asyncio.create_task(store.append(append(stream_id, 1, 3))) for stream_id in stream_ids]
        for _ in range(round_number % 4):
            await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(outcome is None for outcome in outcomes[1::2])
        for stream_id, outcome in zip(stream_ids, outcomes, strict=True):
            written = await store.version(stream_id)
            not_taken = round_number % 4 < 2
            assert written == 3 if outcome is None else written == 0 if not_taken else written in (0, 3)
    assert versions(await read_all(store, StreamId("session/0-1"))) == [1, 2, 3]


async def test_more_callers_than_the_queue_has_places_are_all_served(store: SqlEventStore) -> None:
    await asyncio.gather(*(store.append(append(StreamId(f"session/{number}"), 1)) for number in range(2500)))
    assert len(await store.streams("session/")) == 2500


class FailsOnce:
    """The real database, whose next transaction ends with `failure` after its work was done: a failed commit."""

    def __init__(self, database: SqliteDatabase, failure: Exception) -> None:
        self._database = database
        self._failure: Exception | None = failure
        self.statements = database.statements
        self.read = database.read
        self.close = database.close

    async def write(self, work: Callable[[Connection], T]) -> T:
        def work_and_fail(connection: Connection) -> T:
            answer = work(connection)
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            return answer

        return await self._database.write(work_and_fail)


@pytest.mark.parametrize(
    ("failure", "code"),
    [(AdapterError("No room.", code="disk_full", retryable=True), "disk_full"), (RuntimeError("bug"), "store_failed")],
)
async def test_failed_commit_is_told_to_all_of_its_callers_and_leaves_no_gap(
    tmp_path: Path, failure: Exception, code: str
) -> None:
    database, _ = await SqliteDatabase.open(tmp_path / "state.db", application_version=VERSION)
    writer = Writer(FailsOnce(database, failure))
    running = asyncio.create_task(writer.run())
    first = await asyncio.gather(
        writer.submit(prepare(append(S, 1))),
        writer.submit(prepare(append(StreamId("session/other"), 1))),
        return_exceptions=True,
    )
    assert [getattr(outcome, "code", None) for outcome in first] == [code, code]
    assert first[0] is not first[1]
    with pytest.raises(VersionConflict):  # it was handed in by somebody who hoped for the first
        await writer.submit(prepare(append(S, 2)))
    await writer.submit(prepare(append(S, 1)))
    await writer.stop()
    await running
    await database.close()


async def test_ended_writer_leaves_nobody_waiting(tmp_path: Path) -> None:
    database, _ = await SqliteDatabase.open(tmp_path / "state.db", application_version=VERSION)
    writer = Writer(database)
    calls = [asyncio.create_task(writer.submit(prepare(append(StreamId(f"s/{n}"), 1)))) for n in range(1500)]
    await asyncio.sleep(0)
    running = asyncio.create_task(writer.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 30)
    assert {getattr(outcome, "code", None) for outcome in outcomes} == {"store_closed"}
    await database.close()
