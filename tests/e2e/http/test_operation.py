"""Load, logs, settings and spending of a running hub: the figures are those of what was done, and settings hold."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from draftsmith.domain.errors import DraftsmithError
from draftsmith.hub.standing import ROLES
from draftsmith.protocol.registry import BY_NAME
from e2e.hubs import WAIT_S, Talk, calc, running, vendor
from isolation import short_folder

NAME = "openai_compatible/m"
RATE = 10**9
"""Nano-dollars for a million tokens: a thousand for each."""


async def until(talk: Talk, method: str, there: Any, **params: object) -> Any:
    """The answer of a question once it says what is waited for."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await talk.call(method, params)
            if there(found):
                return found
            await asyncio.sleep(0.05)


async def test_load_spending_and_analytics_say_what_was_done(tmp_path: Path) -> None:
    with short_folder("ds-") as folder, running(folder) as hub:
        async with vendor() as model, hub.connected() as talk:
            await talk.call("models/facts", {"model": NAME, "facts": {"input_rate": RATE, "output_rate": RATE}})
            await talk.call("models/limit", {"scope": "day", "label": "", "limit_nano_usd": 10**12})
            await talk.call("models/endpoint", {"name": "work", "base_url": model.openai_url, "models": ["m"]})
            session_id = await talk.start(calc(tmp_path / "ws"), model="")
            await talk.until(session_id, "proposed")
            log = (await talk.call("session/export", {"session_id": session_id}))["events"]
            kinds = [json.loads(line)["kind"] for line in log]
            calls = len(model.requests)

            def summed(found: Any, name: str) -> int:
                return sum(one[name] for one in found["samples"])

            load = await until(talk, "monitor/read", lambda found: summed(found, "events") >= len(kinds))
            assert summed(load, "events") == len(kinds)
            assert summed(load, "model_calls") == calls == kinds.count("model_call_finished")
            assert summed(load, "tool_calls") == kinds.count("tool_call_finished")
            assert summed(load, "failed_calls") == summed(load, "failed_model_calls") == 0
            last = load["samples"][-1]
            assert last["hub_memory_bytes"] > 20_000_000
            assert 0 < last["disk_free_bytes"] <= load["disk_bytes"]
            assert last["clients"] == 1
            told = await until(talk, "monitor/read", lambda found: any(one["known"] for one in found["runners"]))
            assert told["runners"][0]["memory_bytes"] > 20_000_000

            spent = await talk.call("usage/read", {})
            cost = spent["total"]["cost_nano_usd"]
            assert cost == (spent["total"]["input_tokens"] + spent["total"]["output_tokens"]) * 1_000 > 0
            lines = (await talk.call("spending/read", {}))["lines"]
            assert {(one["scope"], one["label"]): one["spent_nano_usd"] for one in lines} == {
                ("day", ""): cost,
                ("month", ""): cost,
                ("key", "work"): cost,
            }
            assert [one["limit_nano_usd"] for one in lines] == [10**12, None, None]

            found = await talk.call("analytics/read", {"days": 1})
            by = {name: [one for one in found["lines"] if one["by"] == name] for name in ("day", "model", "role")}
            assert {sum(one["cost_nano_usd"] for one in cut) for cut in by.values()} == {cost}
            assert {sum(one["calls"] for one in cut) for cut in by.values()} == {calls}
            (workspace,) = (one for one in found["lines"] if one["by"] == "workspace")
            assert workspace["title"] == str(tmp_path / "ws")
            assert found["outcomes"] == [{"status": "proposed", "sessions": 1, "cost_nano_usd": cost}]
            assert found["model_savings"] == []
            assert {one["reason"] for one in found["not_compared"]} == {"few"}


async def test_a_call_that_fails_is_counted_and_found_in_the_log_by_its_id(tmp_path: Path) -> None:
    with short_folder("ds-") as folder, running(folder, "--no-runner") as hub:
        async with hub.connected() as talk:
            secret = "a-key-that-nobody-may-see"
            await talk.offer("http://127.0.0.1:1/v1", secret)
            log = folder / "hub" / "logs" / "hub.log"
            with log.open("a") as file:
                file.write(json.dumps({"event": "leak", "level": "error", "why": f"it is {secret}"}) + "\n")
            with pytest.raises(DraftsmithError):
                await talk.call("settings/write", {"name": "web_port", "value": "x"})
            (refused,) = (await talk.call("logs/read", {"words": "call_refused"}))["lines"]
            belongs = (await talk.call("logs/read", {"correlation_id": refused["correlation_id"]}))["lines"]
            assert refused in belongs
            errors = (await talk.call("logs/read", {"level": "error"}))["lines"]
            assert [one["text"] for one in errors] == ["why=it is •••"]
            everything = await talk.call("logs/read", {"limit": 500})
            assert secret not in json.dumps(everything)
            assert everything["cursor"] is None


async def test_a_setting_of_the_runner_holds_from_its_next_step_and_after_a_restart(tmp_path: Path) -> None:
    with short_folder("ds-") as folder:
        with running(folder) as hub:
            async with hub.connected() as talk:
                assert (await talk.call("sandbox/read", {}))["confines"] is True
                before = await talk.call("hub/status", {})
                await talk.call("settings/write", {"name": "sandbox", "value": "unconfined"})
                now = await until(talk, "sandbox/read", lambda found: not found["confines"])
                assert now["engine"] == "unconfined"
                after = await until(
                    talk,
                    "hub/status",
                    lambda found: [one["state"] for one in found["runners"]] == ["connected"],
                )
                assert after["pid"] == before["pid"]
                assert after["runners"][0]["pid"] != before["runners"][0]["pid"]
        assert 'sandbox = "unconfined"' in (folder / "settings.toml").read_text()
        with running(folder) as hub:
            async with hub.connected() as talk:
                assert (await talk.call("sandbox/read", {}))["engine"] == "unconfined"
                settings = (await talk.call("settings/read", {}))["settings"]
                assert next(one["origin"] for one in settings if one["name"] == "sandbox") == "file"


async def test_a_session_at_work_goes_on_when_its_runner_is_started_anew(tmp_path: Path) -> None:
    with short_folder("ds-") as folder, running(folder) as hub:
        async with vendor() as model, hub.connected() as talk:
            await talk.call("models/endpoint", {"name": "work", "base_url": model.openai_url, "models": ["m"]})
            session_id = await talk.start(calc(tmp_path / "ws"), model="")
            for size in ("1000", "1500", ""):
                await talk.call("settings/write", {"name": "runner_map_tokens", "value": size})
            await talk.until(session_id, "proposed")
            assert len(await talk.hunks(session_id)) == 1


async def test_a_broken_settings_file_stops_no_hub_and_is_told(tmp_path: Path) -> None:
    with short_folder("ds-") as folder:
        folder.joinpath("settings.toml").write_text('sandbox = "podman"\n')
        with running(folder, "--no-runner") as hub:
            async with hub.connected() as talk:
                assert "sandbox: Choose one of" in await talk.notices()
                found = await talk.call("settings/read", {})
                sandbox = next(one for one in found["settings"] if one["name"] == "sandbox")
                assert (sandbox["value"], sandbox["origin"]) == ("auto", "usual")
                assert "Choose one of" in sandbox["problem"]


def test_the_machines_own_matters_are_not_in_the_reach_of_a_named_user() -> None:
    for name in ("logs/read", "settings/read", "settings/write"):
        assert BY_NAME[name].permission not in ROLES["owner"], name
