"""The tools for what goes on between calls, on the real sandbox, as the model meets them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.tools.command_result import mounted_roots
from draftsmith.tools.registry import parse_call, run_call
from draftsmith.tools.tool import CommandMeta, DraftRoot, ToolContext, ToolResult


class Desk:
    def __init__(self, folder: Path) -> None:
        for name in ("ws", "draft"):
            (folder / name).mkdir()
        root = DraftRoot(name="ws", workspace_path=folder / "ws", draft_path=folder / "draft")
        self.context = ToolContext(roots=(root,), sandbox=BubblewrapSandbox(), output_dir=folder / "outputs")

    async def call(self, name: str, **arguments: object) -> ToolResult:
        return await run_call(parse_call(name, json.dumps(arguments)), self.context)


def named(result: ToolResult) -> str:
    found = re.search(r"Process (p[0-9a-f]+)", result.text)
    assert found, result.text
    return found[1]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    yield made
    await made.context.sandbox.end()


async def test_a_server_is_started_used_read_and_stopped(desk: Desk) -> None:
    line = "python3 -m http.server 8741 --bind 127.0.0.1"
    started = await desk.call("start_process", command=line, wait_for_port=8741)
    name = named(started)
    assert "port 8741 listens" in started.text
    used = await desk.call(
        "run_command",
        command="/usr/bin/python3 -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:8741/').status)\"",
    )
    assert "200" in used.text
    log = await desk.call("read_output", output=f"{name}.stderr")
    assert '"GET / HTTP/1.1" 200' in log.text
    stopped = await desk.call("stop_process", process=name)
    assert isinstance(stopped.meta, CommandMeta)
    assert stopped.meta.stopped_by == "cancelled"
    assert "It had ended before." in (await desk.call("stop_process", process=name)).text


async def test_a_command_that_asks_is_answered(desk: Desk) -> None:
    asked = await desk.call("run_command", command='read -r -p "Really? " x; echo "said $x"', terminal=True)
    assert "waiting_for_input" in asked.text
    assert "Really?" in asked.text
    answered = await desk.call("send_input", process=named(asked), text="sure\n")
    assert answered.text.startswith("It has ended. Exit code 0")
    assert "said sure" in answered.text


async def test_a_terminal_command_that_just_ends_is_told_as_any(desk: Desk) -> None:
    result = await desk.call("run_command", command="test -t 1 && echo colours; exit 3", terminal=True)
    assert result.text.startswith("Exit code 3")
    assert "colours" in result.text


async def test_a_server_that_fails_says_why(desk: Desk) -> None:
    result = await desk.call("start_process", command="echo no such port >&2; exit 4", wait_for_port=8742)
    assert "It has ended. Exit code 4" in result.text
    assert "no such port" in result.text


async def test_what_is_not_there_yet_is_said(desk: Desk) -> None:
    result = await desk.call("start_process", command="echo up; sleep 60", wait_for_text="ready", wait_seconds=1)
    assert "but not yet: its output contains 'ready'" in result.text
    assert "up" in result.text


async def test_unknown_and_too_many_processes_are_mistakes(desk: Desk) -> None:
    assert (await desk.call("send_input", process="p0", text="x")).code == "no_such_process"
    for _ in range(8):
        await desk.call("start_process", command="sleep 60", wait_seconds=0)
    assert (await desk.call("start_process", command="sleep 60", wait_seconds=0)).code == "too_many_processes"
    assert len(desk.context.sandbox.running(mounted_roots(desk.context))) == 8


async def test_typing_into_what_has_no_terminal_is_a_failure(desk: Desk) -> None:
    started = await desk.call("start_process", command="sleep 60", wait_seconds=0)
    assert (await desk.call("send_input", process=named(started), text="x")).code == "not_typed"
