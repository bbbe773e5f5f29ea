"""The main job at a terminal: everything here is real but the model, which follows a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from draftsmith.cli.reading import read_session
from draftsmith.client.messages import DecisionEntity
from e2e.terminal.conftest import FIX, desk_with
from e2e.terminal.pseudo_terminal import CTRL_C
from harness.hub import HubProcess
from harness.replies import Role


async def test_task_is_run_reviewed_written_and_taken_back(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "fix") as desk:
        before = desk.read("calc.py")
        async with desk.terminal("run", "Fix the test") as shown:
            await shown.expect("The sign is wrong.")
            await shown.expect("tests: passed")
            await shown.expect("Proposed: 1 hunk in 1 file")
            await shown.expect("→ draftsmith review")
            assert await shown.ended() == 0
        assert desk.read("calc.py") == before
        async with desk.terminal("review") as shown:
            await shown.expect("+     return a + b")
            shown.type("w")
            await shown.expect("Fix add")
            shown.type("a")
            await shown.expect("Write it? [Y/n]")
            shown.type("y")
            await shown.expect("1 hunk written.")
            assert await shown.ended() == 0
        assert desk.read("calc.py") == before.replace("a - b", "a + b")
        undone = await desk.draftsmith("undo", "--json")
        assert (undone.code, undone.json["results"][0]["status"]) == (0, "reverted"), undone
        assert desk.read("calc.py") == before


async def test_a_hunk_can_be_edited_before_it_is_accepted(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "edit") as desk:
        await desk.proposal()
        before = desk.read("calc.py")
        async with desk.terminal("review", EDITOR="sed -i s/a.+.b/sum((a,b))/") as shown:
            await shown.expect("+     return a + b")
            shown.type("e")
            await shown.expect("+     return sum((a,b))")
            shown.type("a")
            await shown.expect("Write it? [Y/n]")
            shown.type("y")
            assert await shown.ended() == 0
        assert desk.read("calc.py") == before.replace("a - b", "sum((a,b))")
        shown_again = await desk.draftsmith("show")
        assert "edited by hand after the gates had run" in shown_again.out, shown_again


async def test_a_hunk_that_was_decided_elsewhere_does_not_lose_the_rest_of_a_review(hub: HubProcess) -> None:
    two: Mapping[Role, Sequence[Mapping[str, Any]]] = {
        **FIX,
        "code": [{**FIX["code"][0], "write": {"path": "new.txt", "content": "new\n"}}, FIX["code"][1]],
    }
    async with desk_with(hub.state_dir, two, "race") as desk:
        await desk.proposal()
        async with desk.terminal("review") as shown:
            await shown.expect("1/2")
            shown.type("a")
            await shown.expect("2/2")
            shown.type("a")
            await shown.expect("Write it? [Y/n]")
            assert (await desk.draftsmith("reject", "--file", "calc.py")).code == 0
            shown.type("y")
            await shown.expect("calc.py:2 was decided meanwhile: rejected.")
            await shown.expect("1 hunk written.")
            await shown.expect("this part alone was not tested")
            assert await shown.ended() == 0
        assert desk.read("new.txt") == "new\n"
        assert "a - b" in desk.read("calc.py")


async def test_leaving_a_review_writes_nothing(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "leave") as desk:
        await desk.proposal()
        before = desk.read("calc.py")
        async with desk.terminal("review") as shown:
            await shown.expect("return a + b")
            shown.type("a")
            await shown.expect("Write it? [Y/n] ")
            shown.type(CTRL_C)
            assert await shown.ended() == 130
        assert desk.read("calc.py") == before


PLAN = {
    "submit_plan": {
        "title": "Mend and extend",
        "summary": "First the fix.",
        "tasks": [
            {"id": "t1", "title": "Fix the sign", "checks": ["python3 -m unittest"], "files": ["calc.py"]},
            {"id": "t2", "title": "Say it in the docstring", "depends_on": ["t1"]},
        ],
    }
}
PLANNED: Mapping[Role, Sequence[Mapping[str, Any]]] = {
    "plan": [PLAN, PLAN],
    "code": [
        FIX["code"][0],
        {"finish": {"summary": "add adds now."}},
        {"edit": {"path": "calc.py", "old": "    return a + b", "new": '    """The sum."""\n    return a + b'}},
        {"finish": {"summary": "The docstring says it."}},
    ],
    "critique": [{"submit_review": {"approved": True, "summary": "Good."}, "times": 0}],
}
QUESTION: Mapping[Role, Sequence[Mapping[str, Any]]] = {
    **FIX,
    "code": [{"ask_user": {"question": "Which sign?", "options": ["plus", "minus"]}}, *FIX["code"]],
}
SLOW: Mapping[Role, Sequence[Mapping[str, Any]]] = {**FIX, "code": [{**FIX["code"][0], "delay": 2.5}, FIX["code"][1]]}


async def test_plan_is_sent_back_with_words_and_then_approved(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, PLANNED, "planned") as desk:
        async with desk.terminal("run", "Fix and document add") as shown:
            shown.type("a\n")  # typed before there is a question, it must not approve what comes
            await shown.expect("2. Say it in the docstring (after 1)")
            await shown.expect("[a/r/e]")
            shown.type("r")
            await shown.expect("What should be different?")
            shown.type("Keep it small, please.\n")
            await shown.expect("Plan rejected")
            await shown.expect("[a/r/e]")
            shown.type("a")
            await shown.expect("Plan approved")
            await shown.expect("1/2 Fix the sign  done")
            await shown.expect("2/2 Say it in the docstring  done")
            assert await shown.ended() == 0
        told = [text for one in desk.vendor.requests if one.asked for _, text in one.asked.messages]
        assert any("Keep it small, please." in text for text in told)


async def test_question_answered_elsewhere_goes_away(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, QUESTION, "question") as desk, desk.terminal("run", "Fix it") as shown:
        await shown.expect("1  plus")
        await shown.expect("> ")
        other = await hub.connect("vscode")
        line = (await desk.draftsmith("sessions", "--json", "--limit", "1")).json
        held = await read_session(other, line["session_id"])
        (asked,) = [one for one in held.of("decision", DecisionEntity) if one["state"] == "open"]
        params = {"session_id": held.session_id, "decision_id": asked["id"], "answer": "plus"}
        await other.acknowledge("decision/answer", params)
        await other.close()
        await shown.expect("Answered by vscode: plus")
        await shown.expect("Proposed:")
        assert await shown.ended() == 0


async def test_without_a_terminal_a_question_ends_the_watching_and_can_be_answered(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, QUESTION, "unasked") as desk:
        waiting = await desk.draftsmith("run", "Fix it")
        assert waiting.code == 6, waiting
        assert "Which sign?" in waiting.out
        session_id = (await desk.draftsmith("sessions", "--json", "--limit", "1")).json["session_id"]
        refused = await desk.draftsmith("answer", session_id, "sideways", "--decision", "none", "--json")
        assert json.loads(refused.err)["error"]["code"] == "no_open_decision"
        answered = await desk.draftsmith("answer", session_id[:-2], "minus")
        assert answered.code == 0
        assert answered.out.startswith("Which sign?\n✓ Answered: minus\n")
        done = await desk.draftsmith("attach")
        assert done.code == 0, done
        assert "Proposed: 1 hunk in 1 file" in done.out


async def test_ctrl_c_leaves_and_the_session_goes_on(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, SLOW, "leaving") as desk:
        async with desk.terminal("run", "Fix the test") as shown:
            await shown.expect("Coding")
            shown.type(CTRL_C)
            await shown.expect("Leaving; the session goes on.")
            await shown.expect("draftsmith cancel s_")
            assert await shown.ended() == 130
        attached = await desk.draftsmith("attach")
        assert (attached.code, "Proposed" in attached.out) == (0, True), attached


async def test_second_ctrl_c_cancels_and_resume_goes_on(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, {**SLOW, "code": [SLOW["code"][0], *FIX["code"]]}, "cancelling") as desk:
        async with desk.terminal("run", "Fix the test") as shown:
            await shown.expect("Coding")
            shown.type(CTRL_C)
            await shown.expect("Leaving")
            shown.type(CTRL_C)
            await shown.expect("Cancelled; nothing is lost.")
            assert await shown.ended() == 130
        assert (await desk.draftsmith("attach", "--json")).lines[-1]["status"] == "cancelled"
        resumed = await desk.draftsmith("resume", "--steps", "200")
        assert (resumed.code, "Proposed" in resumed.out) == (0, True), resumed


async def test_hostile_words_of_the_model_do_nothing_to_the_terminal(hub: HubProcess) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2Jlook\u202e here\x1b[31m"
    code = [{**FIX["code"][0], "say": hostile}, {"finish": {"summary": hostile}}]
    async with desk_with(hub.state_dir, {**FIX, "code": code}, "hostile") as desk:
        async with desk.terminal("run", "Fix the test") as shown:
            await shown.expect("look here")
            assert await shown.ended() == 0
        assert b"\x1b]0;" not in shown.raw
        assert b"\x1b[2J" not in shown.raw
        assert "\u202e" not in shown.raw.decode()
        for command in ("show", "export"):
            shown_text = (await desk.draftsmith(command)).out
            assert "look here" in shown_text
            assert not {"\x1b", "\x07", "\u202e"} & set(shown_text)
