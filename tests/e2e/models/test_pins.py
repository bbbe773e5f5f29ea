"""Endpoints, versions and figures from the terminal: looked at, tried, taken, taken back, added up."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from draftsmith.cli.models.tasks import TASKS
from e2e.hubs import RunningHub, Talk, vendor
from vendor.server import VendorServer

MODEL = "anthropic/claude-haiku-4-5"
FINISH = {"when": {"tool": "finish"}, "tool_calls": [{"name": "finish", "arguments": {"summary": "done"}}], "times": 0}
OTHERS: list[dict[str, Any]] = [
    {
        "when": {"tool": "begin_work"},
        "tool_calls": [{"name": "begin_work", "arguments": {"title": "Try"}}],
        "times": 0,
    },
    {
        "when": {"tool": "submit_review"},
        "tool_calls": [{"name": "submit_review", "arguments": {"approved": True, "summary": "fine"}}],
        "times": 0,
    },
]


async def draftsmith(hub: RunningHub, *arguments: str, said: bytes = b"") -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "draftsmith.cli.main", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "DRAFTSMITH_STATE_DIR": str(hub.state_dir)},
    )
    out, err = await asyncio.wait_for(process.communicate(said), 110)
    return process.returncode or 0, out.decode(), err.decode()


async def pinned(talk: Talk) -> dict[str, str]:
    return {one["model"]: one["pinned"] for one in (await talk.call("models/settings", {}))["pins"]}


async def test_a_pin_is_taken_and_taken_back_with_one_command_each(hub: RunningHub) -> None:
    async with hub.connected() as talk:
        for version in ("anthropic/one", "anthropic/two"):
            assert (await draftsmith(hub, "models", "pin", MODEL, version))[0] == 0
        assert await pinned(talk) == {MODEL: "anthropic/two"}
        assert (await draftsmith(hub, "models", "unpin", MODEL))[0] == 0
        assert await pinned(talk) == {MODEL: "anthropic/one"}
        code, _, told = await draftsmith(hub, "models", "unpin", MODEL)
        assert code != 0
        assert "was not pinned" in told


async def test_an_endpoint_is_looked_at_before_it_is_added_and_shown_with_what_is_known(hub: RunningHub) -> None:
    async with vendor() as model, hub.connected() as talk:
        code, _, told = await draftsmith(hub, "models", "add", "work", model.url + "/v2")
        assert code != 0
        assert "no OpenAI-compatible" in told
        code, _, told = await draftsmith(hub, "models", "add", "work", model.openai_url, "--model", "wrong")
        assert code != 0
        assert "It serves: scripted" in told
        assert (await talk.call("models/settings", {}))["endpoints"] == []
        code, shown, _ = await draftsmith(hub, "models")
        assert code == 3
        assert "models key set" in shown
        assert len(shown.splitlines()) < 24, "it does not fit one screen"
        assert (await draftsmith(hub, "models", "add", "work", model.openai_url))[0] == 0
        code, shown, _ = await draftsmith(hub, "models")
        assert code == 0
        assert "openai_compatible/scripted" in shown
        assert "price unknown" in shown
        code, shown, _ = await draftsmith(hub, "usage")
        assert code == 3


async def test_a_version_is_tried_on_example_tasks_with_a_stated_cost_and_compared(hub: RunningHub) -> None:
    rewrite = {"path": "intervals.py", "text": "def merge(intervals):\n    return []\n"}
    coder = [
        {"when": {"tool": "finish", "turn": 0}, "tool_calls": [{"name": "write", "arguments": rewrite}], "times": 0},
        FINISH,
    ]
    async with VendorServer({"replies": [*OTHERS, *coder]}) as model, hub.connected() as talk:
        await talk.call("models/endpoint", {"name": "w", "base_url": model.openai_url, "models": ["scripted"]})
        code, _, told = await draftsmith(hub, "models", "try", "openai_compatible/scripted", "--yes")
        assert code != 0
        assert "price" in told, "a trial of unknown cost was begun"
        facts = {"input_rate": 10**6, "output_rate": 10**6}
        await talk.call("models/facts", {"model": "openai_compatible/scripted", "facts": facts})
        code, _, told = await draftsmith(hub, "models", "try", "openai_compatible/scripted", "--json")
        assert f"{len(TASKS)} tasks" in told
        assert not model.requests, "it was begun without a yes"
        code, out, _ = await draftsmith(hub, "models", "try", "openai_compatible/scripted", "--json", "--yes")
        trials = json.loads(out)["trials"]
        assert code == 1
        assert [one["task"] for one in trials] == [task.name for task in TASKS]
        assert not any(one["passed"] for one in trials)
        assert all(one["tokens"] > 0 for one in trials)
