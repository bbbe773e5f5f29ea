"""The hub keeps what users prefer of the screens: each for himself, durable before it is told, over a restart too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.store.samples import VERSION, read_all

from draftsmith.domain.envelope import Actor
from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.ids import preferences_stream
from draftsmith.domain.preferences import ScreenPreferenceKept
from draftsmith.hub.preferences import PreferenceBook
from draftsmith.store.event_store import SqlEventStore

ADA, BOB = Actor(user="ada", client="web"), Actor(user="bob", client="web")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlEventStore]:
    opened = await SqlEventStore.open(tmp_path / "state.db", application_version=VERSION)
    yield opened
    await opened.close()


def wish(name: str, value: object) -> ScreenPreferenceKept:
    return ScreenPreferenceKept(name=name, value=None if value is None else json.dumps(value))


async def values(book: PreferenceBook, user: str) -> dict[str, str]:
    return dict((await book.of(user)).values)


async def test_each_user_has_preferences_of_his_own_and_only_his_change_is_told(store: SqlEventStore) -> None:
    told: list[str] = []
    book = PreferenceBook(store, told.append)
    await book.keep(wish("theme", "dark"), ADA, "k")
    assert (await values(book, "ada"), await values(book, "bob")) == ({"theme": '"dark"'}, {})
    await book.keep(wish("theme", "light"), BOB, "k")
    assert (await values(book, "ada"), told) == ({"theme": '"dark"'}, ["ada", "bob"])


async def test_what_is_so_already_is_neither_written_nor_told(store: SqlEventStore) -> None:
    told: list[str] = []
    book = PreferenceBook(store, told.append)
    for value in ("dark", "dark", None, None):
        await book.keep(wish("theme", value), ADA, "k")
    assert len(told) == len(await read_all(store, preferences_stream("ada"))) == 2


async def test_another_hub_on_the_same_store_goes_on_where_this_one_was(store: SqlEventStore) -> None:
    first = PreferenceBook(store, lambda _user: None)
    await first.keep(wish("theme", "dark"), ADA, "k")
    await first.keep(wish("review.split", True), ADA, "k")
    await first.keep(wish("theme", None), ADA, "k")
    second = PreferenceBook(store, lambda _user: None)
    assert await values(second, "ada") == {"review.split": "true"}
    assert (await second.keep(wish("theme", "light"), ADA, "k")).version == 4


async def test_wishes_at_once_are_all_kept(store: SqlEventStore) -> None:
    book = PreferenceBook(store, lambda _user: None)
    names = [f"p.{chr(97 + number)}" for number in range(20)]
    await asyncio.gather(*(book.keep(wish(name, name), ADA, "k") for name in names))
    assert sorted(await values(PreferenceBook(store, lambda _user: None), "ada")) == names


async def test_a_wish_whose_caller_goes_away_is_carried_through(store: SqlEventStore) -> None:
    told = asyncio.Event()
    book = PreferenceBook(store, lambda _user: told.set())
    keeping = asyncio.create_task(book.keep(wish("theme", "dark"), ADA, "k"))
    await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait_for(told.wait(), 20)
    assert len(await read_all(store, preferences_stream("ada"))) == 1
    assert await values(book, "ada") == {"theme": '"dark"'}


async def test_what_is_refused_changes_nothing(store: SqlEventStore) -> None:
    told: list[str] = []
    book = PreferenceBook(store, told.append)
    with pytest.raises(IllegalCommand):
        await book.keep(ScreenPreferenceKept(name="theme", value="[" * 50_000), ADA, "k")
    assert (await values(book, "ada"), told) == ({}, [])
