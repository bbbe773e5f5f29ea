"""Endpoints, versions and figures from the terminal: looked at, tried, taken, taken back, added up."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from draftsmith.cli.models.tasks import TASKS
from e2e.hubs import RunningHub, Talk, calc, vendor
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
    rewrite = {"path": "intervals.py", "content": "def merge(intervals):\n    return []\n", "overwrite": True}
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


OLD, NEW = "openai_compatible/m", "openai_compatible/m-2"
MERGE = """def merge(intervals):
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
"""
SETTINGS = """class SettingsError(ValueError):
    pass


def parse(text):
    settings = {}
    for number, line in enumerate(text.split("\\n"), start=1):
        said = line.partition("#")[0].strip()
        name, equals, value = said.partition("=")
        if said and not equals:
            raise SettingsError(f"line {number} has no equals sign")
        if said:
            settings[name.strip()] = value.strip()
    return settings
"""
SHOP = """class Basket:
    def __init__(self):
        self.lines = []
        self.percent = 0

    def add(self, name, cents, count=1):
        self.lines.append((name, cents, count))

    def discount(self, percent):
        if not 0 <= percent <= 100:
            raise ValueError(percent)
        self.percent = percent

    def total(self):
        return sum(cents * count for _, cents, count in self.lines) * (100 - self.percent) // 100
"""
RECEIPT = """def receipt(basket):
    lines = [f"{name} x{count}: {cents * count / 100:.2f}" for name, cents, count in basket.lines]
    whole = sum(cents * count for _, cents, count in basket.lines)
    if basket.percent:
        lines.append(f"discount {basket.percent}%: -{(whole - basket.total()) / 100:.2f}")
    return "\\n".join([*lines, f"total: {basket.total() / 100:.2f}"])
"""


def does(about: str, files: dict[str, str], *models: str) -> list[dict[str, Any]]:
    """How these models do the task about a file, in a course without detours: look, write, test, finish."""
    task = next(one for one in TASKS if about in one.request)
    turns = [
        [{"name": "read", "arguments": {"path": path}} for path in task.files],
        [
            {"name": "write", "arguments": {"path": path, "content": text, "overwrite": True}}
            for path, text in files.items()
        ],
        [{"name": "run_command", "arguments": {"command": "python3 -m unittest -v"}}],
    ]
    return [
        {"when": {"tool": "finish", "turn": turn, "anywhere": about, "model": model}, "tool_calls": calls, "times": 0}
        for turn, calls in enumerate(turns)
        for model in models
    ]


async def counted(talk: Talk) -> dict[str, int]:
    """Input tokens of the sessions that the newer version did, by request, as they were counted before each call."""
    found: dict[str, int] = {}
    for line in (await talk.call("usage/read", {"by": "session"}))["lines"]:
        exported = await talk.call("session/export", {"session_id": line["name"]})
        events = [json.loads(one) for one in exported["events"]]
        calls = [one["body"] for one in events if one["kind"] == "model_call_intended"]
        if calls and calls[0]["model"] == NEW:
            found[events[0]["body"]["request"]["preview"]] = sum(one["counted_tokens"] for one in calls)
    return found


async def test_a_newer_version_is_tried_beside_the_one_in_use_taken_and_taken_back(
    hub: RunningHub, tmp_path: Path
) -> None:
    """The older one knows nothing of discounts; both do the other tasks."""
    coder = [
        *does("merge` in intervals.py", {"intervals.py": MERGE}, "m"),
        *does("settings.py do what", {"settings.py": SETTINGS}, "m"),
        *does("discounts to the basket", {"shop.py": SHOP, "receipt.py": RECEIPT}, "m-2"),
        FINISH,
    ]
    async with VendorServer({"replies": [*OTHERS, *coder]}, models=("m", "m-2")) as model, hub.connected() as talk:
        await talk.call("models/endpoint", {"name": "w", "base_url": model.openai_url, "models": ["m"]})
        for name in (OLD, NEW):
            await talk.call("models/facts", {"model": name, "facts": {"input_rate": 10**6, "output_rate": 10**6}})
        code, out, told = await draftsmith(hub, "models", "try", NEW, "--yes")
        assert code == 0, out + told
        lines = [" ".join(one.split()) for one in out.splitlines()]
        assert any(one.startswith(f"all {OLD} 2 of 3 passed") for one in lines), out
        assert any(one.startswith(f"all {NEW} 3 of 3 passed") for one in lines), out
        took = await counted(talk)
        for task in TASKS:
            assert 0.75 < task.input_tokens / took[task.request] < 1.33, "the tasks' own figures no longer hold"
        take = next(one for one in lines if one.startswith("Take it: "))
        back = next(one for one in lines if one.startswith("Take it back later: "))
        assert take == f"Take it: `draftsmith models pin {OLD} {NEW}`"

        async def asked_next(folder: str) -> set[str]:
            before = len(model.requests)
            session_id = await talk.start(calc(tmp_path / folder), model="")
            await talk.until(session_id, "finished", "stopped")
            return {one.body["model"] for one in model.requests[before:]}

        assert await asked_next("one") == {"m"}
        assert (await draftsmith(hub, *take.partition("`draftsmith ")[2].rstrip("`").split()))[0] == 0
        assert await asked_next("two") == {"m-2"}
        assert (await draftsmith(hub, *back.partition("`draftsmith ")[2].rstrip("`").split()))[0] == 0
        assert await asked_next("three") == {"m"}
        code, out, told = await draftsmith(hub, "models", "try", NEW, "--json")
        question = json.loads(told)["error"]["message"]
        assert "recorded tasks" in question, "the trials before it are not what the next estimate rests on"
