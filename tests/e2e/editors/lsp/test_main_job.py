"""The whole main job from an editor that knows nothing of Draftsmith, with a plain LSP client."""

from __future__ import annotations

from pathlib import Path

from e2e.editors.lsp.editing import PROJECT, applied, editing, lenses, titled
from harness.lsp_client import run

MENDED = PROJECT["calc.py"].replace("a - b", "a + b")


async def test_from_a_diagnostic_to_an_accepted_and_an_undone_hunk(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        client, calc = ed.client, ed.open()
        wrong = {"range": calc.at("a - b"), "message": "add subtracts", "source": "mychecker", "code": "E1"}
        actions = await calc.actions(calc.at("a - b"), wrong)
        fix = titled(actions, "Fix with Draftsmith: add subtracts")
        assert fix["kind"] == "quickfix"
        assert fix["diagnostics"] == [wrong]
        session_id = (await run(client, fix))["session_id"]
        token = f"draftsmith/{session_id}"
        begun = await client.notified("$/progress", lambda one: one["value"]["kind"] == "begin")
        assert (begun["token"], begun["value"]["cancellable"]) == (token, True)
        await client.notified("$/progress", lambda one: one["token"] == token and one["value"]["kind"] == "end")
        asked = [one.asked for one in ed.vendor.requests if one.asked is not None]
        assert any("line 2: add subtracts (mychecker E1)" in text for one in asked for _, text in one.messages)

        shown = await lenses(calc, 7)
        hover = await calc.hover(calc.at("a - b")["start"])
        assert hover is not None
        assert "+    return a + b" in hover["contents"]["value"]
        assert "passed: tests" in hover["contents"]["value"]
        assert await calc.hover({"line": 3, "character": 0}) is None
        assert ed.disk() == PROJECT["calc.py"]

        client.answers["workspace/applyEdit"] = lambda params: applied(calc, params)
        await run(client, titled(shown[:4], "✓ Accept"))
        assert calc.text == MENDED
        left = await lenses(calc, 3)
        assert left[0]["range"]["start"]["line"] == 5
        await run(client, titled(left, "✗ Reject"))
        await lenses(calc, 0)
        calc.save()
        assert ed.disk() == MENDED

        undo = titled(await calc.actions(calc.at("def add"), only=["source"]), "Undo the last apply")
        await run(client, undo)
        assert calc.text == PROJECT["calc.py"]
        assert await client.shut_down() == 0
