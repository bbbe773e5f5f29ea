"""Files that nobody holds come and go by the asking editor's edit, where its undo takes that back as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.hub.editors import NEW, TEN, Desk, ModelEditor, accept, desk, editor, quicken, settled, until

from draftsmith.hub import buffer_files

FRESH = b"\xef\xbb\xbffresh \xc3\xa9\r\nlines\n"
BEFORE = {"f": TEN.encode(), "old/gone": b"gone soon\n"}
AFTER: dict[str, bytes | None] = {"f": NEW.encode(), "new/fresh": FRESH, "old/gone": None}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, BEFORE, AFTER) as made:
        yield made


async def capable(there: Desk, name: str = "vscode", *, open_it: bool = True) -> ModelEditor:
    """An editor that says of itself what the extension for VS Code says."""
    made = ModelEditor(there.world, name)
    made.features = replace(made.features, undoable_files=True)
    if open_it:
        made.open(there.root / "f")
    await made.connect()
    return made


async def looked_at(there: Desk, one: ModelEditor) -> None:
    """As the watch of files does it."""
    there.world.hub.observing.notice([str(there.root / name) for name in AFTER])
    await settled(there, one)


async def statuses(there: Desk) -> dict[str, set[str]]:
    state = (await there.host()).state
    assert state.proposal is not None
    found: dict[str, set[str]] = {}
    for hunk in state.proposal.hunks:
        found.setdefault(hunk.path, set()).add(hunk.status)
    return found


def kinds(one: ModelEditor) -> list[list[str]]:
    return [[change.get("kind", "edit") for change in edit["documentChanges"]] for edit in one.edits]


APPLIED = {"f": {"in_buffer"}, "new/fresh": {"on_disk"}, "old/gone": {"on_disk"}}
PENDING = {"f": {"pending"}, "new/fresh": {"pending"}, "old/gone": {"pending"}}


async def test_one_edit_holds_open_new_and_deleted_files_and_one_undo_takes_it_back(there: Desk) -> None:
    one = await capable(there)
    for _ in range(2):
        await accept(there, one, *there.hunks)
        assert await statuses(there) == APPLIED
        assert there.disk("new/fresh") == FRESH
        assert not (there.root / "old").exists(), "an emptied folder goes along"
        one.take_back()
        await looked_at(there, one)
        assert await statuses(there) == PENDING
        assert (one.text(there.root / "f"), there.disk("old/gone")) == (TEN, b"gone soon\n")
        assert not (there.root / "new/fresh").exists()
    assert kinds(one) == [["edit", "delete", "create"]] * 2
    await one.cut()


async def test_the_session_takes_it_back_by_one_edit_too(there: Desk) -> None:
    one = await capable(there)
    await accept(there, one, *there.hunks)
    await one.call("proposal/undo", {"session_id": there.session_id}, object)
    await settled(there, one)
    assert (one.text(there.root / "f"), there.disk("old/gone")) == (TEN, b"gone soon\n")
    assert not (there.root / "new").exists()
    assert sorted(kinds(one)[1]) == ["create", "delete", "edit"]
    one.take_back()
    await looked_at(there, one)
    assert await statuses(there) == APPLIED, "the undo was undone in the editor"
    await one.cut()


@pytest.mark.parametrize("by", ["a terminal", "an editor that cannot"])
async def test_for_who_cannot_do_it_the_hub_writes_them(there: Desk, by: str) -> None:
    one = await capable(there)
    other = await editor(there, "other", open_it=False)
    asking = other if by == "a terminal" else await editor(there, "plain")
    await accept(there, asking, *there.hunks)
    assert (await statuses(there))["new/fresh"] == {"on_disk"} == (await statuses(there))["old/gone"]
    assert there.disk("new/fresh") == FRESH
    assert {kind for edit in (*kinds(one), *kinds(asking)) for kind in edit} == {"edit"}
    for each in (one, other, asking):
        await each.cut()


async def test_a_file_that_came_just_then_is_left_alone_and_is_a_conflict(there: Desk) -> None:
    one = await capable(there)
    mine = there.root / "new/fresh"

    def meanwhile() -> None:
        mine.parent.mkdir()
        mine.write_text("mine\n")

    one.meanwhile = [meanwhile]
    await accept(there, one, *there.hunks)
    assert await statuses(there) == {**APPLIED, "new/fresh": {"conflicted"}}
    assert "Another file is there already." in await there.notes()
    assert mine.read_text() == "mine\n"
    await one.cut()


async def test_a_file_that_changed_just_then_is_not_deleted(there: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await capable(there)
    real = buffer_files.with_files

    async def planned(*arguments: Any) -> Any:
        made = await real(*arguments)
        (there.root / "old/gone").write_text("not so soon\n")
        return made

    monkeypatch.setattr("draftsmith.hub.applying.with_files", planned)
    await accept(there, one, *there.hunks)
    assert await statuses(there) == {**APPLIED, "old/gone": {"conflicted"}}
    assert there.disk("old/gone") == b"not so soon\n"
    await one.cut()


async def test_what_the_editor_refuses_again_and_again_the_hub_writes(there: Desk) -> None:
    one = await capable(there, open_it=False)
    one.refuses = 9
    await accept(there, one, *there.hunks)
    assert await statuses(there) == {**APPLIED, "f": {"on_disk"}}
    assert (len(one.edits), there.disk("new/fresh")) == (2, FRESH)
    await one.cut()


@pytest.mark.parametrize("opened", ["old/gone", "new/fresh"])
async def test_a_file_that_is_opened_just_then_goes_through_its_buffer(
    there: Desk, monkeypatch: pytest.MonkeyPatch, opened: str
) -> None:
    one = await capable(there)
    real = buffer_files.with_files

    async def planned(*arguments: Any) -> Any:
        made = await real(*arguments)
        if there.root / opened not in one.buffers:
            one.open(there.root / opened)
            await until(lambda: bool(there.world.hub.buffers.holding(str(there.root / opened))))
        return made

    with monkeypatch.context() as patched:
        patched.setattr("draftsmith.hub.applying.with_files", planned)
        await accept(there, one, *there.hunks)
    found = await statuses(there)
    if opened == "old/gone":
        assert found == APPLIED
    else:
        assert found == {**APPLIED, opened: {"in_buffer"}}
        assert one.text(there.root / opened).encode("utf-8-sig") == FRESH
    await one.cut()


async def test_what_an_undo_would_not_bring_back_as_it_was_the_hub_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffer_files, "MAX_BYTES", 100)
    made = {
        "latin": "caf\u00e9\n".encode("latin-1"),
        "binary": b"\0\1",
        "program": b"#!/bin/sh\n",
        "long": b"x" * 101,
        "plain": b"plain\n",
    }
    gone = {"private": b"private\n", "linked": b"linked\n", "usual": b"usual\n"}
    async with desk(tmp_path, gone, {**made, **dict.fromkeys(gone)}, ["program"]) as there:
        (there.root / "private").chmod(0o600)
        (there.root / "twin").hardlink_to(there.root / "linked")
        one = await capable(there, open_it=False)
        assert set(await accept(there, one, *there.hunks)) == {"on_disk"}
        uris = {change["uri"].rsplit("/", 1)[1] for edit in one.edits for change in edit["documentChanges"]}
        assert uris == {"plain", "usual"}
        assert {name: there.disk(name) for name in made} == made
        assert (there.root / "program").stat().st_mode & 0o111
        assert not any((there.root / name).exists() for name in gone)
        await one.cut()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": b"a file\n"}, {"a": None, "a/inside": b"in a folder\n"}),
        ({"a/inside": b"in a folder\n"}, {"a/inside": None, "a": b"a file\n"}),
    ],
)
async def test_files_and_folders_that_change_places_are_left_to_the_hub(
    tmp_path: Path, before: dict[str, bytes], after: dict[str, bytes | None]
) -> None:
    draft = {name: content for name, content in after.items() if content is not None}
    async with desk(tmp_path, before, after) as there:
        one = await capable(there, open_it=False)
        assert set(await accept(there, one, *there.hunks)) == {"on_disk"}
        assert one.edits == []
        assert {name: there.disk(name) for name in draft} == draft
        await one.cut()


@pytest.mark.parametrize("done", [True, False], ids=["after the edit", "before the edit"])
async def test_an_editor_that_dies_while_it_is_asked_leaves_what_is_on_disk(there: Desk, done: bool) -> None:
    one = await capable(there)
    one.mute, one.silent = done, not done
    asked = asyncio.ensure_future(one.call("proposal/accept", _all(there), object))
    fresh = there.root / "new/fresh"
    await until(lambda: fresh.exists() if done else "buffers/apply" in one.asked)
    await one.cut()
    await asyncio.gather(asked, return_exceptions=True)
    await there.applying(False)
    await settled(there, one)
    there.world.hub.observing.notice([str(fresh)])
    await settled(there, one)
    found = await statuses(there)
    assert found["new/fresh"] == ({"on_disk"} if done else {"pending"})
    terminal = await editor(there, "cli", open_it=False)
    await accept(there, terminal, *[one for one in there.hunks if await _is_pending(there, one)])
    assert await statuses(there) == {**APPLIED, "f": {"on_disk"}}
    assert there.disk("new/fresh") == FRESH
    await terminal.cut()


def _all(there: Desk) -> dict[str, object]:
    return {"session_id": there.session_id, "hunk_ids": there.hunks}


async def _is_pending(there: Desk, hunk_id: str) -> bool:
    state = (await there.host()).state
    assert state.proposal is not None
    return any(one.hunk_id == hunk_id and one.status == "pending" for one in state.proposal.hunks)
