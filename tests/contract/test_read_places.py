"""Pages of a session's entities by their place, and how many there are: the same in every adapter."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.test_event_store import ADAPTERS, address
from tests.unit.store.samples import VERSION, S, entity, envelope

from draftsmith.domain.ids import SessionId
from draftsmith.ports.events import Append, EntityRow
from draftsmith.store.event_store import SqlEventStore

ONE = SessionId("s_1")


@pytest.fixture(params=ADAPTERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlEventStore]:
    opened = await SqlEventStore.open(address(request.param, tmp_path), application_version=VERSION)
    yield opened
    await opened.close()


async def put(store: SqlEventStore, rows: Sequence[EntityRow]) -> None:
    await store.append(Append(envelopes=(envelope(S, 1),), entities=tuple(rows)))


async def test_a_place_begins_a_page_and_the_last_page_is_what_is_left(store: SqlEventStore) -> None:
    rows = [entity(f"e{number:02}", 10 * number) for number in range(10)]
    await put(store, [*reversed(rows), entity("other", 0, session="s_2"), entity("plan", 0, kind="task")])
    assert await store.entities(ONE, "step", limit=4, first=0) == rows[:4]
    assert await store.entities(ONE, "step", limit=4, first=3) == rows[3:7]
    assert await store.entities(ONE, "step", limit=4, first=8) == rows[8:]
    assert await store.entities(ONE, "step", limit=4, first=10) == []
    assert await store.entities(ONE, "step", limit=4, first=2**53 - 1) == []


async def test_what_is_counted_is_of_one_session_and_one_kind(store: SqlEventStore) -> None:
    assert await store.count_entities(ONE, "step") == 0
    rows = [entity(f"e{number}", 10 * number) for number in range(5)]
    await put(store, [*rows, entity("other", 0, session="s_2"), entity("plan", 0, kind="task")])
    assert await store.count_entities(ONE, "step") == 5
    assert [await store.count_entities(ONE, "step", before=ordinal) for ordinal in (0, 1, 20, 21, 999)] == [
        *(0, 1, 2, 3, 5)
    ]
    await store.append(Append(envelopes=(envelope(S, 2),), removed=((ONE, "step", "e1"),)))
    assert await store.count_entities(ONE, "step") == 4


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 30), unique=True, max_size=25), st.integers(1, 7))
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_pages_by_place_and_pages_backwards_are_the_same_rows_at_the_same_places(
    adapter: str, ordinals: list[int], size: int
) -> None:
    rows = [entity(f"e{ordinal}", ordinal) for ordinal in ordinals]
    ordered = sorted(rows, key=lambda row: row.ordinal)

    async def run(folder: Path) -> None:
        store = await SqlEventStore.open(address(adapter, folder), application_version=VERSION)
        try:
            await put(store, rows)
            for first in range(0, len(rows) + size, size):
                assert await store.entities(ONE, "step", limit=size, first=first) == ordered[first : first + size]
            before: int | None = None
            found: list[EntityRow] = []
            while page := await store.entities(ONE, "step", limit=size, before=before):
                before = page[0].ordinal
                found = [*page, *found]
                assert await store.count_entities(ONE, "step", before=before) == len(rows) - len(found)
            assert found == ordered
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name)))
