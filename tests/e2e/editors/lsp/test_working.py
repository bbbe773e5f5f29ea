"""Starting, steering and answering from a plain editor: by words, comments and documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from draftsmith.edge.uris import path_of
from e2e.editors.lsp.editing import PROJECT, Editing, editing, lenses, script, titled
from harness.lsp_client import PLAIN, Buffer, Json, LspClient, Refused, run

QUESTION: Json = {"ask_user": {"question": "Which name?", "options": ["Ann", "Bea"]}}
PLAN: Json = {
    "submit_plan": {
        "title": "Two defects",
        "summary": "One after the other.",
        "tasks": [
            {"id": "t1", "title": "Mend add", "files": ["calc.py"]},
            {"id": "t2", "title": "Mend double", "files": ["calc.py"], "depends_on": ["t1"]},
        ],
    }
}
DONE: Json = {"finish": {"summary": "Done."}}


def told(ed: Editing) -> str:
    """Everything that a model was sent."""
    asked = [one.asked for one in ed.vendor.requests if one.asked is not None]
    return "\n".join(text for one in asked for _, text in one.messages)


async def until_proposed(ed: Editing, session_id: str) -> None:
    """The edge says so."""
    await ed.client.notified(
        "$/progress", lambda one: one["token"].endswith(session_id) and "proposed" in one["value"].get("message", "")
    )


async def paper(client: LspClient, kind: str) -> Buffer:
    """The document of ours that the edge showed, opened."""
    shown = await client.asked("window/showDocument", lambda one: f"/{kind}-" in one["uri"])
    path = path_of(shown["uri"])
    assert path is not None
    return Buffer(client, Path(path), Path(path).read_text(), "markdown")


async def test_unsaved_text_is_what_the_session_sees(state_dir: Path, tmp_path: Path) -> None:
    code = [{"read": {"path": "calc.py"}}, {"read": {"path": "win.txt"}}, {"read": {"path": "new.py"}}, DONE]
    async with editing(state_dir, tmp_path / "ws", script(code)) as ed:
        (ed.root / "win.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
        (ed.root / "old.txt").write_bytes(b"caf\xe9\n")
        calc = ed.open()
        calc.replace("a - b", "a - b - 0")
        # Editors show text without its mark, and some with other line ends.
        windows = Buffer(ed.client, ed.root / "win.txt", "one\ntwo\n")
        windows.replace("two", "zwei")
        Buffer(ed.client, ed.root / "new.py", "", "python").replace("", "fresh = 1\n")
        latin = Buffer(ed.client, ed.root / "old.txt", "caf?\n")
        latin.replace("caf?", "café")
        await ed.client.command("draftsmith.start", "Look at the files.")
        said = await ed.client.notified("window/showMessage", lambda one: "old.txt" in one["message"])
        assert "not UTF-8" in said["message"]
        await ed.client.notified("$/progress", lambda one: one["value"]["kind"] == "end")
        heard = told(ed)
        assert "a - b - 0" in heard
        assert "zwei" in heard
        assert "fresh = 1" in heard
        assert ed.disk() == PROJECT["calc.py"]


async def test_a_plan_is_asked_about_shown_edited_and_saved(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", script(plan=[PLAN])) as ed:
        session_id = (await ed.client.command("draftsmith.start", "Mend it."))["session_id"]
        asked = await ed.client.asked("window/showMessageRequest")
        titles = [one["title"] for one in asked["actions"]]
        assert titles == ["approve", "reject", "Show the plan"]
        ed.client.answer("window/showMessageRequest", {"title": "Show the plan"})
        plan = await paper(ed.client, "plan")
        assert "## 2. Mend double" in plan.text
        titled(await plan.actions({"start": plan.position(0), "end": plan.position(0)}), "Approve the plan")
        titled(await plan.lenses(), "Reject the plan")
        plan.replace(plan.text[plan.text.index("## 2.") :], "")
        plan.save()
        await ed.client.notified("window/showMessage", lambda one: "along your plan" in one["message"])
        await until_proposed(ed, session_id)
        assert "Mend double" not in told(ed).split("## 1. Mend add")[-1]


async def test_a_plan_that_cannot_be_read_is_refused_with_its_line(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", script(plan=[PLAN])) as ed:
        await ed.client.command("draftsmith.start", "Mend it.")
        await ed.client.asked("window/showMessageRequest")
        await ed.client.command("draftsmith.plan")
        plan = await paper(ed.client, "plan")
        number = plan.text[: plan.text.index("## 2.")].count("\n") + 2
        plan.replace("## 2. Mend double\n", "## 2. Mend double\nafter: 7\n")
        plan.save()
        said = await ed.client.notified("window/showMessage", lambda one: "not taken" in one["message"])
        assert f"Line {number}" in said["message"]


async def test_a_question_is_answered_in_a_message(state_dir: Path, tmp_path: Path) -> None:
    code = [QUESTION, {"edit": {"path": "a.py", "old": "name", "new": "bea"}}, DONE]
    async with editing(state_dir, tmp_path / "ws", script(code), files={"a.py": "name = 1\n"}) as ed:
        session_id = (await ed.client.command("draftsmith.start", "Rename it."))["session_id"]
        asked = await ed.client.asked("window/showMessageRequest")
        assert [one["title"] for one in asked["actions"]][:2] == ["Ann", "Bea"]
        ed.client.answer("window/showMessageRequest", {"title": "Bea"})
        await until_proposed(ed, session_id)
        assert "Bea" in told(ed)


async def test_a_question_that_was_closed_is_asked_again_and_answered_in_own_words(
    state_dir: Path, tmp_path: Path
) -> None:
    code = [QUESTION, DONE]
    async with editing(state_dir, tmp_path / "ws", script(code)) as ed:
        calc = ed.open()
        await ed.client.command("draftsmith.start", "Rename add.")
        await ed.client.asked("window/showMessageRequest")
        ed.client.answer("window/showMessageRequest", None)
        place = {"start": calc.position(0), "end": calc.position(0)}
        await run(ed.client, titled(await calc.actions(place), "Answer: "))
        await ed.client.until(
            lambda: len([1 for name, _ in ed.client.requests if name.endswith("MessageRequest")]) == 2
        )
        ed.client.answer("window/showMessageRequest", {"title": "In own words …"})
        answer = await paper(ed.client, "answer")
        assert "Which name?" in answer.text
        answer.replace("-->\n", "-->\nCall it Cleo.\n")
        await run(ed.client, titled(await answer.lenses(), "Send the answer"))
        await ed.client.notified("$/progress", lambda one: one["value"]["kind"] == "end")
        assert "Call it Cleo." in told(ed)
        with pytest.raises(Refused, match="no_open_decision"):
            await ed.client.command("draftsmith.submit", answer.uri)


async def test_a_request_is_written_in_a_document(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        calc = ed.open()
        await run(ed.client, titled(await calc.actions(calc.at("return a - b")), "Change with Draftsmith"))
        request = await paper(ed.client, "request")
        assert "`calc.py`, lines 2 to 2" in request.text
        start = titled(await request.lenses(), "Start with Draftsmith")
        empty = Buffer(ed.client, request.path.with_name("request-1.md"), "<!-- x -->\n", "markdown")
        with pytest.raises(Refused, match="empty_task"):
            await ed.client.command("draftsmith.submit", empty.uri)
        request.replace("-->\n", "-->\nMake it right.\n")
        session_id = (await run(ed.client, start))["session_id"]
        await until_proposed(ed, session_id)
        assert "Make it right." in told(ed)
        assert "Write below" not in told(ed)
        # Without `showDocument` the place of the document is said instead.
        bare = {**PLAIN, "window": {"workDoneProgress": True}}
        async with ed.another(capabilities=bare) as other:
            uri = (await other.command("draftsmith.request"))["uri"]
            said = await other.notified("window/showMessage", lambda one: "request-" in one["message"])
            assert str(path_of(uri)) in said["message"]


async def test_what_a_comment_says_is_done(state_dir: Path, tmp_path: Path) -> None:
    files = {"a.py": "x = 1\n# Make x two,\n# please.\n"}
    code = [{"edit": {"path": "a.py", "old": "x = 1\n# Make x two,\n# please.\n", "new": "x = 2\n"}}, DONE]
    async with editing(state_dir, tmp_path / "ws", script(code), files=files) as ed:
        buffer = ed.open("a.py")
        line = {"line": 1, "character": 4}
        action = titled(await buffer.actions({"start": line, "end": line}), "Do what this comment says")
        await run(ed.client, action)
        await lenses(buffer, 3)
        assert "Make x two,\nplease." in told(ed)


async def test_an_explanation_changes_nothing_and_is_said(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", script([{"finish": {"summary": "It subtracts."}}])) as ed:
        calc = ed.open()
        explain = titled(await calc.actions(calc.at("return a - b")), "Explain with Draftsmith")
        assert explain["kind"].startswith("source")
        await run(ed.client, explain)
        await ed.client.notified("window/showMessage", lambda one: "It subtracts." in one["message"])


async def test_work_is_stopped_by_the_editors_own_progress(state_dir: Path, tmp_path: Path) -> None:
    slow = [{"say": "word " * 200, "chunk_delay": 0.2, "calls": [{"read": {"path": "calc.py"}}]}]
    async with editing(state_dir, tmp_path / "ws", script(slow)) as ed:
        await ed.client.command("draftsmith.start", "Take your time.")
        begun = await ed.client.notified("$/progress", lambda one: one["value"]["kind"] == "begin")
        ed.client.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
        ended = await ed.client.notified("$/progress", lambda one: one["value"]["kind"] == "end")
        assert ended["value"]["message"] == "cancelled"


async def test_the_reviews_remarks_are_diagnostics_until_they_are_resolved(state_dir: Path, tmp_path: Path) -> None:
    finding = {"path": "calc.py", "line": 2, "severity": "major", "message": "Sign lost.", "remedy": "Use +."}
    review = [
        {"submit_review": {"approved": False, "summary": "No.", "findings": [finding]}},
        {"submit_review": {"approved": True, "summary": "Good."}},
    ]
    code = [
        {"edit": {"path": "calc.py", "old": "a - b", "new": "abs(a) - b"}},
        DONE,
        {"edit": {"path": "calc.py", "old": "abs(a) - b", "new": "a + b"}, "delay": 1.0},
        DONE,
    ]
    async with editing(state_dir, tmp_path / "ws", script(code, critique=review)) as ed:
        calc = ed.open()
        session_id = (await ed.client.command("draftsmith.start", "Mend add."))["session_id"]
        shown = await ed.client.notified("textDocument/publishDiagnostics", lambda one: bool(one["diagnostics"]))
        assert shown["uri"] == calc.uri
        assert shown["version"] == 1
        (diagnostic,) = shown["diagnostics"]
        assert (diagnostic["severity"], diagnostic["code"], diagnostic["source"]) == (2, "review/major", "draftsmith")
        assert diagnostic["message"] == "Sign lost.\nUse +."
        assert diagnostic["range"]["start"] == {"line": 1, "character": 0}
        await until_proposed(ed, session_id)
        await ed.client.until(
            lambda: (
                [one for name, one in ed.client.notifications if name.endswith("publishDiagnostics")][-1]["diagnostics"]
                == []
            )
        )


async def test_commands_that_make_no_sense_are_refused_with_what_to_do(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        cases: list[tuple[list[object], str]] = [
            (["draftsmith.cancel"], "unknown_session"),
            (["draftsmith.summary", "s_none"], "unknown_session"),
            (["draftsmith.accept", "s_none"], "Argument 2"),
            (["draftsmith.acceptFile", "file:///nowhere"], "no_pending_hunk"),
            (["draftsmith.fix", "file:///nowhere"], "not_open"),
            (["draftsmith.submit", "file:///nowhere"], "not_a_paper"),
            (["draftsmith.start", "  "], "Argument 1"),
        ]
        for (name, *arguments), reason in cases:
            with pytest.raises(Refused, match=reason):
                await ed.client.command(str(name), *arguments)
        calc = ed.open()
        with pytest.raises(Refused, match="no_comment"):
            await ed.client.command("draftsmith.comment", calc.uri)
        with pytest.raises(Refused, match="nothing_to_fix"):
            await ed.client.command("draftsmith.fix", calc.uri)


async def test_without_a_folder_the_documents_own_is_worked_on(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        gone = {"added": [], "removed": [{"uri": ed.root.as_uri(), "name": "ws"}]}
        ed.client.notify("workspace/didChangeWorkspaceFolders", {"event": gone})
        with pytest.raises(Refused, match="unknown_folder"):
            await ed.client.command("draftsmith.start", "Mend it.")
        calc = ed.open()
        await ed.client.command("draftsmith.change", calc.uri, calc.at("a - b"), "Mend it.")
        await lenses(calc, 7)


async def test_several_folders_are_one_workspace(state_dir: Path, tmp_path: Path) -> None:
    code = [{"edit": {"path": "more/b.py", "old": "1", "new": "2"}}, DONE]
    async with editing(state_dir, tmp_path / "ws", script(code)) as ed:
        more = tmp_path / "more"
        more.mkdir()
        (more / "b.py").write_text("b = 1\n")
        added = {"added": [{"uri": more.as_uri(), "name": "more"}], "removed": []}
        ed.client.notify("workspace/didChangeWorkspaceFolders", {"event": added})
        buffer = Buffer(ed.client, more / "b.py", "b = 1\n")
        await ed.client.command("draftsmith.start", "Make b two.")
        found = await lenses(buffer, 3)
        await run(ed.client, titled(found, "Why?"))
        why = await paper(ed.client, "why")
        assert "+b = 2" in why.text
