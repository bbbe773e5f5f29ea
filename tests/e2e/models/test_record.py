"""How models did is kept across sessions and restarts, can be made anew from the log, and is what clients are shown."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any

from e2e.hubs import WAIT_S, RunningHub, Talk, calc, replies, running, vendor
from e2e.models.test_pins import draftsmith
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


async def test_what_models_did_and_cost_outlives_the_sessions_that_are_deleted(tmp_path: Path) -> None:
    with short_folder("ds-") as folder:
        async with vendor(MISS) as model:
            with running(folder) as hub:
                async with hub.connected() as talk:
                    await talk.call("models/facts", {"model": NAME, "facts": {"input_rate": 10**9, "output_rate": 1}})
                    sessions = [await one_session(talk, model, tmp_path / name) for name in ("one", "two", "three")]
                    before, spent = await recorded(talk, "code"), await sums(talk)
                    assert (before["tasks"], before["edits"][0]["good"]) == (3, 3)
                    await released(talk)
                    for session_id in sessions[:2]:
                        await talk.call("session/delete", {"session_id": session_id})
                    assert await recorded(talk, "code") == before
                    assert await sums(talk) == spent
                    by_session = (await talk.call("usage/read", {"by": "session"}))["lines"]
                    assert {one["title"] for one in by_session} == {"Mend add", "deleted sessions"}
            with sqlite3.connect(folder / "hub" / "draftsmith.db") as database:
                kept = database.execute("SELECT body FROM events WHERE kind = 'work_kept'").fetchall()
                assert len(kept) == 2
                assert not any(session_id in str(kept) for session_id in sessions), "it names what was deleted"
                database.execute("DELETE FROM model_work")
                database.execute("INSERT INTO store_info VALUES ('reads_stale', 'yes')")
            with running(folder) as hub:
                async with hub.connected() as talk:
                    assert await recorded(talk, "code") == before, "the log says something else than the table"
                    assert await sums(talk) == spent


async def sums(talk: Talk) -> list[dict[str, Any]]:
    """What was spent, by everything that is no session."""
    by = [await talk.call("usage/read", {"by": name}) for name in ("day", "model", "role", "key", "workspace")]
    assert all(one["total"] == by[0]["total"] for one in by), "the sums differ"
    return [*(one["lines"] for one in by[:-1]), by[-1]["total"]]


async def test_usage_by_request_tells_each_call_of_a_session(hub: RunningHub, tmp_path: Path) -> None:
    answers = replies()
    paid = {"input": 1_000, "output": 200, "cached": 300, "reasoning": 50}
    answers["replies"] = [
        {"behaviour": "bad_request", "when": {"tool": "submit_review"}},
        *({**one, "usage": paid} for one in answers["replies"]),
    ]
    async with VendorServer(answers) as model, hub.connected() as talk:
        facts = {"input_rate": 10**9, "output_rate": 10**9, "cached_rate": 10**8, "reasoning_rate": 10**10}
        await talk.call("models/facts", {"model": NAME, "facts": facts})
        await talk.call("models/endpoint", {"name": "work", "base_url": model.openai_url, "models": ["m"]})
        session_id = await talk.start(calc(tmp_path / "ws"), model="")
        await talk.until(session_id, "stopped")
        await talk.call("session/resume", {"session_id": session_id})
        await talk.until(session_id, "proposed")
        found = await talk.call("usage/read", {"by": "request", "session_id": session_id})
        whole = await talk.call("usage/read", {"by": "session", "session_id": session_id})
        assert [one["role"] for one in found["lines"]] == ["plan", "code", "code", "critique", "critique"]
        assert [one["title"] for one in found["lines"]] == ["", "", "", "failed", ""]
        figures = [one["figures"] for one in found["lines"]]
        assert figures[3]["failed_calls"] == 1
        one = figures[0]
        assert [one[f"{name}_tokens"] for name in paid] == list(paid.values())
        assert one["cost_nano_usd"] == 700 * 1_000 + 300 * 100 + 150 * 1_000 + 50 * 10_000
        assert found["total"] == whole["total"]
        assert [one["at"] for one in found["lines"]] == sorted(one["at"] for one in found["lines"])
        code, out, told = await draftsmith(hub, "usage", "--by", "request", "--session", session_id)
        assert code == 0, told
        assert re.search(rf"critique +{NAME} +failed +1 \(1 failed\)", out)
        assert re.search(rf"plan +{NAME} +1 +1,000 +300 +200 +50 ", out)


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
