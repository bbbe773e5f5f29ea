"""Work ends at once when the session ends, and is gone before anything else happens."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.session_log import SessionLog


def log() -> SessionLog:
    """As much of a log as is looked at."""
    return cast("SessionLog", SimpleNamespace(interrupted=asyncio.Event()))


async def test_the_result_of_finished_work_is_given_back() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await interruptible(log(), work()) == 7


async def test_a_failure_of_the_work_is_its_own() -> None:
    async def work() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await interruptible(log(), work())


async def test_interrupted_work_has_ended_when_it_is_told() -> None:
    ended: list[str] = []
    here = log()

    async def work() -> None:
        try:
            here.interrupted.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            ended.append("cleaned up")

    with pytest.raises(Interrupted):
        await interruptible(here, work())
    assert ended == ["cleaned up"]


async def test_work_that_fails_while_it_ends_is_still_an_interruption() -> None:
    here = log()

    async def work() -> None:
        try:
            here.interrupted.set()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise OSError("the socket broke") from None

    with pytest.raises(Interrupted):
        await interruptible(here, work())


async def test_work_that_is_done_when_the_end_comes_keeps_its_result() -> None:
    here = log()

    async def work() -> str:
        here.interrupted.set()
        return "done"

    assert await interruptible(here, work()) == "done"


async def test_being_cancelled_oneself_cancels_the_work_and_is_not_swallowed() -> None:
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    task = asyncio.create_task(interruptible(log(), work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_an_ended_session_starts_nothing_long() -> None:
    here = log()
    here.interrupted.set()
    with pytest.raises(Interrupted):
        await interruptible(here, asyncio.sleep(60))
