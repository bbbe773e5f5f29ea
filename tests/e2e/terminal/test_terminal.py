"""The main job at a terminal: everything here is real but the model, which follows a script."""

from __future__ import annotations

from harness.hub import HubProcess

from e2e.terminal.conftest import FIX, desk_with
from e2e.terminal.pseudo_terminal import CTRL_C


async def test_task_is_run_reviewed_written_and_taken_back(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "fix") as desk:
        before = desk.read("calc.py")
        async with desk.terminal("run", "Fix the test") as shown:
            await shown.expect("The sign is wrong.")
            await shown.expect("tests: passed")
            await shown.expect("Proposed: 1 hunk in 1 file")
            await shown.expect("→ draftsmith review")
            assert await shown.ended() == 0
        assert desk.read("calc.py") == before
        async with desk.terminal("review") as shown:
            await shown.expect("+     return a + b")
            shown.type("w")
            await shown.expect("Fix add")
            shown.type("a")
            await shown.expect("Write it? [Y/n]")
            shown.type("y")
            await shown.expect("1 hunk written.")
            assert await shown.ended() == 0
        assert desk.read("calc.py") == before.replace("a - b", "a + b")
        undone = await desk.draftsmith("undo", "--json")
        assert (undone.code, undone.json["results"][0]["status"]) == (0, "reverted"), undone
        assert desk.read("calc.py") == before


async def test_leaving_a_review_writes_nothing(hub: HubProcess) -> None:
    async with desk_with(hub.state_dir, FIX, "leave") as desk:
        await desk.proposal()
        before = desk.read("calc.py")
        async with desk.terminal("review") as shown:
            await shown.expect("return a + b")
            shown.type("a")
            await shown.expect("Write it?")
            shown.type(CTRL_C)
            assert await shown.ended() == 130
        assert desk.read("calc.py") == before
