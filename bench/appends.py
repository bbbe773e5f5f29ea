"""Durable appends against bare SQLite commits, one by one, with the same `synchronous=FULL` on the same disk.

Bars: one session 0.3 times the peer's rate, a hundred sessions at once 5 times.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.method import Line, in_turns
from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import CallId, EventId, StreamId
from draftsmith.domain.ledger import MoneyReserved
from draftsmith.ports.events import Append
from draftsmith.store.event_store import SqlEventStore

COMMITS = 500
SESSIONS = 100
APPENDS_EACH = 50
BAR_ONE, BAR_HUNDRED = 0.3, 5.0


def bare_commits_per_second(path: Path) -> float:
    """The same columns and constraint as the store's events, and nothing else."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "CREATE TABLE events (position INTEGER PRIMARY KEY, event_id TEXT, stream_id TEXT, version INTEGER,"
            " kind TEXT, kind_version INTEGER, at INTEGER, actor_user TEXT, actor_client TEXT, causation_id TEXT,"
            " correlation_id TEXT, body BLOB, UNIQUE (stream_id, version))"
        )
        begin = time.perf_counter()
        for version in range(1, COMMITS + 1):
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "INSERT INTO events VALUES (NULL, ?, 'session/s_1', ?, 'money_reserved', 1, 1700000000000, 'local',"
                " 'runner', 'c_1', 'k_1', ?)",
                (f"e_{version}", version, b'{"call_id":"call_1","nano_usd":1234}'),
            )
            database.execute("COMMIT")
        return COMMITS / (time.perf_counter() - begin)


def _envelope(stream_id: StreamId, version: int) -> Envelope[Event]:
    return Envelope(
        event_id=EventId(f"e_{version}"),
        stream_id=stream_id,
        version=version,
        at=1_700_000_000_000,
        actor=Actor(client="runner"),
        causation_id="c_1",
        correlation_id="k_1",
        event=MoneyReserved(call_id=CallId("call_1"), nano_usd=1234),
    )


async def appends_per_second(store: SqlEventStore, label: str, sessions: int, each: int) -> float:
    """Each session awaits every append before its next one."""

    async def session(number: int) -> None:
        stream_id = StreamId(f"session/{label}_{number}")
        for version in range(1, each + 1):
            await store.append(Append(envelopes=(_envelope(stream_id, version),)))

    begin = time.perf_counter()
    await asyncio.gather(*(session(number) for number in range(sessions)))
    return sessions * each / (time.perf_counter() - begin)


class Rounds:
    """One store for all rounds, a bare database for each."""

    def __init__(self, folder: Path, store: SqlEventStore) -> None:
        self._folder = folder
        self._store = store
        self._number = 0
        self.per_commit: list[float] = []

    async def peer(self) -> float:
        self._number += 1
        return await asyncio.to_thread(bare_commits_per_second, self._folder / f"bare-{self._number}.db")

    async def one(self) -> float:
        self._number += 1
        return await appends_per_second(self._store, f"one-{self._number}", 1, COMMITS)

    async def hundred(self) -> float:
        self._number += 1
        before = self._store.commits
        rate = await appends_per_second(self._store, f"many-{self._number}", SESSIONS, APPENDS_EACH)
        self.per_commit.append(SESSIONS * APPENDS_EACH / (self._store.commits - before))
        return rate


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        store = await SqlEventStore.open(Path(name) / "state.db", application_version="bench")
        rounds = Rounds(Path(name), store)
        one = await in_turns(rounds.one, rounds.peer)
        hundred = await in_turns(rounds.hundred, rounds.peer)
        await store.close()
    note = f"{statistics.median(rounds.per_commit):.0f} appends a commit"
    return [
        _line("durable appends, 1 session", *one, bar=BAR_ONE),
        _line(f"durable appends, {SESSIONS} sessions", *hundred, bar=BAR_HUNDRED, note=note),
    ]


def _line(what: str, ours: float, theirs: float, ratio: float, *, bar: float, note: str = "") -> Line:
    peer = "bare SQLite commits"
    return Line(
        what=what, unit="/s", ours=ours, peer=peer, theirs=theirs, ratio=ratio, bar=bar, more_is_better=True, note=note
    )
