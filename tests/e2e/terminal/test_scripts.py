"""The commands as scripts use them: JSON out, JSON errors, exit codes, pipes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from e2e.terminal.conftest import FIX, Desk, desk_with
from harness.hub import HubProcess
from harness.replies import Role


async def test_every_command_gives_json(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "json") as desk:
        session_id = await desk.proposal()
        shown = (await desk.draftsmith("show", "--json")).json
        (hunk,) = [one for one in shown["entities"] if one["kind"] == "hunk"]
        assert (await desk.draftsmith("diff", "--json")).json["hunks"][0]["hunk_id"] == hunk["id"]
        assert (await desk.draftsmith("sessions", "--json")).json["session_id"] == session_id
        events = [json.loads(one) for one in (await desk.draftsmith("export", "--format", "jsonl")).out.splitlines()]
        assert [one["version"] for one in events] == list(range(1, len(events) + 1))
        accepted = await desk.draftsmith("accept", "--hunk", hunk["id"][:6], "--json")
        assert accepted.json["results"][0]["status"] == "on_disk"
        again = await desk.draftsmith("accept", "--all", "--json")
        assert (again.code, json.loads(again.err)["error"]["code"]) == (3, "no_pending_hunks")
        assert (await desk.draftsmith("undo", "--json")).code == 0
        assert (await desk.draftsmith("undo")).code == 3
        status = (await desk.draftsmith("hub", "status", "--json")).json
        assert status["running"]
        assert status["runners"][0]["state"] == "connected"
        doctor = await desk.draftsmith("doctor", "--json")
        assert {one["name"]: one["verdict"] for one in doctor.json["checks"]}["hub"] == "ok"
        logs = await desk.draftsmith("hub", "logs", "--lines", "5")
        assert "terminal-key" not in logs.out


async def test_difference_can_be_piped_to_git(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "pipe") as desk:
        await desk.proposal()
        patch = (await desk.draftsmith("diff")).out
        subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=desk.folder, check=True, timeout=20)
        assert "return a + b" in desk.read("calc.py")


async def test_export_tells_the_session_in_markdown(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "story") as desk:
        await desk.proposal()
        text = (await desk.draftsmith("export")).out
        parts = (
            "# Session s_",
            "## Request\n\nFix the test",
            "The sign is wrong.",
            "**Gate tests: passed.**",
            "## Proposal",
        )
        places = [text.find(part) for part in parts]
        assert -1 not in places, text
        assert places == sorted(places)


async def test_edit_of_the_user_at_the_same_place_is_a_conflict_and_kept(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "conflict") as desk:
        await desk.proposal()
        mine = desk.read("calc.py").replace("a - b", "b - a")
        (desk.folder / "calc.py").write_text(mine)
        done = await desk.draftsmith("accept", "--all")
        assert done.code == 4, done
        assert "your text was left alone" in done.out
        assert desk.read("calc.py") == mine


async def test_fork_restore_message_and_cancel(hub: HubProcess) -> None:
    told = "Do this in the fork."
    waits: dict[str, Any] = {"when": {"anywhere": told}, "behaviour": "stall_before", "times": 0}  # until cancelled
    many: dict[Role, Sequence[Mapping[str, Any]]] = {role: [waits, *replies, *replies] for role, replies in FIX.items()}
    async with desk_with(hub.state_dir, many, "steer") as desk:
        session_id = await desk.proposal()
        points = [
            one for one in (await desk.draftsmith("show", "--json")).json["entities"] if one["kind"] == "checkpoint"
        ]
        missing = await desk.draftsmith("restore", "no-such", "--json")
        assert json.loads(missing.err)["error"]["code"] == "unknown_checkpoint"
        assert (await desk.draftsmith("restore", session_id, "1", "--json")).json["checkpoint_id"] == points[0]["id"]
        asked = ("fork", session_id, "--checkpoint", "1", "--task", told, "--no-wait", "--json")
        forked = (await desk.draftsmith(*asked)).json
        assert forked["forked_from"] == session_id
        assert (await desk.draftsmith("cancel", forked["session_id"], "--json")).json["status"] == "cancelled"
        twice = await desk.draftsmith("cancel", forked["session_id"], "--json")
        assert (twice.code, json.loads(twice.err)["error"]["code"]) == (1, "illegal_command")
        assert (await desk.draftsmith("message", session_id, "One more thing, please.", "--json")).code == 0
        done = await desk.draftsmith("attach", session_id)
        assert done.code == 0, done
        # Not from the screen of `attach`: a session that went on quickly shows its last steps only.
        assert "One more thing, please." in (await desk.draftsmith("export", session_id)).out


async def test_sessions_are_those_of_the_folder_unless_all_are_asked_for(hub: HubProcess, tmp_path: Path) -> None:
    async with desk_with(hub.state_dir, FIX, "here") as desk:
        session_id = await desk.proposal()
        (desk.folder / "sub").mkdir()
        below = await desk.draftsmith("sessions", "--json", folder=desk.folder / "sub")
        assert below.json["session_id"] == session_id
        elsewhere = await desk.draftsmith("sessions", "--json", folder=tmp_path)
        assert elsewhere.out == ""
        everything = await desk.draftsmith("sessions", "--all", "--json", folder=tmp_path)
        assert session_id in [one["session_id"] for one in everything.lines]
        none_here = await desk.draftsmith("show", "--json", folder=tmp_path)
        assert (none_here.code, json.loads(none_here.err)["error"]["code"]) == (3, "no_session")
        await check_wrong_ids(desk)


async def check_wrong_ids(desk: Desk) -> None:
    for given, code in (("nonsense", "unknown_session"), ("s_", "ambiguous_session"), ("", "unknown_session")):
        refused = await desk.draftsmith("show", given, "--json")
        assert (refused.code, json.loads(refused.err)["error"]["code"]) == (2, code), refused


async def test_a_session_is_exported_as_a_recording_and_played_without_a_model(hub: HubProcess, tmp_path: Path) -> None:
    async with desk_with(hub.state_dir, FIX, "record") as desk:
        await desk.proposal()
        exported = await desk.draftsmith("export", "--format", "recording", "--by", "a script")
        assert exported.code == 0, exported
        recording = tmp_path / "replies.jsonl"
        recording.write_text(exported.out)
        asked = desk.vendor.count
        played = await desk.draftsmith("run", "Fix the test", "--recording", str(recording), "--json")
        assert played.code == 0, played
        assert desk.vendor.count == asked
        again = await desk.draftsmith("export", "--format", "recording", "--json")
        assert json.loads(again.err)["error"]["code"] == "recorded_session"
