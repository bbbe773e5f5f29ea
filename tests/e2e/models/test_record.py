"""How models did is kept across sessions and restarts, can be made anew from the log, and is what clients are shown."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from e2e.hubs import WAIT_S, RunningHub, Talk, calc, running, vendor
from isolation import short_folder
from vendor.server import VendorServer

NAME = "openai_compatible/m"
MISS = {"tool_calls": [{"name": "edit", "arguments": {"path": "calc.py", "old": "no such line", "new": "x"}}]}
NONSENSE = {"tool_calls": [{"name": "edit", "arguments": {"path": 7}}]}


async def one_session(talk: Talk, server: VendorServer, folder: Path) -> str:
    await talk.call("models/endpoint", {"name": "work", "base_url": server.openai_url, "models": ["m"]})
    session_id = await talk.start(calc(folder), model="")
    await talk.until(session_id, "proposed")
    return session_id


async def released(talk: Talk) -> None:
    """Returns when no runner holds a session any more."""
    async with asyncio.timeout(WAIT_S):
        while True:
            status = await talk.call("hub/status", {})
            if not any(runner["sessions"] for runner in status["runners"]):
                return
            await asyncio.sleep(0.05)


async def recorded(talk: Talk, role: str) -> dict[str, Any]:
    listed = await talk.call("models/list", {"local": False})
    (model,) = listed["models"]
    assert model["model"] == NAME
    return next(one for one in model["record"] if one["role"] == role)


async def test_edits_tool_calls_gates_and_tasks_are_counted_and_survive_the_hub(tmp_path: Path) -> None:
    with short_folder("ds-") as folder:
        async with vendor(MISS, NONSENSE) as model:
            with running(folder) as hub:
                async with hub.connected() as talk:
                    await one_session(talk, model, tmp_path / "ws")
                    before = await recorded(talk, "code")
            assert before["edits"] == [{"format": "search", "tried": 3, "good": 1}]
            assert before["invalid_tool_calls"] == 1
            assert (before["tasks"], before["good_tasks"]) == (1, 1)
            assert before["passed_gates"] == before["gates"] > 0
            assert before["unpriced_calls"] == before["calls"] > 0
            assert before["first_token_ms"] is not None
            with running(folder) as hub:
                async with hub.connected() as talk:
                    assert await recorded(talk, "code") == before
            with sqlite3.connect(folder / "hub" / "draftsmith.db") as database:
                database.execute("DELETE FROM model_work")
                database.execute("INSERT INTO store_info VALUES ('reads_stale', 'yes')")
            with running(folder) as hub:
                async with hub.connected() as talk:
                    assert await recorded(talk, "code") == before, "the log says something else than the table"


async def test_the_record_of_one_session_counts_in_the_choice_of_the_next(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor() as model, hub.connected() as talk:
        await one_session(talk, model, tmp_path / "one")
        second = await talk.start(calc(tmp_path / "two"), model="")
        await talk.until(second, "proposed")
        shown = await talk.entities(second)
        why = {
            one["why"] for (kind, _), one in shown.items() if kind == "step" and one["role"] == "code" and one["why"]
        }
        assert any("1 of 1 recorded went well" in one for one in why), why


async def test_a_deleted_session_leaves_the_record(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor() as model, hub.connected() as talk:
        first = await one_session(talk, model, tmp_path / "one")
        second = await one_session(talk, model, tmp_path / "two")
        assert (await recorded(talk, "code"))["tasks"] == 2
        await released(talk)
        for session_id in (first, second):
            await talk.call("session/delete", {"session_id": session_id})
        (model_now,) = (await talk.call("models/list", {"local": False}))["models"]
        assert model_now["record"] == []
        assert (await talk.call("usage/read", {}))["lines"] == []


async def test_usage_is_summed_by_day_model_role_key_workspace_and_session(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor() as model, hub.connected() as talk:
        await talk.call("models/facts", {"model": NAME, "facts": {"input_rate": 10**9, "output_rate": 10**9}})
        sessions = [await one_session(talk, model, tmp_path / name) for name in ("one", "two")]
        by = {name: await talk.call("usage/read", {"by": name}) for name in ("day", "model", "role", "key")}
        by |= {name: await talk.call("usage/read", {"by": name}) for name in ("workspace", "session")}
        assert len({str(one["total"]) for one in by.values()}) == 1, "the sums differ"
        assert {line["name"] for line in by["session"]["lines"]} == set(sessions)
        assert [line["name"] for line in by["model"]["lines"]] == [NAME]
        assert [line["name"] for line in by["key"]["lines"]] == ["work"]
        assert {line["name"] for line in by["role"]["lines"]} == {"plan", "code", "critique"}
        assert {line["title"] for line in by["workspace"]["lines"]} == {str(tmp_path / "one"), str(tmp_path / "two")}
        total = by["day"]["total"]
        assert total["calls"] == len(model.requests)
        assert total["cost_nano_usd"] == (total["input_tokens"] + total["output_tokens"]) * 1000
        of_one = await talk.call("usage/read", {"by": "role", "session_id": sessions[0]})
        assert 0 < of_one["total"]["calls"] < total["calls"]
