"""Hunks go where the newest text is, and what is said of them is what stands in buffers and files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.hub.editors import NEW, TEN, Desk, accept, desk, editor, quicken, settled, until

from draftsmith.hub import applying as hub_applying
from draftsmith.hub import observing as hub_observing
from draftsmith.workspace.sides import read_tree_file


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, {"f": TEN.encode()}, {"f": NEW.encode()}) as made:
        yield made


async def test_a_hunk_goes_to_the_buffer_and_saving_brings_it_to_disk(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    assert await accept(there, one, there.hunks[0]) == ["in_buffer"]
    assert one.text(path) == TEN.replace("line 2\n", "two\n")
    assert there.disk() == TEN.encode()
    assert await there.statuses() == ["in_buffer", "pending"]
    one.save(path)
    await settled(there, one)
    assert await there.statuses() == ["on_disk", "pending"]
    await one.cut()


async def test_undo_in_the_editor_makes_it_pending_and_redo_brings_it_back(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    await accept(there, one, *there.hunks)
    assert await there.statuses() == ["in_buffer", "in_buffer"]
    one.undo(path)
    await settled(there, one)
    assert await there.statuses() == ["pending", "pending"]
    one.redo(path)
    await settled(there, one)
    assert await there.statuses() == ["in_buffer", "in_buffer"]
    await one.cut()


async def test_what_was_typed_just_then_is_merged_and_not_lost(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    typed = TEN.replace("line 5\n", "line 5, mine\n")
    one.meanwhile = [lambda: one.type(path, typed)]
    assert await accept(there, one, *there.hunks) == ["in_buffer", "in_buffer"]
    assert one.text(path) == NEW.replace("line 5\n", "line 5, mine\n")
    assert len(one.edits) == 2, "the refused edit, and the one that was merged anew"
    await one.cut()


async def test_unsaved_text_in_the_same_place_is_a_conflict_and_is_left_alone(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    mine = TEN.replace("line 2\n", "mine\n")
    one.type(path, mine)
    await settled(there, one)
    assert await accept(there, one, *there.hunks) == ["conflicted", "in_buffer"]
    assert one.text(path) == mine.replace("line 8\n", "line 8\nextra\n")
    await one.cut()


async def test_an_editor_that_refuses_again_and_again_is_shown_as_a_conflict(there: Desk) -> None:
    one = await editor(there)
    one.refuses = 3
    assert await accept(there, one, there.hunks[0]) == ["conflicted"]
    assert (await there.notes())[0] == (
        "vscode did not take the change, tried several times. The editor does not want to."
    )
    assert one.text(there.root / "f") == TEN == there.disk().decode()
    assert await accept(there, one, there.hunks[0]) == ["in_buffer"]
    await one.cut()


async def test_what_one_editor_says_no_to_once_is_tried_again(there: Desk) -> None:
    one = await editor(there)
    one.refuses = 1
    assert await accept(there, one, there.hunks[0]) == ["in_buffer"]
    await one.cut()


async def test_closing_unsaved_makes_it_pending_again(there: Desk) -> None:
    one = await editor(there)
    await accept(there, one, *there.hunks)
    one.close(there.root / "f")
    await settled(there, one)
    assert await there.statuses() == ["pending", "pending"]
    assert (await there.notes())[0] == "It was closed unsaved."
    assert await accept(there, one, *there.hunks) == ["on_disk", "on_disk"], "nobody holds it now"
    assert there.disk().decode() == NEW
    await one.cut()


async def test_a_terminal_accepts_into_the_editor_that_holds_the_file(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    one.type(path, TEN + "mine, unsaved\n")
    await settled(there, one)
    terminal = await editor(there, "cli", open_it=False)
    assert await accept(there, terminal, *there.hunks) == ["in_buffer", "in_buffer"]
    assert one.text(path) == NEW + "mine, unsaved\n"
    assert there.disk().decode() == TEN
    await terminal.cut()
    await one.cut()


async def test_of_two_editors_the_one_that_accepts_gets_it(there: Desk) -> None:
    one, two = await editor(there, "vscode"), await editor(there, "neovim")
    path = there.root / "f"
    assert await accept(there, two, there.hunks[0]) == ["in_buffer"]
    assert one.text(path) == TEN
    assert two.text(path) == TEN.replace("line 2\n", "two\n")
    await one.cut()
    await two.cut()


async def test_unsaved_text_in_another_editor_is_a_conflict_that_says_where(there: Desk) -> None:
    one, two = await editor(there, "vscode"), await editor(there, "neovim")
    path = there.root / "f"
    one.type(path, TEN + "mine\n")
    await settled(there, one)
    assert await accept(there, two, there.hunks[0]) == ["conflicted"]
    assert (await there.notes())[0].startswith("vscode has unsaved changes of this file")
    assert (one.text(path), two.text(path), there.disk().decode()) == (TEN + "mine\n", TEN, TEN)
    one.undo(path)
    await settled(there, one)
    assert await accept(there, two, there.hunks[0]) == ["in_buffer"]
    await one.cut()
    await two.cut()


async def test_the_session_undoes_in_the_buffer_what_it_put_there(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    await accept(there, one, *there.hunks)
    one.type(path, one.text(path) + "mine\n")
    await settled(there, one)
    answer = await one.call("proposal/undo", {"session_id": there.session_id}, object)
    assert [found["status"] for found in answer["results"]] == ["reverted", "reverted"]
    assert one.text(path) == TEN + "mine\n"
    one.undo(path)
    await settled(there, one)
    assert await there.statuses() == ["in_buffer", "in_buffer"], "the undo was undone in the editor"
    await one.cut()


async def test_what_was_saved_is_undone_in_the_buffer_too(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    await accept(there, one, *there.hunks)
    one.save(path)
    await settled(there, one)
    await one.call("proposal/undo", {"session_id": there.session_id}, object)
    await settled(there, one)
    assert (one.text(path), there.disk().decode()) == (TEN, NEW)
    assert await there.statuses() == ["reverted", "reverted"]
    await one.cut()


async def test_an_edit_on_the_spot_keeps_the_hunk_where_it_is(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    await accept(there, one, *there.hunks)
    one.type(path, one.text(path).replace("two\n", "two, better\n"))
    await settled(there, one)
    assert await there.statuses() == ["in_buffer", "in_buffer"]
    one.save(path)
    await settled(there, one)
    assert await there.statuses() == ["on_disk", "on_disk"]
    one.type(path, one.text(path).replace("extra\n", ""))
    await settled(there, one)
    assert await there.statuses() == ["on_disk", "pending"]
    await one.cut()


async def test_a_connection_that_breaks_and_comes_back_changes_nothing(there: Desk) -> None:
    one = await editor(there)
    await accept(there, one, there.hunks[0])
    await one.cut()
    await one.connect()
    await settled(there, one)
    assert await there.statuses() == ["in_buffer", "pending"]
    await one.cut()


async def test_an_editor_that_never_comes_back_leaves_what_the_disk_has(there: Desk) -> None:
    one = await editor(there)
    await accept(there, one, there.hunks[0])
    await one.cut()
    await settled(there)
    assert await there.statuses() == ["pending", "pending"]
    assert there.disk().decode() == TEN


async def test_an_editor_that_dies_while_it_is_asked_leaves_the_hunk_pending(there: Desk) -> None:
    one = await editor(there)
    one.silent = True
    asked = asyncio.ensure_future(accept(there, await editor(there, "cli", open_it=False), there.hunks[0]))
    await until(lambda: "buffers/apply" in one.asked)
    await one.cut()
    assert await asked == ["pending"]
    assert (await there.notes())[0].startswith("The connection to vscode ended.")
    one.silent = False
    await one.connect()
    await settled(there, one)
    assert await there.statuses() == ["pending", "pending"]


async def test_a_hub_that_dies_before_the_editor_was_asked_asks_when_it_is_back(there: Desk) -> None:
    one = await editor(there)
    one.silent = True
    cli = await editor(there, "cli", open_it=False)
    asked = asyncio.ensure_future(
        cli.call("proposal/accept", {"session_id": there.session_id, "hunk_ids": there.hunks}, object)
    )
    await there.applying(True)
    await there.world.crash()
    asked.cancel()
    one.silent = False
    await asyncio.gather(there.world.hub.recover(), one.reconnect())
    await settled(there, one)
    await there.applying(False)
    assert await there.statuses() == ["in_buffer", "in_buffer"], await there.notes()
    assert one.text(there.root / "f") == NEW


async def test_a_hub_that_dies_after_the_edit_does_not_apply_it_twice(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    one.mute = True
    cli = await editor(there, "cli", open_it=False)
    asked = asyncio.ensure_future(
        cli.call("proposal/accept", {"session_id": there.session_id, "hunk_ids": there.hunks}, object)
    )
    await until(lambda: one.text(path) == NEW)
    await there.world.crash()
    asked.cancel()
    one.mute = False
    await asyncio.gather(there.world.hub.recover(), one.reconnect())
    await settled(there, one)
    await there.applying(False)
    assert await there.statuses() == ["in_buffer", "in_buffer"]
    assert (one.text(path), len(one.edits)) == (NEW, 1)
    await one.cut()


async def test_after_a_restart_hunks_in_buffers_are_looked_for_again(there: Desk) -> None:
    one = await editor(there)
    await accept(there, one, *there.hunks)
    await there.world.crash()
    await asyncio.gather(there.world.hub.recover(), one.reconnect())
    await settled(there, one)
    assert await there.statuses() == ["in_buffer", "in_buffer"]
    one.undo(there.root / "f")
    await settled(there, one)
    assert await there.statuses() == ["pending", "pending"]
    await one.cut()


async def test_a_further_round_begins_on_the_text_that_is_in_the_editor(there: Desk) -> None:
    one = await editor(there)
    path = there.root / "f"
    assert await accept(there, one, there.hunks[0]) == ["in_buffer"]
    one.type(path, one.text(path) + "mine\n")
    await settled(there, one)
    await one.call("session/message", {"session_id": there.session_id, "text": "More of it."}, object)
    host = await there.host()
    await until(lambda: host.state.status == "working")
    store = await there.world.hub.workspaces.store(host.state.workspace_id)
    assert host.state.base is not None
    assert await read_tree_file(store, host.state.base, 0, "f") == one.text(path).encode()
    assert there.disk().decode() == TEN
    await one.cut()


async def test_an_apply_to_disk_that_the_last_hub_did_not_finish_is_told_as_done(
    there: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = hub_applying.carry_out, asyncio.Event()

    async def carry_out_and_stop(*arguments: Any) -> Any:
        done = await real(*arguments)
        written.set()
        await asyncio.Event().wait()
        return done

    cli = await editor(there, "cli", open_it=False)
    with monkeypatch.context() as patched:
        patched.setattr(hub_applying, "carry_out", carry_out_and_stop)
        asked = asyncio.ensure_future(
            cli.call("proposal/accept", {"session_id": there.session_id, "hunk_ids": there.hunks}, object)
        )
        await written.wait()
    await there.world.crash()
    asked.cancel()
    await there.world.hub.recover()
    await there.applying(False)
    assert await there.statuses() == ["on_disk", "on_disk"], await there.notes()
    assert there.disk().decode() == NEW
    await cli.cut()


async def test_a_file_that_is_changed_back_on_disk_is_seen(there: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = await editor(there, "cli", open_it=False)
    monkeypatch.setattr(hub_observing, "WATCH_SECONDS", 0.02)
    monkeypatch.setattr(hub_observing, "now_ms", lambda: 1_000)
    there.world.hub.spawn(there.world.hub.observing.watch_files())
    assert await accept(there, cli, *there.hunks) == ["on_disk", "on_disk"]
    (there.root / "f").write_text(NEW.replace("two\n", "line 2\n"))
    host = await there.host()
    await until(lambda: host.state.proposal is not None and host.state.proposal.hunks[0].status == "pending")
    assert (await there.notes())[0] == "It is no longer in the file."
    (there.root / "f").write_text(NEW)
    await until(lambda: host.state.proposal is not None and host.state.proposal.hunks[0].status == "on_disk")
    await cli.cut()
