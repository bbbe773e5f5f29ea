"""The whole path with a real model on this machine: found by itself, asked, streamed, counted, cancelled.

What it answers is not judged: a model of this size makes no usable tool calls.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.hubs import RunningHub, Talk, calc, running
from harness.small_model import NAME, small_model
from isolation import short_folder

MODEL = f"llamacpp/{NAME}"
WAIT_S = 240.0


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RunningHub]:
    with small_model(tmp_path / "server.log") as address, short_folder("ds-") as folder:
        environment = {**os.environ, "DRAFTSMITH_RUNNER_LOCAL_SERVERS": f"llamacpp={address}"}
        with running(folder, environment=environment) as made:
            yield made


async def step_with(talk: Talk, session_id: str, ready: str) -> dict[str, Any]:
    """The session's model step once it has something in the field."""
    async with asyncio.timeout(WAIT_S):
        while True:
            shown = await talk.entities(session_id)
            for (kind, _), one in shown.items():
                if kind == "step" and one["step"] == "model" and one[ready]:
                    return one
            await asyncio.sleep(0.1)


async def test_a_local_model_is_found_asked_streamed_counted_and_cancelled(hub: RunningHub, tmp_path: Path) -> None:
    async with hub.connected() as talk:
        listed = await talk.call("models/list", {})
        (model,) = listed["models"]
        assert (model["model"], model["vendor"], model["local"]) == (MODEL, "llama.cpp", True)
        assert {one["model"] for one in listed["choices"]} == {MODEL}
        await talk.call("models/facts", {"model": MODEL, "facts": {"output_limit": 24}})  # so that it ends soon
        whole = await talk.start(calc(tmp_path / "one"), model="", limits={"steps": 1})
        asked = await step_with(talk, whole, "outcome")
        assert (asked["model"], asked["state"]) == (MODEL, "ok")
        usage = (await talk.entities(whole))[("usage", whole)]
        assert usage["input_tokens"] > 500
        assert 0 < usage["output_tokens"] <= 24
        assert (usage["cost_nano_usd"], usage["unpriced_calls"]) == (0, 0)
        (line,) = (await talk.call("usage/read", {"by": "model"}))["lines"]
        assert line["name"] == MODEL
        assert line["figures"]["output_tokens"] == usage["output_tokens"]
        await talk.call("models/facts", {"model": MODEL, "facts": None})
        second = await talk.start(calc(tmp_path / "two"), model="")
        streamed = await step_with(talk, second, "text")
        assert streamed["model"] == MODEL
        await talk.call("session/cancel", {"session_id": second})
        await talk.until(second, "cancelled")
