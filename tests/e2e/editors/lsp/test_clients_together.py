"""Several clients on one session at once, a terminal and plain LSP clients: same states, a question answered once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from draftsmith.client.messages import AttachResult, DecideResult, Empty, SessionRef
from draftsmith.domain.errors import IllegalCommand, UserError
from e2e.editors.lsp.editing import MEND, PROJECT, Editing, applied, editing, lenses, script, titled
from harness.lsp_client import WAIT_S, Buffer, LspClient, Refused, run

QUESTION = {"ask_user": {"question": "Which way?", "options": ["left", "right"]}}


async def states(ed: Editing, session_id: str) -> dict[str, str]:
    """Hunk by hunk, as a client that comes now is told."""
    terminal = await ed.terminal()
    try:
        result = await terminal.call("session/attach", {"session_id": session_id}, AttachResult)
        assert result["snapshot"] is not None
        return {one["id"]: one["status"] for one in result["snapshot"]["entities"] if one["kind"] == "hunk"}
    finally:
        await terminal.close()


async def become(ed: Editing, session_id: str, wanted: list[str]) -> None:
    """Wait until the hunks are in these states."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if sorted((await states(ed, session_id)).values()) == wanted:
                return
            await asyncio.sleep(0.05)


async def settled(client: LspClient, session_id: str) -> dict[str, Any]:
    """The session as this editor's edge knows it, once no hunk of it waits."""
    async with asyncio.timeout(WAIT_S):
        while True:
            for one in (await client.command("draftsmith.sessions"))["sessions"]:
                if one["session_id"] == session_id and not one["waiting_hunks"]:
                    return one
            await asyncio.sleep(0.05)


async def placed(client: LspClient, uri: str, count: int) -> dict[str, Any]:
    """The document's hunks, once there are so many."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await client.request("draftsmith/hunks", {"uri": uri})
            if len(found["hunks"]) == count:
                return found
            await asyncio.sleep(0.05)


async def test_what_a_terminal_starts_is_seen_answered_and_decided_in_editors(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", script([QUESTION, *MEND])) as ed:
        terminal = await ed.terminal()
        params = {"folders": [str(ed.root)], "request": "Mend it.", "model": "openai_compatible/m"}
        session_id = (await terminal.call("session/start", params, SessionRef))["session_id"]
        async with ed.another() as second:
            first = ed.client
            calc, other = ed.open(), Buffer(second, ed.root / "test_calc.py", PROJECT["test_calc.py"])
            await first.asked("window/showMessageRequest")
            await second.asked("window/showMessageRequest")
            first.answer("window/showMessageRequest", {"title": "left"})

            # The other editor's question is withdrawn; whoever answers all the same is told so.
            await second.until(lambda: second.withdrawn, "the withdrawal of the question")
            second.answer("window/showMessageRequest", {"title": "right"})
            result = await terminal.call("session/attach", {"session_id": session_id}, AttachResult)
            assert result["snapshot"] is not None
            (asked,) = (one for one in result["snapshot"]["entities"] if one["kind"] == "decision")
            assert (asked["answer"], asked["state"]) == ("left", "answered")
            late = {"session_id": session_id, "decision_id": asked["id"], "answer": "right"}
            with pytest.raises((UserError, IllegalCommand), match=r"[Aa]nswer"):
                await terminal.call("decision/answer", late, Empty)
            with pytest.raises(Refused, match="illegal_command"):
                await second.command("draftsmith.answer", session_id, asked["id"], "right")

            # All see the proposal, and each other's decisions.
            found = await lenses(calc, 7)
            assert await other.lenses() == []
            hunks = sorted(await states(ed, session_id))
            await run(first, titled(found[3:], "✗ Reject"))
            await lenses(calc, 3)
            left = [one for one, state in (await states(ed, session_id)).items() if state == "pending"]
            first.answers["workspace/applyEdit"] = lambda params: applied(calc, params)
            done = await terminal.call("proposal/accept", {"session_id": session_id, "hunk_ids": left}, DecideResult)
            # It goes into the buffer of the editor that holds the file; saving it there puts it on disk.
            assert [one["status"] for one in done["results"]] == ["in_buffer"], done
            calc.save()
            await become(ed, session_id, ["on_disk", "rejected"])
            assert sorted(await states(ed, session_id)) == hunks
            with pytest.raises(Refused, match="no_pending_hunk"):
                await second.command("draftsmith.acceptAll", session_id)
            for client in (first, second):
                assert (await settled(client, session_id))["status"] == "finished"
        await terminal.close()


async def test_a_client_that_asked_for_it_gets_the_hubs_own_protocol(state_dir: Path, tmp_path: Path) -> None:
    options = {"client": "vscode", "capabilities": {"questions": True, "sessionView": True, "inlineDiff": True}}
    async with editing(state_dir, tmp_path / "ws", script([QUESTION, *MEND]), options=options) as ed:
        client, calc = ed.client, ed.open()
        await client.notified("draftsmith/hubState", lambda one: one["state"] == "connected")
        params = {"folders": [str(ed.root)], "request": "Mend it.", "model": "openai_compatible/m"}
        session_id = (await client.request("draftsmith/session/start", params))["session_id"]
        result = await client.request("draftsmith/session/attach", {"session_id": session_id})
        seq, epoch = result["snapshot"]["seq"], result["snapshot"]["epoch"]
        waiting = await client.notified(
            "draftsmith/session/update",
            lambda one: any(entity["kind"] == "decision" for entity in one["entities"]),
        )
        (question,) = (one for one in waiting["entities"] if one["kind"] == "decision")
        answer = {"session_id": session_id, "decision_id": question["id"], "answer": "left"}
        await client.request("draftsmith/decision/answer", answer)
        await client.notified("draftsmith/hunksChanged", lambda one: one["uri"] == calc.uri)
        found = await placed(client, calc.uri, 2)
        assert [one["range"]["start"]["line"] for one in found["hunks"]] == [1, 5]
        assert found["hunks"][0]["after"] == "    return a + b\n"

        # Places follow what the user types, and the sides can be read.
        calc.replace("def add", "# new\n# lines\ndef add")
        found = await client.request("draftsmith/hunks", {"uri": calc.uri})
        assert (found["version"], [one["range"]["start"]["line"] for one in found["hunks"]]) == (2, [3, 7])
        texts: dict[str, str] = {}
        for side in ("base", "draft", "workspace", "proposed"):
            asked = {"session_id": session_id, "path": str(calc.path), "side": side}
            texts[side] = (await client.request("draftsmith/text", asked))["text"]
        mended = PROJECT["calc.py"].replace("a - b", "a + b").replace("a + a + a", "a + a")
        assert texts["base"] == PROJECT["calc.py"]
        assert texts["draft"] == mended
        assert texts["workspace"] == calc.text
        assert texts["proposed"] == mended.replace("def add", "# new\n# lines\ndef add")
        uri = f"draftsmith:/draft/{session_id}{calc.path}"
        assert (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"] == mended

        # Every update came, in order; nothing was asked and nothing said that the client shows itself.
        updates = [one for name, one in client.notifications if name == "draftsmith/session/update"]
        assert [one["seq"] for one in updates] == list(range(seq + 1, seq + 1 + len(updates)))
        assert {one["epoch"] for one in updates} == {epoch}
        assert not [name for name, _ in client.requests if name in ("window/showMessageRequest", "window/showMessage")]
        with pytest.raises(Refused, match="unknown_session"):
            await client.request("draftsmith/session/attach", {"session_id": "s_none"})
        with pytest.raises(Refused, match="unknown_method"):
            await client.request("draftsmith/no/such", {})


async def test_the_editors_diagnostics_reach_the_agent_for_the_version_they_speak_of(
    state_dir: Path, tmp_path: Path
) -> None:
    options = {"client": "vscode", "capabilities": {"diagnostics": True}}
    async with editing(state_dir, tmp_path / "ws", options=options) as ed:
        calc = ed.open()
        place = calc.at("a - b")
        finding = {"range": place, "message": "Wrong sign", "source": "checker"}
        shown: dict[str, Any] = {"uri": calc.uri, "version": 1, "diagnostics": [finding]}
        ed.client.answers["draftsmith/client/diagnostics"] = lambda _: {"documents": [shown]}
        calc.replace("def double", "def  double")
        with pytest.raises(Refused, match="nothing_to_fix"):
            await ed.client.command("draftsmith.fix", calc.uri, place)
        shown["version"] = 2
        await ed.client.command("draftsmith.fix", calc.uri, place)
        await lenses(calc, 7)
        asked = [one.asked for one in ed.vendor.requests if one.asked is not None]
        assert any("line 2: Wrong sign (checker)" in text for one in asked for _, text in one.messages)


async def test_an_editor_without_lenses_marks_hunks_and_offers_everything_as_actions(
    state_dir: Path, tmp_path: Path
) -> None:
    bare = {"workspace": {"applyEdit": True}, "textDocument": {}, "window": {}}
    async with editing(state_dir, tmp_path / "ws", capabilities=bare) as ed:
        calc = ed.open()
        session_id = (await ed.client.command("draftsmith.start", "Mend it."))["session_id"]
        marks = await ed.client.notified("textDocument/publishDiagnostics", lambda one: len(one["diagnostics"]) == 2)
        assert [one["code"] for one in marks["diagnostics"]] == ["hunk/pending", "hunk/pending"]
        assert "version" not in marks
        actions = await calc.actions(marks["diagnostics"][0]["range"], *marks["diagnostics"][:1])
        # Without literals they are commands; a mark of ours is nothing to be fixed by us.
        assert {one["command"] for one in actions} >= {
            *("draftsmith.accept", "draftsmith.reject", "draftsmith.why", "draftsmith.acceptFile"),
            *("draftsmith.rejectFile", "draftsmith.acceptAll", "draftsmith.summary"),
        }
        assert "draftsmith.fix" not in {one["command"] for one in actions}
        await ed.client.command("draftsmith.rejectAll", session_id)
        await ed.client.notified("textDocument/publishDiagnostics", lambda one: one["diagnostics"] == [])
        assert not [name for name, _ in ed.client.requests if name.startswith("window/workDone")]
