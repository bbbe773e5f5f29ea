"""The edge's own life: it answers before there is a hub, outlives the hub, and never its client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from draftsmith.client.endpoint import read_endpoint
from e2e import hubs
from e2e.editors.lsp.editing import editing, environment, lay_out, lenses, script
from harness.lsp_client import WAIT_S, Buffer, Refused, lsp_client

OURS = {"client": "test", "capabilities": {}}


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(WAIT_S):
        return await process.wait()


def stop_hub(state_dir: Path) -> None:
    """End the hub that an edge started."""
    endpoint = read_endpoint(state_dir)
    assert endpoint is not None
    process = psutil.Process(endpoint.pid)
    process.terminate()
    process.wait(hubs.STOP_S)


async def test_it_answers_without_a_hub_and_finds_it_when_it_comes(state_dir: Path, tmp_path: Path) -> None:
    lay_out(tmp_path / "ws")
    # A hub that cannot start: its folder is a file.
    (state_dir / "hub").write_text("in the way")
    async with lsp_client(state_dir) as client:
        await client.initialize(tmp_path / "ws", options=OURS)
        lost = await client.notified("draftsmith/hubState", lambda one: one["state"] == "lost")
        assert lost["message"]
        buffer = Buffer(client, tmp_path / "ws" / "calc.py", "x = 1\n")
        assert await buffer.lenses() == []
        (state_dir / "hub").unlink()
        await client.notified("draftsmith/hubState", lambda one: one["state"] == "connected")
        assert (await client.command("draftsmith.sessions"))["sessions"] == []
        assert await client.shut_down() == 0
    stop_hub(state_dir)


async def test_it_starts_the_hub_which_outlives_it(state_dir: Path, tmp_path: Path) -> None:
    lay_out(tmp_path / "ws")
    async with lsp_client(state_dir) as client:
        await client.initialize(tmp_path / "ws", options=OURS)
        await client.notified("draftsmith/hubState", lambda one: one["state"] == "connected")
        assert await client.shut_down() == 0
    endpoint = read_endpoint(state_dir)
    assert endpoint is not None
    assert psutil.pid_exists(endpoint.pid)
    stop_hub(state_dir)


async def test_a_hub_that_dies_is_started_again_and_hunks_stay(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", options=OURS) as ed:
        calc = ed.open()
        session_id = (await ed.client.command("draftsmith.start", "Mend it."))["session_id"]
        before = await lenses(calc, 7)
        ed.hub.kill()
        await ed.client.notified("draftsmith/hubState", lambda one: one["state"] == "lost")
        assert await calc.lenses() == before
        seen = len(ed.client.notifications)
        await ed.client.until(
            lambda: ("draftsmith/hubState", {"state": "connected", "message": ""}) in ed.client.notifications[seen:]
        )
        await ed.client.command("draftsmith.rejectAll", session_id)
        await lenses(calc, 0)
        assert await ed.client.shut_down() == 0
        stop_hub(state_dir)


@pytest.mark.parametrize("end", ["exit", "eof", "broken pipe", "parent"])
async def test_it_ends_with_its_client_and_leaves_no_process(end: str, state_dir: Path, tmp_path: Path) -> None:
    lay_out(tmp_path / "ws")
    with hubs.running(state_dir):
        editor = await asyncio.create_subprocess_exec("sleep", "1000")
        async with lsp_client(state_dir) as client:
            await client.initialize(tmp_path / "ws", options=OURS, processId=editor.pid)
            await client.notified("draftsmith/hubState", lambda one: one["state"] == "connected")
            edge = psutil.Process(client.process.pid)
            assert client.process.stdin is not None
            match end:
                case "exit":
                    client.notify("exit")
                case "eof":
                    client.process.stdin.close()
                case "broken pipe":
                    await client.close_output()
                    client.notify("no/such")
                    client.send("no/such")
                case _:
                    editor.kill()
                    await editor.wait()
            assert await ended(client.process) == 1
            assert not edge.is_running()
        with contextlib.suppress(ProcessLookupError):
            editor.kill()
        await editor.wait()


async def test_a_client_that_stops_reading_stalls_nothing_and_catches_up(state_dir: Path, tmp_path: Path) -> None:
    """The client reads nothing for a while; the edge goes on following, bounded, and its client misses no end."""
    words = "word " * 400
    steps = [{"say": words, "calls": [{"read": {"path": "calc.py"}}]} for _ in range(6)]
    async with editing(state_dir, tmp_path / "ws", script([*steps, {"finish": {"summary": "Done."}}])) as ed:
        deaf = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "draftsmith.cli.main", "lsp"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "DRAFTSMITH_STATE_DIR": str(state_dir), **environment(ed.vendor)},
            limit=1 << 10,
        )
        assert deaf.stdin is not None

        def write(message: object) -> None:
            body = json.dumps(message).encode()
            assert deaf.stdin is not None
            deaf.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

        folder = {"uri": ed.root.as_uri(), "name": "ws"}
        params = {"capabilities": {}, "workspaceFolders": [folder], "trace": "messages"}
        write({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
        write({"jsonrpc": "2.0", "method": "initialized", "params": {}})
        # Far more answers than a pipe holds: 3,000 of 100 bytes and their traces.
        for number in range(3_000):
            lens = {"textDocument": {"uri": "file:///a"}}
            write({"jsonrpc": "2.0", "id": number + 2, "method": "textDocument/codeLens", "params": lens})
        async with asyncio.timeout(WAIT_S):
            await deaf.stdin.drain()
        session_id = (await ed.client.command("draftsmith.start", "Read."))["session_id"]
        await ed.client.notified(
            "$/progress", lambda one: one["token"].endswith(session_id) and one["value"]["kind"] == "end"
        )
        # Now it reads again: every answer is there, once.
        assert deaf.stdout is not None
        answers: set[int] = set()
        async with asyncio.timeout(WAIT_S):
            while len(answers) < 3_001:
                header = await deaf.stdout.readuntil(b"\r\n\r\n")
                message = json.loads(await deaf.stdout.readexactly(int(header.split(b":")[1])))
                if "method" not in message:
                    assert message["id"] not in answers
                    answers.add(message["id"])
        deaf.send_signal(signal.SIGKILL)
        await deaf.wait()


async def test_what_the_hub_refuses_comes_with_its_code_and_remedy(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws") as ed:
        with pytest.raises(Refused) as refused:
            await ed.client.request("draftsmith/session/attach", {"session_id": "s_none"})
        assert refused.value.number == -32000
        assert refused.value.data["code"] == "unknown_session"


async def test_what_was_refused_is_found_in_the_log_by_its_case_and_no_key_is_there(
    state_dir: Path, tmp_path: Path
) -> None:
    key = "the-key-that-must-stand-in-no-log"
    async with editing(state_dir, tmp_path / "ws") as ed:
        await ed.client.command("draftsmith.sessions")
        ed.client.notify("$/setTrace", {"value": "verbose"})
        offered = {"provider": "anthropic", "label": "l", "value": key, "base_url": None, "origin": "o"}
        await ed.client.request("draftsmith/credentials/offer", {"credentials": [offered]})
        with pytest.raises(Refused) as refused:
            await ed.client.request("draftsmith/session/attach", {"session_id": key})
        case = refused.value.data["correlation_id"]
        (path,) = (state_dir / "edge" / "logs").iterdir()
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        (told,) = [one for one in lines if one.get("correlation_id") == case and one["event"] == "request_refused"]
        assert told["method"] == "draftsmith/session/attach"
        assert {one["event"] for one in lines} >= {"edge_started", "hub_connected", "command"}
        assert key not in path.read_text()
        assert key not in json.dumps(ed.client.notifications)
        traced = [one for name, one in ed.client.notifications if name == "$/logTrace"]
        assert any("session_id" in one.get("verbose", "") for one in traced)


async def test_one_start_has_limits_of_its_own(state_dir: Path, tmp_path: Path) -> None:
    async with editing(state_dir, tmp_path / "ws", options={**OURS, "steps": 50}) as ed:
        started = await ed.client.command("draftsmith.start", "Mend it.", None, None, {"steps": 1, "minutes": 2})
        attached = await ed.client.request("draftsmith/session/attach", started)
        (usage,) = (one for one in attached["snapshot"]["entities"] if one["kind"] == "usage")
        assert (usage["steps_limit"], usage["seconds_limit"]) == (1, 120)
        stopped = await ed.client.notified("window/showMessage", lambda one: "stopped" in one["message"])
        assert "1 step" in stopped["message"]
        with pytest.raises(Refused, match=r"draftsmith\.minutes"):
            await ed.client.command("draftsmith.start", "Mend it.", None, None, {"minutes": "two"})
        with pytest.raises(Refused, match="is not known"):
            await ed.client.command("draftsmith.start", "Mend it.", None, None, {"seconds": 2})
