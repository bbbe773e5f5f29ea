"""A plan edited at the terminal, by a script and in $EDITOR; a session deleted for good."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from e2e.terminal.conftest import FIX, Desk, desk_with
from harness.hub import HubProcess
from harness.replies import Role

PLANNED: Mapping[Role, Sequence[Mapping[str, Any]]] = {
    "plan": [
        {
            "submit_plan": {
                "title": "Mend calc",
                "summary": "In one go.",
                "tasks": [{"id": "a", "title": "Look"}, {"id": "b", "title": "Mend add", "depends_on": ["a"]}],
            },
            "times": 0,
        }
    ],
    "code": FIX["code"],
    "critique": [{**FIX["critique"][0], "times": 0}],
}
MINE = "# My plan\n\n## 1. Only mend add\ncheck: the test passes\n"


@pytest.fixture
async def desk(hub: HubProcess) -> AsyncIterator[Desk]:
    async with desk_with(hub.state_dir, PLANNED, "planned") as made:
        yield made


async def test_a_script_reads_the_plan_and_puts_its_own_in_place(desk: Desk, tmp_path: Path) -> None:
    asked = await desk.draftsmith("run", "Mend calc", "--json")
    assert asked.code == 6, asked
    shown = await desk.draftsmith("plan")
    assert shown.out == "# Mend calc\n\nIn one go.\n\n## 1. Look\n\n## 2. Mend add\nafter: 1\n", shown
    wrong = tmp_path / "wrong.md"
    wrong.write_text(MINE + "after: 4\n")
    refused = await desk.draftsmith("plan", "--edit", str(wrong), "--json")
    error = json.loads(refused.err)["error"]
    assert (error["code"], error["message"]) == ("plan_unreadable", "Line 5: there is no task 4.")
    (tmp_path / "mine.md").write_text(MINE)
    done = await desk.draftsmith("plan", "--edit", str(tmp_path / "mine.md"))
    assert (done.code, "Works by your plan: 1 task." in done.out) == (0, True), done
    ended = await desk.draftsmith("attach", "--json")
    assert ended.code == 0, ended
    again = await desk.draftsmith("plan", "--edit", str(tmp_path / "mine.md"), "--json")
    assert json.loads(again.err)["error"]["code"] == "no_open_decision"
    assert (await desk.draftsmith("plan")).out == MINE


async def test_a_plan_is_edited_in_the_editor_and_told_where_it_cannot_be_read(desk: Desk, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    (tmp_path / "mine.md").write_text(MINE)
    # The first time with a slip in it, the second time as it is meant.
    slip = f"sed -e 's/^check:/checks:/' {tmp_path}/mine.md"
    editor.write_text(
        f'#!/bin/sh\nif [ -e {tmp_path}/seen ]; then cat {tmp_path}/mine.md > "$1"; else {slip} > "$1"; fi\n'
        f"touch {tmp_path}/seen\n"
    )
    editor.chmod(0o755)
    async with desk.terminal("run", "Mend calc", EDITOR=str(editor)) as shown:
        await shown.expect("approve, reject or edit?")
        shown.type("e\r")
        await shown.expect("Line 4: write `check:`")
        await shown.expect("Edit it again?")
        shown.type("y\r")
        await shown.expect("Only mend add")
        await shown.expect("Proposed: 1 hunk in 1 file")
        assert await shown.ended() == 0


async def test_a_review_of_a_session_that_asks_about_its_plan_is_about_the_plan(desk: Desk) -> None:
    assert (await desk.draftsmith("run", "Mend calc", "--json")).code == 6
    async with desk.terminal("review") as shown:
        await shown.expect("## 2. Mend add")
        await shown.expect("approve, reject or edit?")
        shown.type("r\r")
        await shown.expect("What should be different?")
        shown.type("Smaller.\r")
        await shown.expect("Answered: reject.")
        assert await shown.ended() == 0
    assert (await desk.draftsmith("cancel")).code == 0


async def test_a_session_is_deleted_only_when_that_is_confirmed(desk: Desk) -> None:
    started = await desk.draftsmith("run", "Mend calc", "--no-wait")
    session_id = started.out.strip()
    at_work = await desk.draftsmith("delete", session_id, "--yes", "--json")
    assert json.loads(at_work.err)["error"]["code"] == "illegal_command"
    assert (await desk.draftsmith("cancel", session_id)).code == 0
    unasked = await desk.draftsmith("delete", session_id, "--json")
    assert json.loads(unasked.err)["error"]["code"] == "not_confirmed"
    async with desk.terminal("delete", session_id) as shown:
        await shown.expect("for good?")
        shown.type("n\r")
        await shown.expect("Nothing was deleted.")
    done = await desk.draftsmith("delete", session_id, "--yes")
    assert (done.code, "is deleted" in done.out) == (0, True), done
    gone = await desk.draftsmith("show", session_id, "--json")
    assert json.loads(gone.err)["error"]["code"] == "unknown_session"
    assert session_id not in (await desk.draftsmith("sessions", "--all", "--json")).out
