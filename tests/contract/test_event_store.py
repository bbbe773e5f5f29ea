"""What every event store owes its callers, run against each adapter.

A further adapter is one more name in `ADAPTERS` and one more case in `address`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.event_strategies import events
from tests.unit.store.samples import VERSION, S, append, entity, envelope, read_all, session, versions

from draftsmith.domain.codec import Event
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import DocumentId, SessionId, StreamId
from draftsmith.ports.events import Append, EntityRow, EventStore, SessionRow, VersionConflict
from draftsmith.store.event_store import SqlEventStore

ADAPTERS = ["sqlite"]
A, B = StreamId("session/a"), StreamId("ledger/a")


def address(adapter: str, folder: Path) -> str:
    assert adapter == "sqlite"
    return f"sqlite:///{folder}/state.db"


@pytest.fixture(params=ADAPTERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlEventStore]:
    opened = await SqlEventStore.open(address(request.param, tmp_path), application_version=VERSION)
    yield opened
    await opened.close()


def as_port(store: SqlEventStore) -> EventStore:
    """Holds the adapter to the port's signatures when types are checked."""
    return store


# --- appending and reading ---


async def test_events_come_back_as_they_were_written(store: SqlEventStore) -> None:
    written = append(S, 1, 3)
    await as_port(store).append(written)
    assert tuple(await read_all(store, S)) == written.envelopes


@settings(max_examples=10, deadline=None)
@given(st.lists(events(), min_size=20, max_size=60))
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_kind_of_event_survives_the_store(adapter: str, sample: list[Event]) -> None:
    async def run(folder: Path) -> None:
        store = await SqlEventStore.open(address(adapter, folder), application_version=VERSION)
        try:
            written = tuple(envelope(S, index + 1, event) for index, event in enumerate(sample))
            await store.append(Append(envelopes=written))
            assert tuple(await read_all(store, S, batch=7)) == written
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name)))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20])
async def test_reading_pages_through_the_whole_stream(store: SqlEventStore, count: int) -> None:
    if count:
        await store.append(append(S, 1, count))
    await store.append(append(B, 1, 3))
    assert versions(await read_all(store, S, batch=10)) == list(range(1, count + 1))
    assert versions(await read_all(store, S, after=count - 1, batch=10)) == list(range(max(count, 1), count + 1))


async def test_version_is_the_last_one_and_zero_for_an_unknown_stream(store: SqlEventStore) -> None:
    assert await store.version(S) == 0
    await store.append(append(S, 1, 4))
    assert await store.version(S) == 4


async def test_streams_are_listed_by_prefix_in_order_of_their_first_event(store: SqlEventStore) -> None:
    for name in ("session/b", "ledger/session/b", "session/a", "Session/c", "session%"):
        await store.append(append(StreamId(name), 1, 2))
    await store.append(append(StreamId("session/b"), 3))
    assert await store.streams("session/") == ["session/b", "session/a"]
    assert await store.streams("session%") == ["session%"]
    assert await store.streams("") == ["session/b", "ledger/session/b", "session/a", "Session/c", "session%"]
    assert await store.streams("none/") == []


# --- expected versions ---


@pytest.mark.parametrize("first", [1, 2, 4, 9])
async def test_append_at_another_version_is_a_conflict_and_writes_nothing(store: SqlEventStore, first: int) -> None:
    await store.append(append(S, 1, 2))
    with pytest.raises(VersionConflict) as caught:
        await store.append(
            Append(
                envelopes=(envelope(B, 1), envelope(S, first)),
                entities=(entity("x", 1),),
                session=session("s_1", 5),
                documents=(b"lost",),
            )
        )
    assert (caught.value.stream_id, caught.value.expected, caught.value.actual) == (S, first - 1, 2)
    assert await store.version(S) == 2
    assert await store.version(B) == 0
    assert await store.entity(SessionId("s_1"), "step", "x") is None
    assert await store.sessions(limit=5) == []


async def test_several_streams_are_appended_together(store: SqlEventStore) -> None:
    await store.append(Append(envelopes=(envelope(A, 1), envelope(B, 1), envelope(A, 2), envelope(B, 2))))
    assert versions(await read_all(store, A)) == versions(await read_all(store, B)) == [1, 2]


async def test_versions_with_a_gap_are_refused_as_a_defect(store: SqlEventStore) -> None:
    with pytest.raises(ValueError, match="version 3 cannot follow 1"):
        await store.append(Append(envelopes=(envelope(S, 1), envelope(S, 3))))
    with pytest.raises(ValueError, match="version 0"):
        await store.append(append(S, 0))
    assert await store.version(S) == 0


async def test_of_appends_that_race_for_a_version_exactly_one_wins(store: SqlEventStore) -> None:
    outcomes = await asyncio.gather(*(store.append(append(S, 1)) for _ in range(20)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 19


async def test_append_after_one_that_is_still_waiting_is_accepted(store: SqlEventStore) -> None:
    await asyncio.gather(*(store.append(append(S, version)) for version in range(1, 31)))
    assert versions(await read_all(store, S)) == list(range(1, 31))


Part = tuple[int, int, int]
"""Stream, difference of the expected version from the right one, number of events."""


@dataclass
class Model:
    """The store as a dictionary."""

    streams: dict[StreamId, list[Envelope[Event]]] = field(default_factory=dict)

    def plan(self, parts: Iterable[Part], ahead: dict[StreamId, int]) -> Append | None:
        """The append that somebody who thinks the streams are `ahead` would make."""
        found: list[Envelope[Event]] = []
        for number, wrong, count in parts:
            stream_id = StreamId(f"session/{number}")
            expected = ahead.get(stream_id, 0) + wrong
            if expected < 0:
                return None
            found += (envelope(stream_id, expected + 1 + index) for index in range(count))
        return Append(envelopes=tuple(found))

    def apply(self, made: Append) -> bool:
        firsts: dict[StreamId, int] = {}
        for one in made.envelopes:
            firsts.setdefault(one.stream_id, one.version)
        if any(len(self.streams.get(stream_id, [])) != first - 1 for stream_id, first in firsts.items()):
            return False
        for one in made.envelopes:
            self.streams.setdefault(one.stream_id, []).append(one)
        return True

    def ends(self) -> dict[StreamId, int]:
        return {stream_id: len(found) for stream_id, found in self.streams.items()}


PARTS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 0, 0, 0, -1, 1, 2]), st.integers(1, 3)),
    min_size=1,
    max_size=3,
    unique_by=lambda part: part[0],
)
WAVES = st.lists(st.lists(PARTS, min_size=1, max_size=8), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(WAVES, st.sampled_from([None, 0, 1, 2]))
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_interleaved_appends_end_as_in_a_dictionary(
    adapter: str, waves: list[list[list[Part]]], bad: int | None
) -> None:
    """Each wave is handed in at once; an append that no database can hold among them changes nothing for the others."""

    async def run(folder: Path) -> None:
        store = await SqlEventStore.open(address(adapter, folder), application_version=VERSION)
        model = Model()
        try:
            for index, wave in enumerate(waves):
                ahead = model.ends()
                appends = [made for parts in wave if (made := model.plan(parts, ahead)) is not None]
                calls = [store.append(made) for made in appends]
                if index == bad:
                    calls.append(store.append(Append(envelopes=(envelope(B, 1, client="\ud800"),))))
                outcomes = await asyncio.gather(*calls, return_exceptions=True)
                for made, outcome in zip(appends, outcomes, strict=False):
                    assert (outcome is None) == model.apply(made)
                    assert outcome is None or isinstance(outcome, VersionConflict)
                if index == bad:
                    assert isinstance(outcomes[-1], AdapterError)
            for stream_id, expected in model.streams.items():
                assert await read_all(store, stream_id, batch=4) == expected
            assert set(await store.streams("")) == model.streams.keys()
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name)))


# --- read tables ---


async def test_read_rows_are_written_with_the_events_and_replaced_by_later_ones(store: SqlEventStore) -> None:
    await store.append(
        Append(envelopes=(envelope(S, 1),), entities=(entity("t", 1, '{"n":1}'),), session=session("s_1", 10))
    )
    await store.append(
        Append(
            envelopes=(envelope(S, 2),),
            entities=(entity("t", 3, '{"n":2}'), entity("t", 4, '{"n":3}'), entity("t", 1, "{}", kind="task")),
            session=session("s_1", 20, title="Größer"),
        )
    )
    assert await store.entity(SessionId("s_1"), "step", "t") == entity("t", 4, '{"n":3}')
    assert await store.entities(SessionId("s_1"), "step", limit=9) == [entity("t", 4, '{"n":3}')]
    assert await store.sessions(limit=9) == [session("s_1", 20, title="Größer")]


async def test_entities_are_paged_backwards_in_ascending_order(store: SqlEventStore) -> None:
    rows = tuple(entity(f"e{number}", number) for number in range(10))
    await store.append(
        Append(
            envelopes=(envelope(S, 1),), entities=(*rows, entity("other", 4, session="s_2"), entity("k", 4, kind="t"))
        )
    )
    session_id = SessionId("s_1")
    assert await store.entities(session_id, "step", limit=4) == list(rows[6:])
    assert await store.entities(session_id, "step", limit=4, before=6) == list(rows[2:6])
    assert await store.entities(session_id, "step", limit=4, before=2) == list(rows[:2])
    assert await store.entities(session_id, "step", limit=4, before=0) == []


async def test_sessions_are_paged_newest_first_also_when_times_are_equal(store: SqlEventStore) -> None:
    rows = [
        session(f"s_{number}", 100 + number // 3, workspace=f"w_{number % 2}", title="xyz"[number % 3])
        for number in range(12)
    ]
    for number, row in enumerate(rows):
        await store.append(Append(envelopes=(envelope(StreamId(f"session/{number}"), 1),), session=row))
    newest = sorted(rows, key=lambda row: (row.updated_at, row.session_id), reverse=True)
    for workspace, wanted in ((None, newest), ("w_1", [row for row in newest if row.workspace_id == "w_1"])):
        found: list[SessionRow] = []
        before: tuple[int, str] | None = None
        while page := await store.sessions(limit=5, before=before, workspace_id=workspace):
            found += page
            before = (page[-1].updated_at, page[-1].session_id)
        assert found == wanted


async def test_sessions_are_limited_to_the_statuses_asked_for(store: SqlEventStore) -> None:
    rows = [session("s_1", 1), session("s_2", 2, status="finished"), session("s_3", 3, status="waiting")]
    for row in rows:
        await store.append(Append(envelopes=(envelope(StreamId(f"session/{row.session_id}"), 1),), session=row))
    assert await store.sessions(limit=9, statuses=("finished", "running")) == [rows[1], rows[0]]
    assert await store.sessions(limit=9, statuses=("other",)) == []


async def test_removed_entities_are_gone_and_others_stay(store: SqlEventStore) -> None:
    session_id = SessionId("s_1")
    rows = tuple(entity(name, index) for index, name in enumerate("abcd"))
    await store.append(
        Append(envelopes=(envelope(S, 1),), entities=(*rows, entity("a", 1, session="s_2"), entity("a", 1, kind="k")))
    )
    await asyncio.gather(
        store.append(Append(envelopes=(envelope(S, 2),), removed=tuple((session_id, "step", name) for name in "abx"))),
        store.append(Append(envelopes=(envelope(S, 3),), entities=(entity("b", 9),))),
    )
    assert await store.entities(session_id, "step", limit=9) == [*rows[2:], entity("b", 9)]
    assert await store.entity(SessionId("s_2"), "step", "a") is not None
    assert await store.entity(session_id, "k", "a") is not None


async def test_title_that_is_not_unicode_is_shown_with_a_mark(store: SqlEventStore) -> None:
    await store.append(Append(envelopes=(envelope(S, 1),), session=session("s_1", 1, title="caf\udce9")))
    assert (await store.sessions(limit=1))[0].title == "caf?"


async def test_read_tables_are_rebuilt_from_the_streams_alone(store: SqlEventStore) -> None:
    for name in ("a", "b"):
        await store.append(
            Append(
                envelopes=tuple(envelope(StreamId(f"session/{name}"), version) for version in range(1, 701)),
                entities=(entity("wrong", 1, session=name), entity("gone", 2, session=name)),
                session=session("gone", 1),
            )
        )
    await store.append(append(StreamId("ledger/a"), 1))

    def project(stream_id: StreamId, history: Iterator[Envelope[Event]]) -> Iterator[EntityRow | SessionRow]:
        name = stream_id.removeprefix("session/")
        last = 0
        for one in history:
            last = one.version
            yield entity(f"e{last % 600}", last, session=name)
        yield session(name, last)

    assert await store.rebuild_reads(project) == 2
    assert await store.sessions(limit=9) == [session("b", 700), session("a", 700)]
    found = await store.entities(SessionId("a"), "step", limit=9999)
    assert [row.ordinal for row in found] == list(range(101, 701))


# --- documents ---


async def test_documents_are_found_by_hash_whatever_way_they_came(store: SqlEventStore) -> None:
    long, short = b"the same line\n" * 20_000, b"\x00\xff"
    name = await store.put_document(long)
    assert await store.put_document(long) == name
    await store.append(Append(envelopes=(envelope(S, 1),), documents=(short, long, b"")))
    assert await store.document(name) == long
    for content in (short, b""):
        assert await store.document(await store.put_document(content)) == content
    assert await store.document(DocumentId("0" * 64)) is None


async def test_document_over_the_bound_is_refused(store: SqlEventStore) -> None:
    with pytest.raises(UserError) as caught:
        await store.put_document(bytes((64 << 20) + 1))
    assert caught.value.code == "document_too_large"


# --- lifetime ---


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_everything_is_there_after_reopening(adapter: str, tmp_path: Path) -> None:
    first = await SqlEventStore.open(address(adapter, tmp_path), application_version=VERSION)
    await first.append(Append(envelopes=(envelope(S, 1),), entities=(entity("e", 1),), documents=(b"kept",)))
    name = await first.put_document(b"kept")
    await first.close()
    second = await SqlEventStore.open(address(adapter, tmp_path), application_version=VERSION)
    assert second.report.quarantined is None
    assert second.report.migrated_from is None
    await second.append(append(S, 2))
    assert versions(await read_all(second, S)) == [1, 2]
    assert await second.document(name) == b"kept"
    assert await second.entity(SessionId("s_1"), "step", "e") == entity("e", 1)
    await second.close()


async def test_closing_writes_what_was_handed_in_and_refuses_the_rest(store: SqlEventStore) -> None:
    waiting = [asyncio.create_task(store.append(append(S, version))) for version in range(1, 11)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    with pytest.raises(AdapterError) as caught:
        await store.append(append(S, 11))
    assert caught.value.code == "store_closed"
    await store.close()


# --- what is known of one adapter only ---


async def test_what_another_process_wrote_meanwhile_is_a_conflict_not_a_second_version(tmp_path: Path) -> None:
    store = await SqlEventStore.open(address("sqlite", tmp_path), application_version=VERSION)
    try:
        await store.append(append(S, 1))
        with closing(sqlite3.connect(tmp_path / "state.db")) as other:
            other.execute(
                "INSERT INTO events SELECT NULL, 'e_other', stream_id, 2, kind, kind_version, at, actor_user,"
                " actor_client, causation_id, correlation_id, body FROM events"
            )
            other.commit()
        outcomes = await asyncio.gather(store.append(append(S, 2)), store.append(append(B, 1)), return_exceptions=True)
        assert isinstance(outcomes[0], VersionConflict)
        assert outcomes[0].actual == 2
        assert outcomes[1] is None
        await store.append(append(S, 3))
        assert versions(await read_all(store, S)) == [1, 2, 3]
    finally:
        await store.close()
