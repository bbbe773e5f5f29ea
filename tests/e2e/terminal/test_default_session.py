"""Which session a command means when none is named: never one of a folder far above, and it is always said."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from e2e.terminal.conftest import FIX, Desk, desk_with
from harness.hub import HubProcess
from harness.replies import Role

TWICE: Mapping[Role, Sequence[Mapping[str, Any]]] = {role: [*replies] * 2 for role, replies in FIX.items()}


async def meant(desk: Desk, *arguments: str, folder: Path) -> str:
    done = await desk.draftsmith(*arguments, "--json", folder=folder)
    return done.json["session_id"] if done.code == 0 else json.loads(done.err)["error"]["code"]


async def test_what_acts_takes_the_folders_own_session_or_its_repositorys(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "nearest") as desk:
        session_id = await desk.proposal()
        plain, other = desk.folder / "plain", desk.folder / "other"
        plain.mkdir()
        other.mkdir()
        subprocess.run(["git", "init", "-q", str(other)], check=True, timeout=20)
        assert await meant(desk, "show", folder=plain) == session_id
        assert await meant(desk, "show", folder=other) == session_id, "looking is allowed from anywhere below"
        assert await meant(desk, "accept", "--all", folder=other) == "no_session"
        assert await meant(desk, "cancel", folder=other) == "no_session"
        assert await meant(desk, "restore", "1", folder=other) == "no_session"
        assert await meant(desk, "undo", folder=other) == "no_session"
        assert await meant(desk, "accept", "--all", folder=plain) == session_id
        shown = await desk.draftsmith("show", folder=plain)
        assert shown.err.startswith(f"{session_id}  "), "which one it is must be said"
        assert (await desk.draftsmith("show", session_id)).err == ""


async def test_the_nearest_folder_wins_over_a_newer_session_above(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, TWICE, "above") as desk:
        below = desk.folder / "below"
        below.mkdir()
        (below / "calc.py").write_text(desk.read("calc.py"))
        started = await desk.draftsmith("run", "Fix it", "--json", folder=below)
        inner = started.lines[-1]["session_id"]
        outer = await desk.proposal()
        assert await meant(desk, "show", folder=below) == inner
        assert await meant(desk, "show", folder=desk.folder) == outer


async def test_undo_takes_back_the_folders_last_apply_and_not_that_of_the_newest_session(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, TWICE, "undo") as desk:
        first = await desk.proposal()
        second = await desk.proposal()
        before = desk.read("calc.py")
        assert (await desk.draftsmith("accept", first, "--all")).code == 0
        assert (await desk.draftsmith("message", second, "   ")).code == 2
        undone = await desk.draftsmith("undo")
        assert undone.code == 0, undone
        assert undone.err.startswith(first)
        assert desk.read("calc.py") == before
        assert (await desk.draftsmith("undo")).code == 3


async def test_a_message_needs_no_session_and_says_when_it_wakes_one(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, TWICE, "wakes") as desk:
        session_id = await desk.proposal()
        sent = await desk.draftsmith("message", "Once more, please.")
        assert (sent.code, sent.err.split()[0]) == (0, session_id)
        assert "The session was proposed; it works again." in sent.out
        assert (await desk.draftsmith("message", "One", "two", "three")).code == 2
        assert (await desk.draftsmith("run", "--auto", "--ask", "x")).code == 2


async def test_an_answer_that_the_question_does_not_take_is_a_wrong_command_line(hub: HubProcess) -> None:
    asks: Mapping[Role, Sequence[Mapping[str, Any]]] = {
        **FIX,
        "code": [{"run_command": {"command": "true"}}, *FIX["code"]],
    }
    async with desk_with(hub.state_dir, asks, "maybe") as desk:
        asked = await desk.draftsmith("run", "Fix it", "--suggest")
        assert asked.code == 6, asked
        refused = await desk.draftsmith("answer", "maybe", "--json")
        assert (refused.code, json.loads(refused.err)["error"]["code"]) == (2, "unknown_answer")
        assert (await desk.draftsmith("answer", "once")).code == 0


async def test_a_model_that_means_nothing_is_refused_before_a_session_begins(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "nonsense") as desk:
        refused = await desk.draftsmith("run", "Fix it", "--no-wait", "--model", "nowhere/nothing", "--json")
        assert (refused.code, refused.out) == (2, ""), refused
        assert (await desk.draftsmith("sessions", "--json")).out == ""


async def test_doctor_says_when_nothing_answers_at_the_address(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "silent") as desk:
        fine = (await desk.draftsmith("doctor", "--json")).json["checks"]
        dead = (await desk.draftsmith("doctor", "--json", DRAFTSMITH_BASE_URL="http://127.0.0.1:9/v1")).json["checks"]
        verdicts = [next(one for one in checks if one["name"] == "models") for checks in (fine, dead)]
        assert [one["verdict"] == "ok" for one in verdicts] == [True, False], verdicts
        assert "127.0.0.1:9" in verdicts[1]["found"]


async def test_a_restore_under_an_agent_at_work_says_so(hub: HubProcess) -> None:
    asks: Mapping[Role, Sequence[Mapping[str, Any]]] = {
        **FIX,
        "code": [{"run_command": {"command": "true"}}, *FIX["code"]],
    }
    async with desk_with(hub.state_dir, asks, "under") as desk:
        assert (await desk.draftsmith("run", "Fix it", "--suggest")).code == 6
        restored = await desk.draftsmith("restore", "1")
        assert (restored.code, "it goes on from there" in restored.out) == (0, True), restored
