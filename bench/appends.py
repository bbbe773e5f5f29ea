"""Durable appends against bare SQLite commits, one by one, with the same `synchronous=FULL` on the same disk.

Medians of five rounds; in each round the peer and the store run right after one another. Bars: one session 0.3 times
the peer's rate, a hundred sessions 5 times. Run it as `python bench/appends.py [FOLDER]`; exit code 1 below a bar.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import CallId, EventId, StreamId
from draftsmith.domain.ledger import MoneyReserved
from draftsmith.ports.events import Append
from draftsmith.store.event_store import SqlEventStore

ROUNDS = 5
COMMITS = 500
SESSIONS = 100
APPENDS_EACH = 50
BAR_ONE, BAR_HUNDRED = 0.3, 5.0


def fsyncs_per_second(folder: Path, count: int = 200) -> float:
    handle = os.open(folder / "calibration", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        begin = time.perf_counter()
        for _ in range(count):
            os.write(handle, b"x" * 256)
            os.fsync(handle)
        return count / (time.perf_counter() - begin)
    finally:
        os.close(handle)


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


async def main(parent: Path | None) -> int:
    fsyncs: list[float] = []
    peers: list[float] = []
    one: list[float] = []
    hundred: list[float] = []
    per_commit: list[float] = []
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        store = await SqlEventStore.open(folder / "state.db", application_version="bench")
        for index in range(ROUNDS):
            fsyncs.append(fsyncs_per_second(folder))
            peers.append(bare_commits_per_second(folder / f"bare-{index}.db"))
            one.append(await appends_per_second(store, f"one-{index}", 1, COMMITS))
            before = store.commits
            hundred.append(await appends_per_second(store, f"many-{index}", SESSIONS, APPENDS_EACH))
            per_commit.append(SESSIONS * APPENDS_EACH / (store.commits - before))
        await store.close()
    ratio_one = statistics.median(a / b for a, b in zip(one, peers, strict=True))
    ratio_hundred = statistics.median(a / b for a, b in zip(hundred, peers, strict=True))
    print(f"calibration: {statistics.median(fsyncs):.0f} bare fsyncs/s")
    print(f"peer: {statistics.median(peers):.0f} bare SQLite commits/s (WAL, synchronous=FULL)")
    print(f"1 session: {statistics.median(one):.0f} appends/s, {ratio_one:.2f} x the peer (bar {BAR_ONE})")
    print(
        f"{SESSIONS} sessions: {statistics.median(hundred):.0f} appends/s, {ratio_hundred:.1f} x the peer"
        f" (bar {BAR_HUNDRED:.0f}), {statistics.median(per_commit):.0f} appends a commit"
    )
    return 0 if ratio_one >= BAR_ONE and ratio_hundred >= BAR_HUNDRED else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
