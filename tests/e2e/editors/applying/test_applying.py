"""Hunks in editors' buffers, with real processes: what is applied, merged, refused, undone, and seen to be so."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from draftsmith.client.messages import DecideResult
from e2e.editors.applying.person import LINES, Person, edits, table
from e2e.editors.lsp.editing import lenses, titled
from harness.lsp_client import PLAIN, Buffer, Refused, lsp_client, run

SMILE = " \U0001f600 na\u00efve\n"
CODE = edits(f_txt=[(f"line 2{SMILE}", "two \U0001f600\n"), (f"line 9{SMILE}", f"line 9{SMILE}more\n")])
DONE = LINES.replace(f"line 2{SMILE}", "two \U0001f600\n").replace(f"line 9{SMILE}", f"line 9{SMILE}more\n")


async def test_a_terminal_accepts_into_an_unsaved_buffer_and_the_editor_undoes_it(
    state_dir: Path, tmp_path: Path
) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        person = there.person
        buffer = person.open(there.ed.root / "f.txt")
        await there.held(1)
        person.type(buffer, f"line 6{SMILE}", "mine \U0001f600\n")
        accepting = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "draftsmith.cli.main", "accept", there.session_id, "--all"),
            env={"DRAFTSMITH_STATE_DIR": str(state_dir), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
        )
        told, _ = await accepting.communicate()
        assert b"in your editor, not saved yet" in told
        assert buffer.text == DONE.replace(f"line 6{SMILE}", "mine \U0001f600\n")
        assert there.ed.disk("f.txt") == LINES
        await there.become("in_buffer", "in_buffer")
        person.undo(buffer)
        await there.become("pending", "pending")
        assert await there.accept(1) == ["in_buffer"]
        buffer.save()
        await there.become("pending", "on_disk")
        assert "mine" in there.ed.disk("f.txt")
        person.undo(buffer)
        await there.become("pending", "pending")
        person.close(buffer)
        await there.become("pending", "on_disk")


async def test_what_is_typed_while_the_edit_is_under_way_is_merged(state_dir: Path, tmp_path: Path) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        person = there.person
        buffer = person.open(there.ed.root / "f.txt")
        await there.held(1)
        person.before_edit = lambda: person.type(buffer, f"line 12{SMILE}", "typed just then\n")
        assert await there.accept() == ["in_buffer", "in_buffer"]
        assert buffer.text == DONE.replace(f"line 12{SMILE}", "typed just then\n")
        assert len(person.edits) == 2
        person.refuse = "The buffer is read-only."
        async with there.terminal() as terminal:
            undone = await terminal.call("proposal/undo", {"session_id": there.session_id})
        assert {one["status"] for one in undone["results"]} == {"in_buffer"}


async def test_an_editor_that_never_takes_it_is_a_conflict_with_its_reason(state_dir: Path, tmp_path: Path) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        buffer = there.person.open(there.ed.root / "f.txt")
        await there.held(1)
        there.person.refuse = "The buffer is read-only."
        assert await there.accept(0) == ["conflicted"]
        assert "The buffer is read-only." in (await there.hunks())[0]["note"]
        assert (buffer.text, there.ed.disk("f.txt"), len(there.person.edits)) == (LINES, LINES, 3)


@pytest.mark.parametrize("said", [None, False], ids=["nothing", "no"])
async def test_a_client_that_says_nothing_of_edits_is_asked_and_one_that_says_no_is_not(
    state_dir: Path, tmp_path: Path, said: bool | None
) -> None:
    workspace = {
        name: value for name, value in PLAIN["workspace"].items() if name not in ("applyEdit", "workspaceEdit")
    }
    workspace |= {} if said is None else {"applyEdit": said}
    capabilities = {**PLAIN, "workspace": workspace}
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE, capabilities=capabilities) as there:
        buffer = there.person.open(there.ed.root / "f.txt")
        await there.held(1)
        found = await there.accept()
        asked = said is None
        assert found == (["in_buffer", "in_buffer"] if asked else ["conflicted", "conflicted"])
        assert (buffer.text, len(there.person.edits)) == ((DONE, 1) if asked else (LINES, 0))


@pytest.mark.parametrize("clients", ["annotations", "plain changes"])
async def test_edits_are_written_as_the_client_understands_them(state_dir: Path, tmp_path: Path, clients: str) -> None:
    annotated = clients == "annotations"
    how = {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}} if annotated else {}
    capabilities = {**PLAIN, "workspace": {**PLAIN["workspace"], "workspaceEdit": how}}
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE, capabilities=capabilities) as there:
        buffer = there.person.open(there.ed.root / "f.txt")
        await there.held(1)
        assert await there.accept() == ["in_buffer", "in_buffer"]
        assert buffer.text == DONE
        (params,) = there.person.edits
        assert params["label"].startswith("Draftsmith: ")
        if annotated:
            (change,) = params["edit"]["documentChanges"]
            assert {one["annotationId"] for one in change["edits"]} == set(params["edit"]["changeAnnotations"])
            assert len(change["edits"]) == 2, "what stays is not replaced"
        else:
            assert list(params["edit"]) == ["changes"]


@pytest.mark.parametrize("typed", [False, True])
async def test_what_was_closed_a_moment_ago_is_written_to_disk(state_dir: Path, tmp_path: Path, *, typed: bool) -> None:
    """The editor says that it closed a document a moment after it did; an apply in that moment finds out by itself."""
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        buffer = there.person.open(there.ed.root / "f.txt")
        await there.held(1)
        names = [one["hunk_id"] for one in await there.hunks()]
        async with there.terminal() as terminal:
            if typed:
                there.person.type(buffer, f"line 6{SMILE}", "thrown away\n")
                await there.unsaved(1)
            # One more change is still to be told: the word of the closing waits behind it.
            there.person.type(buffer, f"line 12{SMILE}", "thrown away, too\n")
            there.person.close(buffer)
            await there.ed.client.request("workspace/executeCommand", {"command": "draftsmith.sessions"})
            params = {"session_id": there.session_id, "hunk_ids": names}
            done = await terminal.connection.call("proposal/accept", params, DecideResult)
        assert [one["status"] for one in done["results"]] == ["on_disk", "on_disk"], done
        assert there.ed.disk("f.txt") == DONE
        assert there.person.edits == []


async def test_two_editors_on_one_file_keep_their_own_text(state_dir: Path, tmp_path: Path) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        one, path = there.person, there.ed.root / "f.txt"
        async with lsp_client(state_dir) as client:
            await client.initialize(there.ed.root, options={"client": "second"})
            two = Person(client)
            first, second = one.open(path), two.open(path)
            await there.held(2)
            one.type(first, f"line 5{SMILE}", "one's own\n")
            await there.unsaved(1)
            assert await there.accept() == ["in_buffer", "in_buffer"], "the unsaved text is the newest"
            assert (first.text, second.text) == (DONE.replace(f"line 5{SMILE}", "one's own\n"), LINES)
            async with there.terminal() as terminal:
                await terminal.call("proposal/undo", {"session_id": there.session_id})
            await there.become("reverted", "reverted")
            two.type(second, f"line 12{SMILE}", "two's own\n")
            await there.unsaved(2)
            assert await there.accept() == ["conflicted", "conflicted"]
            assert "unsaved changes of this file" in (await there.hunks())[0]["note"]
            assert there.ed.disk("f.txt") == LINES
            assert "one's own" in first.text
            assert "two's own" in second.text


async def test_a_file_that_the_editor_holds_is_deleted_by_the_editor(state_dir: Path, tmp_path: Path) -> None:
    files = {"f.txt": LINES, "old.txt": "gone soon\n"}
    code = [{"calls": [{"delete": {"path": "old.txt"}}]}, {"finish": {"summary": "Deleted."}}]
    async with table(state_dir, tmp_path / "ws", files, code) as there:
        buffer = there.person.open(there.ed.root / "old.txt")
        await there.held(1)
        there.person.type(buffer, "gone soon\n", "not so soon\n")
        await there.unsaved(1)
        assert await there.accept() == ["conflicted"]
        there.person.undo(buffer)
        assert await there.accept() == ["in_buffer"]
        assert not (there.ed.root / "old.txt").exists()
        assert there.person.buffers == {}
        await there.become("on_disk")


async def test_a_file_that_the_editor_holds_is_renamed_with_its_buffer_and_back(
    state_dir: Path, tmp_path: Path
) -> None:
    renamed = LINES.replace("line 3 ", "three ")
    code = [
        {
            "calls": [
                {"move": {"source": "f.txt", "destination": "g.txt"}},
                {"edit": {"path": "g.txt", "old": "line 3 ", "new": "three "}},
            ]
        },
        {"finish": {"summary": "Renamed."}},
    ]
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, code) as there:
        root, person = there.ed.root, there.person
        person.open(root / "f.txt")
        await there.held(1)
        assert await there.accept() == ["in_buffer", "in_buffer"]
        (buffer,) = person.buffers.values()
        assert (buffer.path, buffer.text) == (root / "g.txt", renamed)
        assert not (root / "f.txt").exists()
        statuses = {one["path"]: one["status"] for one in await there.hunks()}
        buffer.save()
        await there.become("on_disk", "on_disk")
        assert (root / "g.txt").read_text() == renamed, statuses
        async with there.terminal() as terminal:
            await terminal.call("proposal/undo", {"session_id": there.session_id})
        (buffer,) = person.buffers.values()
        assert (buffer.path, buffer.text) == (root / "f.txt", LINES)
        assert not (root / "g.txt").exists()
        await there.become("reverted", "reverted")


async def test_a_conflict_is_shown_as_three_texts_and_with_markers_and_the_file_is_left_alone(
    state_dir: Path, tmp_path: Path
) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        client, person = there.ed.client, there.person
        buffer = person.open(there.ed.root / "f.txt")
        await there.held(1)
        await lenses(buffer, 7)
        person.type(buffer, f"line 2{SMILE}", "mine \U0001f600\n")
        mine = buffer.text
        assert await there.accept(0) == ["conflicted"]
        found = await lenses(buffer, 8)
        lens = titled(found, "\u26a0 Conflict")
        assert titled(await buffer.actions(lens["range"]), "Show conflict")["kind"] == "quickfix.draftsmith.hunk"
        shown = await run(client, lens)
        document = await client.asked("window/showDocument")
        assert document["uri"] == shown["uri"]
        paper = Path(unquote(urlsplit(shown["uri"]).path)).read_text()
        marked = f"<<<<<<< yours\nmine \U0001f600\n||||||| base\nline 2{SMILE}=======\ntwo \U0001f600\n>>>>>>> draft\n"
        assert marked in paper

        # Each of the texts is a document that any client can ask for.
        sides = {
            side: (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"]
            for side, uri in shown["sides"].items()
        }
        assert (sides["base"], sides["workspace"], sides["draft"]) == (LINES, mine, DONE)
        assert sides["offered"] == LINES.replace(f"line 2{SMILE}", "two \U0001f600\n")
        assert sides["conflict"] == mine.replace("mine \U0001f600\n", marked)
        assert (buffer.text, there.ed.disk("f.txt"), person.edits) == (mine, LINES, [])

        # Making room for it by the editor's undo, and trying again from the document, ends it.
        person.undo(buffer)
        paper_buffer = Buffer(client, Path(unquote(urlsplit(shown["uri"]).path)), paper, "markdown")
        top = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
        await run(client, titled(await paper_buffer.actions(top), "Try again"))
        await there.become("in_buffer", "pending")
        with pytest.raises(Refused, match="no_conflict"):
            await run(client, lens)
