"""Hunks in editors' buffers, with real processes: what is applied, merged, refused, undone, and seen to be so."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.editors.applying.person import LINES, Person, edits, table
from harness.lsp_client import PLAIN, lsp_client

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


async def test_two_editors_on_one_file_keep_their_own_text(state_dir: Path, tmp_path: Path) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        one, path = there.person, there.ed.root / "f.txt"
        async with lsp_client(state_dir) as client:
            await client.initialize(there.ed.root, options={"client": "second"})
            two = Person(client)
            first, second = one.open(path), two.open(path)
            await there.held(2)
            one.type(first, f"line 5{SMILE}", "one's own\n")
            await asyncio.sleep(0.5)
            assert await there.accept() == ["in_buffer", "in_buffer"], "the unsaved text is the newest"
            assert (first.text, second.text) == (DONE.replace(f"line 5{SMILE}", "one's own\n"), LINES)
            async with there.terminal() as terminal:
                await terminal.call("proposal/undo", {"session_id": there.session_id})
            await there.become("reverted", "reverted")
            two.type(second, f"line 12{SMILE}", "two's own\n")
            await asyncio.sleep(0.5)
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
        await asyncio.sleep(0.5)
        assert await there.accept() == ["conflicted"]
        there.person.undo(buffer)
        await asyncio.sleep(0.5)
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
