"""Prepared environments appear whole or not at all, whatever becomes of who makes them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from draftsmith.sandbox.environments import KEPT, EnvironmentStore

FILES = 300


def fill(folder: Path) -> None:
    for number in range(FILES):
        (folder / f"{number}").write_text("x")


async def make(store: EnvironmentStore, key: str) -> Path:
    async with store.making("w", key) as making:
        await asyncio.to_thread(fill, making)
        kept = store.keep(making)
        await asyncio.to_thread(store.remove_older, "w")
        return kept


@pytest.mark.parametrize("turns", range(6))
async def test_an_environment_whose_maker_is_cancelled_is_whole_or_not_there(tmp_path: Path, turns: int) -> None:
    """Cancelled so many turns of the loop after the files are there."""
    store = EnvironmentStore(tmp_path)
    filled = tmp_path / "w" / "making-k" / f"{FILES - 1}"
    maker = asyncio.create_task(make(store, "k"))
    async with asyncio.timeout(20):
        while not filled.exists() and not (tmp_path / "w" / "k").exists() and not maker.done():  # noqa: ASYNC110 (a disk has no event)
            await asyncio.sleep(0)
    for _ in range(turns):
        await asyncio.sleep(0)
    maker.cancel()
    await asyncio.gather(maker, return_exceptions=True)
    found = EnvironmentStore(tmp_path).find("w", "k")
    assert found is None or len(list(found.iterdir())) == FILES
    assert not list(tmp_path.glob("w/making-*"))


async def test_a_maker_that_keeps_nothing_leaves_nothing(tmp_path: Path) -> None:
    store = EnvironmentStore(tmp_path)
    async with store.making("w", "k") as making:
        (making / "half").write_text("x")
    assert store.find("w", "k") is None
    assert not list(tmp_path.glob("w/*"))


async def test_what_a_killed_process_left_is_removed_and_the_rest_is_found(tmp_path: Path) -> None:
    whole = await make(EnvironmentStore(tmp_path), "k")
    (tmp_path / "w" / "making-other").mkdir()
    again = EnvironmentStore(tmp_path)
    assert again.find("w", "k") == whole
    assert not list(tmp_path.glob("w/making-*"))


async def test_the_longest_unused_go_and_none_that_is_used_now(tmp_path: Path) -> None:
    before = EnvironmentStore(tmp_path)
    for number in range(KEPT + 1):
        os.utime(await make(before, f"k{number}"), (number, number))
    store = EnvironmentStore(tmp_path)
    used = store.find("w", "k0")
    await make(store, "new")
    left = {one.name for one in (tmp_path / "w").iterdir()}
    assert used is not None
    assert {"k0", "new"} <= left
    assert len(left) == KEPT
