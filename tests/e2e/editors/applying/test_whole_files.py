"""Files that are not open, made and deleted by the editor together with the rest of an accept, and undone with it."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

from draftsmith.domain.errors import DraftsmithError
from e2e.editors.applying.person import LINES, table
from harness.lsp_client import Json, Refused

OPTIONS: Json = {"client": "vscode", "capabilities": {"undoableFiles": True, "inlineDiff": True}}
FRESH = "fresh \U0001f600\n"
FILES = {"f.txt": LINES, "old.txt": "gone soon\n", "other.txt": "as it is\n"}
CODE: list[Json] = [
    {
        "calls": [
            {"edit": {"path": "f.txt", "old": "line 2 ", "new": "two "}},
            {"write": {"path": "new/fresh.txt", "content": FRESH}},
            {"delete": {"path": "old.txt"}},
        ]
    },
    {"finish": {"summary": "Done."}},
]
DONE = LINES.replace("line 2 ", "two ")


async def test_an_accept_comes_by_one_edit_and_goes_by_one_undo(state_dir: Path, tmp_path: Path) -> None:
    async with table(state_dir, tmp_path / "ws", FILES, CODE, options=OPTIONS) as there:
        root, person, client = there.ed.root, there.person, there.ed.client
        buffer = person.open(root / "f.txt")
        await there.held(1)
        names = [one["hunk_id"] for one in await there.hunks()]
        for count in (1, 2):
            done = await client.command("draftsmith.accept", there.session_id, names)
            assert sorted(one["status"] for one in done["results"]) == ["in_buffer", "on_disk", "on_disk"], done
            assert (buffer.text, (root / "new/fresh.txt").read_text()) == (DONE, FRESH)
            assert not (root / "old.txt").exists()
            assert len(person.edits) == count
            person.take_back()
            await there.become("pending", "pending", "pending")
            assert (buffer.text, there.ed.disk("old.txt")) == (LINES, "gone soon\n")
            assert not (root / "new/fresh.txt").exists()

        # A terminal has no undo of that kind: the hub writes what nobody holds.
        assert sorted(await there.accept()) == ["in_buffer", "on_disk", "on_disk"]
        (only,) = person.edits[-1]["edit"]["documentChanges"]
        assert "textDocument" in only
        assert (root / "new/fresh.txt").read_text() == FRESH


async def test_a_client_that_does_not_say_so_is_never_asked_to_make_files(state_dir: Path, tmp_path: Path) -> None:
    async with table(state_dir, tmp_path / "ws", FILES, CODE) as there:
        there.person.open(there.ed.root / "f.txt")
        await there.held(1)
        names = [one["hunk_id"] for one in await there.hunks()]
        await there.ed.client.command("draftsmith.accept", there.session_id, names)
        assert [len(one["edit"]["documentChanges"]) for one in there.person.edits] == [1]
        assert there.ed.disk("new/fresh.txt") == FRESH
        assert not (there.ed.root / "old.txt").exists()


async def test_a_hub_killed_while_the_editor_makes_files_ends_with_them_there_once(
    state_dir: Path, tmp_path: Path
) -> None:
    async with table(state_dir, tmp_path / "ws", FILES, CODE, options=OPTIONS) as there:
        root, person = there.ed.root, there.person
        buffer = person.open(root / "f.txt")
        await there.held(1)
        names = [one["hunk_id"] for one in await there.hunks()]
        person.before_edit = lambda: there.ed.hub.process.send_signal(signal.SIGKILL)
        with contextlib.suppress(DraftsmithError, Refused):
            await there.ed.client.command("draftsmith.accept", there.session_id, names)
        assert there.ed.hub.process.wait(20) is not None
        await there.become("in_buffer", "on_disk", "on_disk")
        assert (buffer.text, (root / "new/fresh.txt").read_text()) == (DONE, FRESH)
        assert not (root / "old.txt").exists()
        assert len(person.edits) == 1


async def test_an_edge_killed_after_the_editor_made_files_leaves_them_and_what_is_said_is_so(
    state_dir: Path, tmp_path: Path
) -> None:
    async with table(state_dir, tmp_path / "ws", FILES, CODE, options=OPTIONS) as there:
        root = there.ed.root
        there.person.open(root / "other.txt")
        await there.held(1)
        names = [one["hunk_id"] for one in await there.hunks()]
        there.person.before_edit = there.ed.client.process.kill
        with contextlib.suppress(ConnectionError):
            await there.ed.client.command("draftsmith.accept", there.session_id, names)
        await there.become("on_disk", "on_disk", "on_disk")
        assert (there.ed.disk("f.txt"), (root / "new/fresh.txt").read_text()) == (DONE, FRESH)
        assert not (root / "old.txt").exists()
