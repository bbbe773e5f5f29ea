"""What a plan is likely to take is said before it is begun, and asked about where it is much."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from e2e.hubs import FIX, Talk, calc, running
from isolation import short_folder
from vendor.server import VendorServer

NAME = "openai_compatible/m"
PLAN: dict[str, Any] = {
    "when": {"tool": "submit_plan"},
    "tool_calls": [
        {
            "name": "submit_plan",
            "arguments": {
                "title": "Mend add",
                "summary": "Mend it.",
                "tasks": [{"id": "one", "title": "Mend add", "description": "Let add add.", "checks": ["tests"]}],
            },
        }
    ],
}


def planner() -> VendorServer:
    turns = [{**FIX[1], "when": {"tool": "finish", "turn": 0}}, {**FIX[2], "when": {"tool": "finish", "turn": 1}}]
    return VendorServer({"replies": [{**reply, "times": 0} for reply in (PLAN, *turns, FIX[3])]})


async def priced(talk: Talk, server: VendorServer) -> None:
    await talk.call("models/endpoint", {"name": "work", "base_url": server.openai_url, "models": ["m"]})
    await talk.call("models/facts", {"model": NAME, "facts": {"input_rate": 10**9, "output_rate": 10**9}})


async def asked(talk: Talk, session_id: str) -> dict[str, Any]:
    await talk.until(session_id, "waiting")
    shown = await talk.entities(session_id)
    (found,) = [one for (kind, _), one in shown.items() if kind == "decision" and one["state"] == "open"]
    return found


async def test_the_question_about_a_plan_says_what_it_is_likely_to_take_and_what_that_rests_on(tmp_path: Path) -> None:
    with short_folder("ds-") as folder, running(folder) as hub:
        async with planner() as model, hub.connected() as talk:
            await priced(talk, model)
            for number in range(4):
                session_id = await talk.start(calc(tmp_path / f"ws{number}"), model="")
                question = await asked(talk, session_id)
                rests_on = "rough: little is recorded" if number < 3 else "from 3 recorded tasks of openai_compatible/m"
                assert rests_on in question["prompt"]
                assert "dollars" in question["prompt"]
                shown = await talk.entities(session_id)
                assert any(one["title"] == "Estimate" for (kind, _), one in shown.items() if kind == "step")
                answer = {"session_id": session_id, "decision_id": question["id"], "answer": "approve"}
                await talk.call("decision/answer", answer)
                await talk.until(session_id, "proposed", "finished")


async def test_a_session_that_asks_nothing_asks_before_a_plan_that_may_cost_much(tmp_path: Path) -> None:
    environment = {**os.environ, "DRAFTSMITH_RUNNER_ASK_ABOVE": "0.01"}
    with short_folder("ds-") as folder, running(folder, environment=environment) as hub:
        async with planner() as model, hub.connected() as talk:
            await priced(talk, model)
            session_id = await talk.start(calc(tmp_path / "ws"), model="", autonomy="auto")
            question = await asked(talk, session_id)
            assert question["subject"] == "cost"
            calls = len(model.requests)
            await talk.call(
                "decision/answer", {"session_id": session_id, "decision_id": question["id"], "answer": "stop"}
            )
            assert (await talk.until(session_id, "stopped"))["stopped"]["category"] == "budget"
            assert len(model.requests) == calls
            await talk.call("session/resume", {"session_id": session_id})
            question = await asked(talk, session_id)
            await talk.call(
                "decision/answer", {"session_id": session_id, "decision_id": question["id"], "answer": "go on"}
            )
            await talk.until(session_id, "proposed", "finished")
