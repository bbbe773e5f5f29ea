"""Machines that lack something: git, the sandbox, room on the disk. Told with its remedy; afterwards work goes on."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from draftsmith.domain.errors import AdapterError, DraftsmithError
from e2e.hubs import WAIT_S, Talk, calc, fill, path_without, running, small_disk, tree, vendor

RUN_TESTS: dict[str, Any] = {
    "tool_calls": [{"name": "run_command", "arguments": {"command": "python3 -m unittest -q"}}]
}


def spoiled(path: str) -> dict[str, str]:
    return {**os.environ, "PATH": path}


async def test_without_a_sandbox_the_session_stops_and_goes_on_once_there_is_one(
    state_dir: Path, tmp_path: Path
) -> None:
    folder = calc(tmp_path / "ws")
    before = tree(folder)
    path = path_without(tmp_path / "bin", "bwrap")
    async with vendor(RUN_TESTS) as model:
        with running(state_dir, environment=spoiled(path)) as hub:
            async with hub.connected() as talk:
                await talk.offer(model.openai_url)
                session_id = await talk.start(folder)
                session = await talk.until(session_id, "stopped")
        assert session["stopped"]["category"] == "environment"
        assert "bubblewrap" in session["stopped"]["reason"] + session["stopped"]["way_on"]
        assert "install bubblewrap" in session["stopped"]["way_on"]
        assert tree(folder) == before
        with running(state_dir) as hub:
            async with hub.connected() as talk:
                await talk.offer(model.openai_url)
                await talk.call("session/resume", {"session_id": session_id})
                await talk.until(session_id, "proposed")
                assert [one["status"] for one in await talk.accept(session_id)] == ["on_disk"]


async def test_without_git_the_session_stops_and_goes_on_once_it_is_there(state_dir: Path, tmp_path: Path) -> None:
    folder = calc(tmp_path / "ws")
    path = path_without(tmp_path / "bin", "git")
    async with vendor() as model:
        with running(state_dir, environment=spoiled(path)) as hub:
            async with hub.connected() as talk:
                await talk.offer(model.openai_url)
                session_id = await talk.start(folder)
                session = await talk.until(session_id, "stopped")
        assert session["stopped"]["category"] == "environment"
        assert "git" in session["stopped"]["reason"]
        assert "nstall" in session["stopped"]["way_on"]
        with running(state_dir) as hub:
            async with hub.connected() as talk:
                await talk.offer(model.openai_url)
                await talk.call("session/resume", {"session_id": session_id})
                await talk.until(session_id, "proposed")


async def test_a_full_disk_under_the_state_loses_nothing_and_work_goes_on_when_there_is_room(
    state_dir: Path, tmp_path: Path
) -> None:
    folder = calc(tmp_path / "ws")
    with small_disk(state_dir, 64) as disk:
        async with vendor({**RUN_TESTS, "delay": 1.5}) as model:
            with running(disk) as hub:
                async with hub.connected() as talk:
                    await talk.offer(model.openai_url)
                    done = await talk.start(folder, request="Earlier")
                    await talk.until(done, "proposed")
                    earlier = await talk.entities(done)
                    under_way = await talk.start(folder)
                    await asking(talk, under_way)
                    filler = fill(disk)
                    with pytest.raises(DraftsmithError) as refused:
                        await started_often(talk, folder)
                    assert (type(refused.value), refused.value.code) == (AdapterError, "disk_full"), refused.value
                    assert "space" in refused.value.remedy
                    assert await talk.entities(done) == earlier
                    await asyncio.sleep(2)
                    assert hub.process.poll() is None
                    filler.unlink()
                    session = await ended(talk, under_way)
                    if session["status"] == "stopped":
                        assert session["stopped"]["way_on"]
                        await talk.call("session/resume", {"session_id": under_way})
                    await talk.until(under_way, "proposed")
                    assert await talk.entities(done) == earlier
            with running(disk, "--no-runner") as hub:
                async with hub.connected() as talk:
                    assert await talk.entities(done) == earlier
                    assert (await talk.session(under_way))["status"] == "proposed"
                    assert "damaged" not in await talk.notices()


async def asking(talk: Talk, session_id: str) -> None:
    """Until the model is asked something for the session."""
    async with asyncio.timeout(WAIT_S):
        while not any(key[0] == "step" for key in await talk.entities(session_id)):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.02)


async def started_often(talk: Talk, folder: Path) -> None:
    """Starts sessions, and cancels them, until the disk has no page left for one."""
    for _ in range(100):
        # At random, so that it cannot be packed; long, so that little that the store has in reserve lasts.
        session_id = await talk.start(folder, request=secrets.token_hex(90_000))
        await talk.call("session/cancel", {"session_id": session_id})


async def ended(talk: Talk, session_id: str) -> dict[str, Any]:
    async with asyncio.timeout(WAIT_S):
        while (session := await talk.session(session_id))["status"] not in ("stopped", "proposed"):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)
    return session
