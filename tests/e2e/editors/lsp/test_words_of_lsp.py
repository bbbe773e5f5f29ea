"""Everything that the edge says in a whole job is what LSP allows, by the types that are made from its meta model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import converters, types

from e2e.editors.lsp.editing import applied, editing, lenses, titled
from harness.lsp_client import PLAIN, run

CONVERTER = converters.get_converter()


def check(name: str, params: Any) -> None:
    """Reads the parameters as the type of the method; raises for what does not fit."""
    if name.startswith("draftsmith/"):
        return
    kind = types.METHOD_TO_TYPES[name][2]
    if kind is not None:  # a few have no parameters
        CONVERTER.structure(params, kind)


async def test_every_message_is_one_of_lsp(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        client, calc = ed.client, ed.open()
        client.answers["workspace/applyEdit"] = lambda params: applied(calc, params)
        CONVERTER.structure(client.initialized, types.InitializeResult)
        span = calc.at("a - b")
        finding = {"range": span, "message": "add subtracts", "severity": 1}
        actions = await calc.actions(span, finding)
        await run(client, titled(actions, "Fix with Draftsmith"))
        shown = await lenses(calc, 7)
        actions += await calc.actions(span)
        for action in actions:
            CONVERTER.structure(action, types.CodeAction)
        for lens in shown:
            CONVERTER.structure(lens, types.CodeLens)
        hover = await calc.hover(span["start"])
        CONVERTER.structure(hover, types.Hover)
        await client.command("draftsmith.summary")
        await client.command("draftsmith.acceptAll")
        assert await lenses(calc, 0) == []
        for name, params in (*client.notifications, *client.requests):
            check(name, params)
        assert {name for name, _ in client.requests} >= {"workspace/applyEdit", "window/showDocument"}


async def test_the_command_of_an_action_comes_later_to_clients_that_want_it_later(
    state_dir: Path, tmp_path: Path
) -> None:
    capabilities = {**PLAIN, "textDocument": {**PLAIN["textDocument"]}}
    literal = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}, "dataSupport": True}
    capabilities["textDocument"]["codeAction"] = {**literal, "resolveSupport": {"properties": ["command"]}}
    async with editing(state_dir, tmp_path / "ws", capabilities=capabilities) as ed:
        calc = ed.open()
        action = titled(await calc.actions(calc.at("a - b")), "Refactor")
        assert "command" not in action
        whole = await ed.client.request("codeAction/resolve", action)
        assert whole["command"]["command"] == "draftsmith.refactor"
        assert await ed.client.request("codeAction/resolve", whole) == whole


async def test_functions_have_lenses_when_that_is_switched_on(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        calc = ed.open()
        assert await calc.lenses() == []
        settings = {"draftsmith": {"functionLenses": True, "budget": "much"}}
        ed.client.notify("workspace/didChangeConfiguration", {"settings": settings})
        found = await lenses(calc, 4)
        assert [one["range"]["start"]["line"] for one in found] == [0, 0, 4, 4]
        said = await ed.client.notified("window/showMessage")
        assert "draftsmith.budget" in said["message"]
