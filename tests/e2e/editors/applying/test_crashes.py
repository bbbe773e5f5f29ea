"""Hub, edge and editor killed while a hunk is on its way into a buffer: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import pytest

from draftsmith.domain.errors import DraftsmithError
from e2e.editors.applying.person import LINES, Person, edits, table
from harness.lsp_client import lsp_client

CODE = edits(f_txt=[("line 2 ", "two "), ("line 9 ", "nine ")])
DONE = LINES.replace("line 2 ", "two ").replace("line 9 ", "nine ")
MINE = ("line 6 ", "mine ")


@pytest.mark.parametrize("done", [True, False], ids=["after the edit", "before the edit"])
async def test_a_hub_killed_while_the_editor_is_asked_ends_with_the_hunks_there_once(
    state_dir: Path, tmp_path: Path, done: bool
) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        person = there.person
        buffer = person.open(there.ed.root / "f.txt")
        await there.held(1)
        person.type(buffer, *MINE)
        person.refuse = "" if done else "Not now."

        def strike() -> None:
            there.ed.hub.process.send_signal(signal.SIGKILL)

        person.before_edit = strike
        with contextlib.suppress(DraftsmithError):
            await there.accept()
        await asyncio.to_thread(there.ed.hub.process.wait, 20)
        person.refuse = ""
        await there.become("in_buffer", "in_buffer")
        assert buffer.text == DONE.replace(*MINE)
        assert len(person.edits) == (1 if done else 2)
        assert there.ed.disk("f.txt") == LINES
        buffer.save()
        await there.become("on_disk", "on_disk")


@pytest.mark.parametrize("done", [True, False], ids=["after the edit", "before the edit"])
async def test_an_edge_killed_while_it_asks_leaves_what_the_editor_has(
    state_dir: Path, tmp_path: Path, done: bool
) -> None:
    async with table(state_dir, tmp_path / "ws", {"f.txt": LINES}, CODE) as there:
        buffer = there.person.open(there.ed.root / "f.txt")
        await there.held(1)
        there.person.type(buffer, *MINE)
        there.person.before_edit = there.ed.client.process.kill
        there.person.refuse = "" if done else "It never saw it."
        assert await there.accept() == ["pending", "pending"]
        assert there.ed.disk("f.txt") == LINES
        async with lsp_client(state_dir) as client:
            await client.initialize(there.ed.root)
            again = Person(client)
            reopened = again.open(there.ed.root / "f.txt", buffer.text)
            await there.held(1)
            if done:
                await there.become("in_buffer", "in_buffer")
            else:
                await there.become("pending", "pending")
                assert await there.accept() == ["in_buffer", "in_buffer"]
            assert reopened.text == DONE.replace(*MINE)
            reopened.save()
            await there.become("on_disk", "on_disk")
