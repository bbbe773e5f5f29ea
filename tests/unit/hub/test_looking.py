"""Looking through a long session: steps by their place, words in them, files by letters, what a checkpoint changes."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain import histories as h
from tests.unit.hub.worlds import Client, World, world

from draftsmith.domain.ids import SessionId, TreeId, WorkspaceId
from draftsmith.domain.roots import Root
from draftsmith.domain.session import events as e
from draftsmith.domain.text import inline
from draftsmith.hub.handlers import looking
from draftsmith.hub.handlers.finding import fitting

STEPS = 25


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "state") as made:
        yield made


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()


def said(number: int, text: str) -> tuple[e.SessionEvent, e.SessionEvent]:
    """One step: a model's reply."""
    finished = replace(h.model_finished(f"m{number}"), text=inline(text))
    return h.model_intended(f"m{number}"), finished


async def talked(there: World, texts: list[str]) -> tuple[SessionId, Client]:
    session_id = await there.started()
    await there.append(session_id, h.begun())
    for number, text in enumerate(texts):
        await there.append(session_id, *said(number, text))
    client = Client(there, session_id, room=64)
    await client.connect()
    return session_id, client


# --- steps by their place ---


async def test_steps_by_place_and_backwards_have_the_same_places_and_one_total(there: World) -> None:
    session_id, client = await talked(there, [f"reply {number}" for number in range(STEPS)])
    whole = await client.call("steps/list", {"session_id": session_id, "first": 0, "limit": 500})
    total = whole["total"]
    assert total == len(whole["steps"]) >= STEPS
    assert (whole["first"], whole["more"]) == (0, False)
    page = await client.call("steps/list", {"session_id": session_id, "first": 7, "limit": 5})
    assert (page["steps"], page["first"], page["total"], page["more"]) == (whole["steps"][7:12], 7, total, True)
    last = await client.call("steps/list", {"session_id": session_id, "limit": 4})
    assert (last["steps"], last["first"], last["more"]) == (whole["steps"][-4:], total - 4, True)
    older = {"session_id": session_id, "before": last["steps"][0]["ordinal"], "limit": 500}
    rest = await client.call("steps/list", older)
    assert (rest["steps"], rest["first"], rest["more"]) == (whole["steps"][:-4], 0, False)
    await client.cut()


async def test_a_place_beyond_the_end_has_no_steps_and_older_ones_only_where_there_are_any(there: World) -> None:
    session_id, client = await talked(there, ["one"])
    beyond = await client.call("steps/list", {"session_id": session_id, "first": 1_000})
    assert (beyond["steps"], beyond["first"], beyond["more"]) == ([], 1_000, True)
    await client.cut()
    empty = await there.started()
    other = Client(there, empty)
    await other.connect()
    none = await other.call("steps/list", {"session_id": empty, "first": 3})
    assert (none["steps"], none["total"], none["more"]) == ([], 0, False)
    await other.cut()


# --- words in steps ---


@pytest.mark.parametrize("batch", [1, 3, 1_000])
async def test_words_are_found_newest_first_at_their_places_in_pages(
    there: World, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(looking, "BATCH", batch)
    texts = [f"number {number}" + (" has the Needle" if number % 5 == 0 else "") for number in range(STEPS)]
    session_id, client = await talked(there, texts)
    whole = await client.call("steps/list", {"session_id": session_id, "first": 0, "limit": 500})
    wanted = [(step["id"], place) for place, step in enumerate(whole["steps"]) if "Needle" in step["text"]][::-1]
    assert len(wanted) == 5
    found: list[tuple[str, int]] = []
    before: int | None = None
    while True:
        asked = {"session_id": session_id, "text": "nEEDLE", "limit": 2, "before": before}
        page = await client.call("steps/search", asked)
        assert all("Needle" in one["excerpt"] for one in page["found"])
        found += [(one["step_id"], one["place"]) for one in page["found"]]
        before = page["searched_to"]
        if before is None:
            break
        assert len(page["found"]) <= 2
    assert found == wanted
    await client.cut()


async def test_a_search_that_takes_too_long_says_how_far_it_came_and_goes_on_there(
    there: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH", 4)
    monkeypatch.setattr(looking, "SECONDS", -1.0)
    session_id, client = await talked(there, ["needle", *("hay" for _ in range(STEPS))])
    asked = {"session_id": session_id, "text": "needle"}
    page = await client.call("steps/search", asked)
    assert (page["found"], page["searched_to"] is not None) == ([], True)
    while not page["found"]:
        page = await client.call("steps/search", {**asked, "before": page["searched_to"]})
    assert [one["excerpt"] for one in page["found"]] == ["needle"]
    await client.cut()


async def test_an_excerpt_has_the_words_also_after_letters_that_grow_when_folded(there: World) -> None:
    session_id, client = await talked(there, ["ß" * 500 + " Straße " + "x" * 500])
    for text in ("strasse", "STRASSE", "Straße"):
        page = await client.call("steps/search", {"session_id": session_id, "text": text})
        assert ["Straße" in one["excerpt"] for one in page["found"]] == [True]
    await client.cut()


@given(st.text(alphabet="aßİxﬃé \n", max_size=300), st.integers(0, 299), st.integers(1, 9))
def test_a_place_in_folded_text_is_the_place_of_the_same_letters(text: str, begin: int, length: int) -> None:
    wanted = text[begin : begin + length].casefold()
    at = text.casefold().find(wanted)
    begin, end = looking._unfolded(text, at), looking._unfolded(text, at + len(wanted))
    # A letter that becomes several may begin before, and end after, what was looked for.
    assert wanted in text[max(0, begin - 1) : end].casefold()


# --- files by letters ---


async def test_files_are_found_by_letters_and_what_git_ignores_is_not_there(there: World, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / ".gitignore").write_text("built/\n")
    (folder / "built").mkdir()
    for name in ("src/cart.py", "src/prices.py", "cart.md", "built/cart.js", "src/new\nline.py"):
        (folder / name).write_text("x\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    session_id = await there.started()
    client = Client(there, session_id)
    await client.connect()
    found = await client.call("code/files", {"folders": [str(folder)], "query": "cart"})
    assert found == {"paths": ["cart.md", "src/cart.py"], "total": 2}
    first = await client.call("code/files", {"folders": [str(folder)], "query": "", "limit": 1})
    assert (len(first["paths"]), first["total"]) == (1, 4)
    two = await client.call("code/files", {"folders": [str(folder), str(folder / "src")], "query": "cart.p"})
    assert two["paths"] == ["src/cart.py", "shop/src/cart.py"]
    await client.cut()


def test_the_file_s_name_counts_before_its_folders_and_letters_together_before_letters_apart() -> None:
    paths = ["cart/x.py", "c/a/r/t.py", "src/a_cart.py", "src/cart.py", "no.py"]
    assert fitting(paths, "CART") == ["src/cart.py", "src/a_cart.py", "cart/x.py", "c/a/r/t.py"]


@given(st.lists(st.text(alphabet="abC/.", min_size=1, max_size=9), max_size=20), st.text(alphabet="abc/", max_size=4))
def test_what_fits_has_the_letters_in_their_order_and_nothing_that_has_them_is_left_out(
    paths: list[str], query: str
) -> None:
    def has(path: str) -> bool:
        letters = iter(path.casefold())
        return all(letter in letters for letter in query.casefold())

    assert sorted(fitting(paths, query)) == sorted(filter(has, paths))


# --- what a checkpoint would change ---


async def test_a_preview_says_of_each_file_what_going_back_would_do(there: World, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text("one\ntwo\nthree\n")
    (folder / "old.py").write_text("old\n")
    workspace = WorkspaceId("w1")
    roots = [Root(name="shop", path=str(folder))]

    async def tree(session_id: SessionId) -> TreeId:
        return TreeId((await there.hub.workspaces.snapshot(workspace, session_id, roots, (), allow_home=False)).tree)

    before = await tree(SessionId("s_x"))
    session_id = await there.started(before, workspace_id=workspace)
    point = replace(h.checkpoint(1), tree=before)
    (folder / "cart.py").write_text("one\nTWO\nthree\nfour\n")
    (folder / "old.py").unlink()
    (folder / "new.py").write_text("a\nb")
    after = await tree(session_id)
    await there.append(session_id, h.begun(), point, h.model_intended("m1"), h.model_finished("m1", "c1"))
    await there.append(session_id, h.tool_intended("c1", before), h.tool_finished("c1", after))
    client = Client(there, session_id)
    await client.connect()
    asked = {"session_id": session_id, "checkpoint_id": "k1"}
    found = await client.call("checkpoint/preview", asked)
    lines = {one["path"]: (one["change"], one["added"], one["removed"]) for one in found["files"]}
    assert lines == {"cart.py": ("modify", 1, 2), "new.py": ("delete", 0, 2), "old.py": ("create", 1, 0)}
    assert (found["total"], found["note"]) == (3, "")
    await there.append(session_id, h.restored(before, after))
    assert (await client.call("checkpoint/preview", asked))["files"] == []
    await client.cut()
