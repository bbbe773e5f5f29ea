"""The hub dies at every border between an intent and its outcome: what ends in a buffer ends there once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.hub.editors import NEW, TEN, Desk, ModelEditor, accept, desk, editor, quicken, settled

from draftsmith.domain.proposal import APPLIED
from draftsmith.domain.session.commands import EndApply
from draftsmith.hub import applying as hub_applying
from draftsmith.hub import host as hub_host

Hang = Callable[[pytest.MonkeyPatch, asyncio.Event], None]
PLACES: dict[str, Hang] = {}


def place(name: str) -> Callable[[Hang], Hang]:
    def kept(hang: Hang) -> Hang:
        PLACES[name] = hang
        return hang

    return kept


async def _for_ever(reached: asyncio.Event) -> None:
    reached.set()
    await asyncio.Event().wait()


@place("intended, the editor not yet asked")
def _before_asking(patched: pytest.MonkeyPatch, reached: asyncio.Event) -> None:
    async def hang(*_: Any) -> Any:
        await _for_ever(reached)

    patched.setattr(hub_applying, "apply_in_buffers", hang)


@place("done by the editor, the outcome not yet recorded")
def _after_asking(patched: pytest.MonkeyPatch, reached: asyncio.Event) -> None:
    real = hub_applying.apply_in_buffers

    async def ask_and_hang(*arguments: Any) -> Any:
        await real(*arguments)
        await _for_ever(reached)

    patched.setattr(hub_applying, "apply_in_buffers", ask_and_hang)


@place("recorded, nobody told")
def _after_recording(patched: pytest.MonkeyPatch, reached: asyncio.Event) -> None:
    real: Callable[..., Awaitable[Any]] = hub_host.SessionHost.command

    async def record_and_hang(self: Any, command: Any, *arguments: Any, **more: Any) -> Any:
        made = await real(self, command, *arguments, **more)
        if isinstance(command, EndApply):
            await _for_ever(reached)
        return made

    patched.setattr(hub_host.SessionHost, "command", record_and_hang)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, {"f": TEN.encode()}, {"f": NEW.encode()}) as made:
        yield made


async def crash_in(
    there: Desk, one: ModelEditor, method: str, params: Any, hang: Hang, *, by: ModelEditor | None = None
) -> None:
    """The call is made, by a terminal unless told, the hub dies where it hangs, and the editor comes back to the next
    one."""
    reached = asyncio.Event()
    caller = by or await editor(there, "cli", open_it=False)
    with pytest.MonkeyPatch.context() as patched:
        hang(patched, reached)
        asked = asyncio.ensure_future(caller.call(method, {"session_id": there.session_id, **params}, object))
        await asyncio.wait_for(reached.wait(), 20)
        await there.world.crash()
        asked.cancel()
    await asyncio.gather(there.world.hub.recover(), one.reconnect())
    await there.applying(False)
    await settled(there, one)


@pytest.mark.parametrize("name", PLACES)
async def test_an_accept_that_was_cut_short_ends_in_the_buffer_once(there: Desk, name: str) -> None:
    one = await editor(there)
    one.type(there.root / "f", TEN + "mine\n")
    await settled(there, one)
    await crash_in(there, one, "proposal/accept", {"hunk_ids": there.hunks}, PLACES[name])
    assert await there.statuses() == ["in_buffer", "in_buffer"], await there.notes()
    assert (one.text(there.root / "f"), len(one.edits)) == (NEW + "mine\n", 1)
    assert there.disk().decode() == TEN
    await one.cut()


@pytest.mark.parametrize("name", PLACES)
async def test_an_undo_that_was_cut_short_ends_out_of_the_buffer_once(there: Desk, name: str) -> None:
    one = await editor(there)
    await accept(there, one, *there.hunks)
    one.type(there.root / "f", NEW + "mine\n")
    await settled(there, one)
    await crash_in(there, one, "proposal/undo", {}, PLACES[name])
    assert await there.statuses() == ["reverted", "reverted"], await there.notes()
    assert (one.text(there.root / "f"), len(one.edits)) == (TEN + "mine\n", 2)
    await one.cut()


@pytest.mark.parametrize("name", PLACES)
async def test_files_that_the_editor_makes_and_deletes_come_and_go_once(tmp_path: Path, name: str) -> None:
    before = {"f": TEN.encode(), "gone": b"gone soon\n"}
    async with desk(tmp_path, before, {"f": NEW.encode(), "gone": None, "fresh": b"fresh\n"}) as there:
        one = await editor(there)
        one.features = replace(one.features, undoable_files=True)
        await one.reconnect()
        for method, statuses in (("proposal/accept", APPLIED), ("proposal/undo", {"reverted"})):
            params = {"hunk_ids": there.hunks} if method == "proposal/accept" else {}
            await crash_in(there, one, method, params, PLACES[name], by=one)
            there.world.hub.observing.notice(str(there.root / each) for each in ("fresh", "gone"))
            await settled(there, one)
            assert set(await there.statuses()) <= statuses, await there.notes()
            done = method == "proposal/accept"
            assert ((there.root / "fresh").exists(), (there.root / "gone").exists()) == (done, not done)
            assert one.text(there.root / "f") == (NEW if done else TEN)
        assert [len(edit["documentChanges"]) for edit in one.edits] == [3, 3]
        assert there.disk() == TEN.encode()
        await one.cut()
