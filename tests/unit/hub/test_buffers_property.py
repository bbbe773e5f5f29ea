"""Two editors, a terminal and the disk in any order of doings: no text is lost, and what is said of hunks is so."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.hub.editors import Desk, ModelEditor, desk, quicken, settled

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.proposal import DECIDABLE

BASE = "".join(f"line {number}\n" for number in range(1, 25))
NEW = (
    BASE.replace("line 4\n", "four\n")
    .replace("line 11\n", "line 11\nextra 1\nextra 2\n")
    .replace("line 18\nline 19\n", "")
)
PLACES = (1, 7, 8, 14, 15, 22, 24)
"""Lines that a person edits: none is next to a hunk."""

Doing = tuple[str, int, int]
DOINGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("type", "type", "undo", "redo", "save", "close", "open", "open"),
                *("accept", "accept", "all", "reject", "take back", "cut", "connect"),
            ]
        ),
        st.integers(0, 2),
        st.integers(0, 6),
    ),
    min_size=3,
    max_size=14,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch, back=0.0)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(DOINGS)
def test_no_text_is_lost_and_states_are_what_buffers_and_disk_hold(doings: list[Doing]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), doings))


async def play(folder: Path, doings: list[Doing]) -> None:
    async with desk(folder, {"f": BASE.encode()}, {"f": NEW.encode()}) as there:
        table = Table(there, ModelEditor(there.world, "vscode"), ModelEditor(there.world, "neovim"))
        table.terminal = ModelEditor(there.world, "cli")
        for one in (*table.editors, table.terminal):
            await one.connect()
        table.one.open(table.path)
        for step, (doing, who, what) in enumerate(doings):
            before = table.texts()
            await table.do(doing, who, what, step)
            await settled(there, *table.editors)
            there.world.hub.observing.notice([str(table.path)])  # as the watch of files does
            await settled(there, *table.editors)
            told = f"after {doings[: step + 1]}"
            table.check_nothing_lost(doing, before, told)
            await table.check_states(told)
        for one in (*table.editors, table.terminal):
            await one.cut()


@dataclass
class Table:
    there: Desk
    one: ModelEditor
    two: ModelEditor
    terminal: ModelEditor | None = None

    @property
    def editors(self) -> tuple[ModelEditor, ModelEditor]:
        return self.one, self.two

    @property
    def path(self) -> Path:
        return self.there.root / "f"

    def texts(self) -> list[str | None]:
        """Of either buffer and of the disk."""
        buffers = [one.text(self.path) if self.path in one.buffers else None for one in self.editors]
        return [*buffers, self.path.read_text()]

    async def do(self, doing: str, who: int, what: int, step: int) -> None:
        caller = (*self.editors, self.terminal)[who]
        assert caller is not None
        hunks = self.there.hunks
        match doing:
            case "accept" | "all" | "reject" | "take back":
                await self.ask(caller if caller.connected else self.terminal, doing, hunks, what)
                return
            case _:
                pass
        editor = self.editors[who % 2]
        held = self.path in editor.buffers
        match doing:
            case "type" if held:
                editor.type(self.path, typed(editor.text(self.path), PLACES[what % len(PLACES)], f"{who % 2}.{step}"))
            case "undo" if held:
                editor.undo(self.path)
            case "redo" if held:
                editor.redo(self.path)
            case "save" if held:
                editor.save(self.path)
            case "close" if held:
                editor.close(self.path)
            case "open" if not held:
                editor.open(self.path)
            case "cut":
                await editor.cut()
            case "connect" if not editor.connected:
                await editor.connect()
            case _:
                pass

    async def ask(self, caller: Any, doing: str, hunks: list[str], what: int) -> None:
        method = {"reject": "proposal/reject", "take back": "proposal/undo"}.get(doing, "proposal/accept")
        params: dict[str, object] = {"session_id": self.there.session_id}
        if doing == "all":
            statuses = await self.there.statuses()
            hunks = [one for one, status in zip(hunks, statuses, strict=True) if status in DECIDABLE]
            if not hunks:
                return
        if doing != "take back":
            params["hunk_ids"] = hunks if doing == "all" else [hunks[what % len(hunks)]]
        # What is decided already, and an undo of nothing, are refused; everything else must go.
        with contextlib.suppress(AdapterError) if doing != "all" else contextlib.nullcontext():
            await caller.call(method, params, object)

    def check_nothing_lost(self, doing: str, before: list[str | None], told: str) -> None:
        """What is done by the session leaves every line that a person typed, and touches one text only."""
        after = self.texts()
        if doing not in ("accept", "all", "reject", "take back", "cut", "connect"):
            return
        changed = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        assert len(changed) <= (1 if doing in ("accept", "all", "take back") else 0), told
        for old, new in zip(before, after, strict=True):
            assert old is None or mine(old) == mine(new or ""), told
            assert old is None or without_hunks(old) == without_hunks(new or ""), told

    async def check_states(self, told: str) -> None:
        statuses = await self.there.statuses()
        disk = standing(self.path.read_text())
        held = [standing(one.text(self.path)) for one in self.editors if self.path in one.buffers and one.connected]
        assert "accepted" not in statuses, told
        for place, status in enumerate(statuses):
            match status:
                case "in_buffer":
                    assert any(one[place] for one in held), f"{told}: {place} is in no buffer"
                    assert not disk[place] or not all(one[place] for one in held), told
                case "on_disk":
                    assert disk[place], f"{told}: {place} is not on disk"
                case _:
                    # Where several hold the file, one of them counts.
                    assert not held or not all(one[place] for one in held), f"{told}: {place} is {status} but there"


def typed(text: str, place: int, mark: str) -> str:
    """One more line of a person after line `place`, if that still stands."""
    return text.replace(f"line {place}\n", f"line {place}\nmine {mark}\n", 1)


def mine(text: str) -> list[str]:
    return re.findall(r"^mine .*$", text, re.M)


def without_hunks(text: str) -> str:
    lines = [line for line in text.splitlines() if line not in ("line 4", "four", "extra 1", "extra 2")]
    return "\n".join(line for line in lines if line not in ("line 18", "line 19"))


def standing(text: str) -> tuple[bool, bool, bool]:
    lines = text.splitlines()
    return "four" in lines, "extra 1" in lines and "extra 2" in lines, "line 18" not in lines
