"""Models that cannot be used: the session says why and how it goes on, and then goes on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.hubs import WAIT_S, RunningHub, Talk, calc, replies, running, vendor
from isolation import short_folder
from vendor.server import VendorServer


@pytest.fixture(scope="module")
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder) as made:
        yield made


async def test_a_wrong_key_stops_the_session_and_the_right_one_lets_it_go_on(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor(key="right") as model, hub.connected() as talk:
        await talk.offer(model.openai_url, "wrong")
        session_id = await talk.start(calc(tmp_path / "ws"))
        session = await talk.until(session_id, "stopped")
        assert session["stopped"]["category"] == "model"
        assert "key" in session["stopped"]["reason"].lower()
        assert "draftsmith resume" in session["stopped"]["way_on"]
        assert len(model.requests) == 1, "a key that was refused was tried again"
        await talk.offer(model.openai_url, "right")
        await talk.call("session/resume", {"session_id": session_id})
        await talk.until(session_id, "proposed")


async def test_a_model_that_does_not_exist_is_named(hub: RunningHub, tmp_path: Path) -> None:
    async with VendorServer([{"behaviour": "http_404", "times": 0}]) as model, hub.connected() as talk:
        await talk.offer(model.openai_url)
        session_id = await talk.start(calc(tmp_path / "ws"))
        session = await talk.until(session_id, "stopped")
        assert session["stopped"]["category"] == "model"
        assert session["stopped"]["way_on"]


async def test_a_model_name_that_means_nothing_stops_with_the_names_that_do(hub: RunningHub, tmp_path: Path) -> None:
    async with hub.connected() as talk:
        session_id = await talk.start(calc(tmp_path / "ws"), model="nobody/x")
        session = await talk.until(session_id, "stopped")
        assert "nobody" in session["stopped"]["reason"]
        assert session["stopped"]["way_on"]


async def test_no_model_at_all_stops_the_session_with_what_to_set(hub: RunningHub, tmp_path: Path) -> None:
    async with hub.connected() as talk:
        session_id = await talk.start(calc(tmp_path / "ws"), model="anthropic/claude")
        session = await talk.until(session_id, "stopped")
        assert session["stopped"]["category"] == "environment"
        assert "ANTHROPIC_API_KEY" in session["stopped"]["way_on"]


async def test_an_endpoint_that_is_dead_is_told_of_and_used_when_it_comes_back(hub: RunningHub, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with hub.connected() as talk:
        await talk.offer(f"http://127.0.0.1:{port}/v1")
        session_id = await talk.start(calc(tmp_path / "ws"))
        async with asyncio.timeout(WAIT_S):
            while not (failed := await failed_steps(talk, session_id)):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
        assert f"127.0.0.1:{port}" in failed[0]["text"]
        async with VendorServer(replies(), port=port):
            await talk.until(session_id, "proposed")


async def failed_steps(talk: Talk, session_id: str) -> list[dict[str, str]]:
    steps = (await talk.call("steps/list", {"session_id": session_id}))["steps"]
    return [step for step in steps if step["step"] == "model" and step["state"] == "failed"]
