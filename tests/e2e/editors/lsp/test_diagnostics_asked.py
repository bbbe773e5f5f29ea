"""The agent asks what the editors show as wrong, at any time: of which text it speaks, and what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from e2e.editors.lsp.editing import MEND, Editing, editing, lenses, script
from harness.lsp_client import Json

ASK_ALL: Json = {"diagnostics": {}}
ASK_ONE: Json = {"diagnostics": {"path": "calc.py"}}
TELLS = {"client": "vscode", "capabilities": {"diagnostics": True}}


def finding(line: int, message: str, **more: Any) -> Json:
    at = {"line": line, "character": 0}
    return {"range": {"start": at, "end": at}, "message": message, "source": "checker", **more}


def answers(ed: Editing) -> list[str]:
    """What the tool told the model, one after the other."""
    told: list[str] = []
    for request in ed.vendor.requests:
        if request.asked is not None:
            told += [text for role, text in request.asked.messages if role == "tool" and "Asked:" in text]
            told += [text for role, text in request.asked.messages if role == "tool" and "No editor" in text]
    return list(dict.fromkeys(told))


async def test_the_agent_asks_at_any_time_and_is_told_of_which_text(state_dir: Path, tmp_path: Path) -> None:
    code = [ASK_ONE, *MEND[:1], ASK_ALL, *MEND[1:]]
    async with editing(state_dir, tmp_path / "ws", script(code), options=TELLS) as ed:
        calc, test = ed.open(), ed.open("test_calc.py")
        calc.replace("def double", "def  double")
        asked: list[Json] = []

        def shown(params: Json) -> Json:
            asked.append(params)
            hostile = finding(0, "line\none\x07\u202e" + "x" * 5_000, severity=2, code=7)
            documents = [
                {"uri": calc.uri, "version": calc.version, "diagnostics": [finding(1, "Wrong sign"), hostile]},
                {"uri": test.uri, "version": 0, "diagnostics": [finding(3, "Of an older text")]},
                {"uri": "file:///etc/passwd", "version": None, "diagnostics": [finding(0, "Not of the session")]},
                {"uri": (ed.root / "closed.py").as_uri(), "version": None, "diagnostics": [finding(4, "Not open")]},
            ]
            folders = {ed.root.as_uri()}
            return {"documents": documents if folders & set(params["uris"]) else documents[:1]}

        ed.client.answers["draftsmith/client/diagnostics"] = shown
        await ed.client.command("draftsmith.start", "Mend it.")
        await lenses(calc, 7)
        first, second = answers(ed)
        assert set(asked[0]["uris"]) == {calc.uri}
        assert "calc.py (the user's unsaved text, the same as your draft):" in first
        assert "  2: error: Wrong sign [checker]" in first
        hostile = next(line for line in first.splitlines() if "warning" in line)
        assert hostile.startswith("  1: warning: line one xxx")
        assert hostile.endswith("… [checker 7]")
        assert len(hostile) < 600
        assert "\x07" not in first
        assert "\u202e" not in first

        assert "calc.py (the user's unsaved text; your draft differs, so lines may have moved):" in second
        assert "closed.py (the user's file; there is none in your draft):" in second
        assert "Of an older text" not in second
        assert "test_calc.py: vscode had not looked at its present text yet" in second
        assert "Not of the session" not in second
        assert "passwd" not in second
        assert second.endswith("Asked: vscode.")


async def test_of_a_plain_editor_it_says_that_it_cannot_be_asked_and_what_to_do(
    state_dir: Path, tmp_path: Path
) -> None:
    async with editing(state_dir, tmp_path / "ws", script([ASK_ALL, *MEND])) as ed:
        calc = ed.open()
        await ed.client.command("draftsmith.start", "Mend it.")
        await lenses(calc, 7)
        (told,) = answers(ed)
        assert "plain LSP clients do not" in told
        assert "Run the project's own checkers in the draft with run_command instead." in told


async def test_an_editor_that_does_not_answer_is_named_and_the_work_goes_on(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", script([ASK_ALL, *MEND]), options=TELLS) as ed:
        calc = ed.open()
        ed.client.answers["draftsmith/client/diagnostics"] = lambda _: {"documents": [{"uri": 3}, 7, None]}
        await ed.client.command("draftsmith.start", "Mend it.")
        await lenses(calc, 7)
        (told,) = answers(ed)
        assert told == "Nothing is shown as wrong.\n\nAsked: vscode."
