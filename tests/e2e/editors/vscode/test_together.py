"""VS Code, a terminal and a plain LSP client on one session at once: the same states, every question answered once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from draftsmith.platform.paths import endpoint_file
from e2e.terminal.pseudo_terminal import terminal
from harness.lsp_client import WAIT_S, Buffer, LspClient, Refused, lsp_client

from . import toolbox
from .project import REQUEST
from .puppet import Puppet, puppet
from .servers import install_vsix, settings_files, stopped_hub, use_settings, vscode

ORDER, RECEIPT, TEST = "shop/order.py", "shop/receipt.py", "tests/test_discount.py"
BROKEN = '{\n  "prices": [1, 2,,]\n}\n'


@dataclass(frozen=True, kw_only=True)
class Together:
    """`environ` is that of everybody."""

    code: Puppet
    plain: LspClient
    workspace: Path
    environ: Mapping[str, str]
    session_id: str

    async def shell(self, *arguments: str) -> tuple[int, str, str]:
        """A command of the terminal: its exit code, what it printed, what it complained of."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "draftsmith.cli.main", *arguments),
            cwd=self.workspace,
            env={**os.environ, **self.environ},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(WAIT_S):
            out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def shown(self, kind: str) -> list[Any]:
        """The session's entities of a kind, as the terminal has them."""
        code, out, err = await self.shell("show", self.session_id, "--json")
        assert code == 0, err
        return [one for one in json.loads(out)["entities"] if one["kind"] == kind]

    async def become(self, **wanted: str) -> None:
        """All three show these states of the hunks, file by file; the first word of a file's name is enough."""
        files = {path: wanted[Path(path).stem] for path in (ORDER, RECEIPT, TEST)}
        for path, states in files.items():
            await self.code.do("states", path=path, wanted=states)
        waiting = sum(one in ("pending", "conflicted", "reverted") for each in files.values() for one in each.split())

        async def of_terminal() -> bool:
            return _by_file(await self.shown("hunk")) == files

        async def of_plain() -> bool:
            line = next(one for one in await sessions_of(self.plain) if one["session_id"] == self.session_id)
            return _by_file(await self._hunks_of_plain()) == files and line["waiting_hunks"] == waiting

        await until(of_terminal)
        await until(of_plain)

    async def _hunks_of_plain(self) -> list[Any]:
        attached = await self.plain.request("draftsmith/session/attach", {"session_id": self.session_id})
        return [one for one in attached["snapshot"]["entities"] if one["kind"] == "hunk"]


async def sessions_of(plain: LspClient) -> list[Any]:
    return (await plain.command("draftsmith.sessions"))["sessions"]


async def until(look: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await look():  # noqa: ASYNC110  what is waited for is in other processes
            await asyncio.sleep(0.1)


def _by_file(hunks: list[Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for hunk in sorted(hunks, key=lambda one: one["ordinal"]):
        found.setdefault(hunk["path"], []).append(hunk["status"])
    return {path: " ".join(states) for path, states in found.items()}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("draftsmith_environment", [{"asks": True, "looks": True}], indirect=True)
async def test_three_clients_on_one_session_see_and_decide_the_same(
    place: Path, workspace: Path, chromium: str, draftsmith_environment: dict[str, str]
) -> None:
    (workspace / "prices.json").write_text(BROKEN)
    await asyncio.to_thread(toolbox.vscode_server)
    data, state = place / "vscode", Path(draftsmith_environment["DRAFTSMITH_STATE_DIR"])
    use_settings(data)
    await asyncio.to_thread(lambda: install_vsix(data, toolbox.package()))
    with stopped_hub(state), vscode(data, env=draftsmith_environment) as server:
        environment = toolbox.environment(
            TOOLS=str(toolbox.TOOLS),
            VSCODE_URL=server.url,
            WORKSPACE=str(workspace),
            SETTINGS=":".join(map(str, settings_files(data))),
            SHOTS=str(toolbox.TOOLS / "shots"),
            CHROMIUM=chromium,
        )
        async with puppet(environment) as code, lsp_client(state, draftsmith_environment) as plain:
            await plain.initialize(workspace)
            # What another server (that of VS Code for JSON) shows is what the agent will be told.
            await code.do("open", name="prices.json", mark=".squiggly-error")
            await code.do("show")
            await code.do("ask", words=REQUEST)
            await until(lambda: sessions_of(plain))
            (begun,) = await sessions_of(plain)
            there = Together(
                code=code,
                plain=plain,
                workspace=workspace,
                environ=draftsmith_environment,
                session_id=begun["session_id"],
            )
            await _questions(there)
            await _hunks(there, state)


async def _questions(there: Together) -> None:
    code, plain = there.code, there.plain
    environ = {"PATH": os.environ["PATH"], **there.environ}
    async with terminal("attach", there.session_id, folder=there.workspace, environ=environ) as watching:
        # The plan: asked in all three, answered in the terminal.
        await code.do("question", words="plan")
        await plain.asked("window/showMessageRequest")
        await watching.expect("Discount on the receipt")
        assert (await there.shell("answer", there.session_id, "approve"))[0] == 0
        await code.do("answered", words="plan")
        await plain.until(lambda: plain.withdrawn, "the withdrawal of the plan's question")
        plain.answer("window/showMessageRequest", {"title": "reject"})

        # The agent's question: asked in all three, answered in VS Code; who comes later is told so.
        await code.do("task", id="t1", status="done")
        await code.do("question", words="percentage or the amount")
        await plain.asked("window/showMessageRequest", lambda one: "percentage or the amount" in one["message"])
        await watching.expect("percentage or the amount")
        (asked,) = (one for one in await there.shown("decision") if one["state"] == "open")
        await code.do("click", name="Percentage")
        await code.do("answered", words="percentage or the amount")
        await plain.until(lambda: len(plain.withdrawn) == 2, "the withdrawal of the agent's question")
        with pytest.raises(Refused, match="answered"):
            await plain.command("draftsmith.answer", there.session_id, asked["id"], "amount")
        late = await there.shell("answer", there.session_id, "amount", "--decision", asked["id"])
        assert late[0] != 0
        assert "already answered: percentage" in late[2]
        await code.do("status", wanted="proposed")
        assert await watching.ended() == 0
    (told,) = (one for one in await there.shown("decision") if one["id"] == asked["id"])
    assert (told["state"], told["answer"]) == ("answered", "percentage")
    (looked,) = (one for one in await there.shown("step") if one["title"] == "diagnostics")
    assert "prices.json (the user's text, the same as your draft):" in looked["text"]
    assert "error: Value expected" in looked["text"]


async def _hunks(there: Together, state: Path) -> None:
    code, plain = there.code, there.plain
    await there.become(order="pending pending", receipt="pending", test_discount="pending")

    # Accepted in the plain editor that holds the file: in its buffer, then on disk, for everybody.
    buffer = Buffer(plain, there.workspace / ORDER, (there.workspace / ORDER).read_text())

    def apply(params: Any) -> Any:
        for change in params["edit"]["documentChanges"]:
            assert change["textDocument"] == {"uri": buffer.uri, "version": buffer.version}
            buffer.edit(change["edits"])
        return {"applied": True}

    plain.answers["workspace/applyEdit"] = apply
    first, second = [one["id"] for one in await there.shown("hunk") if one["path"] == ORDER]
    await plain.command("draftsmith.accept", there.session_id, [first])
    await there.become(order="in_buffer pending", receipt="pending", test_discount="pending")
    buffer.save()
    await there.become(order="on_disk pending", receipt="pending", test_discount="pending")

    # The hub dies; the editors start another one, and what the terminal decides there is seen by all.
    pid = json.loads(endpoint_file(state).read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    rejected = await there.shell("reject", there.session_id, "--hunk", second)
    assert rejected[0] == 0, rejected
    await there.become(order="on_disk rejected", receipt="pending", test_discount="pending")

    # The rest in VS Code, where neither file is open.
    await code.do("click", name="Accept All")
    await there.become(order="on_disk rejected", receipt="on_disk", test_discount="on_disk")
    await code.do("status", wanted="finished")
    assert "You save" in (there.workspace / RECEIPT).read_text()
    with pytest.raises(Refused, match="no_pending_hunk"):
        await plain.command("draftsmith.acceptAll", there.session_id)
