"""The hub as the terminal starts, stops, loses and replaces it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from draftsmith.client.endpoint import read_endpoint
from e2e.terminal.conftest import FIX, Desk, desk_with
from harness.replies import Role
from unit.client.scripted_hub import ScriptedHub

SLOW: Mapping[Role, Sequence[Mapping[str, Any]]] = {
    **FIX,
    "code": [{**FIX["code"][0], "delay": 3.0}, FIX["code"][1], *FIX["code"]],
}


@pytest.fixture
async def desk(state_dir: Path) -> AsyncIterator[Desk]:
    async with desk_with(state_dir, SLOW, "own-hub") as made:
        yield made
        await made.draftsmith("hub", "stop")


async def test_commands_at_once_share_one_hub(desk: Desk) -> None:
    started = await asyncio.gather(*(desk.draftsmith("hub", "start", "--json") for _ in range(4)))
    assert {one.code for one in started} == {0}, started
    assert len({one.json["pid"] for one in started}) == 1


async def test_hub_that_dies_under_a_session_is_started_again_and_the_session_goes_on(
    desk: Desk, state_dir: Path
) -> None:
    async with desk.terminal("run", "Fix the test") as shown:
        await shown.expect("Coding")
        endpoint = read_endpoint(state_dir)
        assert endpoint is not None
        os.kill(endpoint.pid, signal.SIGKILL)
        await shown.expect("Trying to reconnect.")
        await shown.expect("Connected again.")
        await shown.expect("Proposed: 1 hunk in 1 file")
        assert await shown.ended() == 0


async def test_hub_stopped_by_its_user_is_not_started_again_by_who_watches(desk: Desk, state_dir: Path) -> None:
    async with desk.terminal("run", "Fix the test") as shown:
        await shown.expect("Coding")
        assert (await desk.draftsmith("hub", "stop")).code == 0
        await shown.expect("The hub stopped.")
        await shown.expect("error:")
        assert await shown.ended() == 5
    assert read_endpoint(state_dir) is None
    done = await desk.draftsmith("attach")
    assert (done.code, "Proposed" in done.out) == (0, True), done


async def test_older_hub_is_asked_to_stop_and_replaced(desk: Desk, state_dir: Path) -> None:
    old = ScriptedHub()
    old.version = "0.0.9"
    stopping = asyncio.Event()

    def stop(_: object) -> object:
        stopping.set()
        return {"stopping": True}

    old.answers["hub/stop"] = stop
    async with old.running():
        write_endpoint(state_dir, old)
        starting = asyncio.create_task(desk.draftsmith("hub", "start", "--json"))
        async with asyncio.timeout(20):
            await stopping.wait()
        (state_dir / "hub" / "endpoint.json").unlink()
        started = await starting
    assert started.code == 0, started
    assert started.json["application_version"] != "0.0.9"


async def test_newer_hub_is_used_as_it_is(desk: Desk, state_dir: Path) -> None:
    newer = ScriptedHub()
    newer.answers["session/list"] = lambda _: {"sessions": [], "cursor": None}
    newer.answers["credentials/offer"] = lambda given: {"accepted": len(given["credentials"])}
    async with newer.running():
        write_endpoint(state_dir, newer)
        assert (await desk.draftsmith("sessions")).code == 0
        (state_dir / "hub" / "endpoint.json").unlink()
    offered = [params["credentials"] for method, params in newer.calls if method == "credentials/offer"]
    assert offered[0][0]["value"] == "terminal-key"
    assert "hub/stop" not in [method for method, _ in newer.calls]


async def test_hub_that_leaves_out_a_field_is_told_in_one_line(desk: Desk, state_dir: Path) -> None:
    other = ScriptedHub()
    other.answers["session/list"] = lambda _: {"sessions": [{"session_id": "s_1"}], "cursor": None}
    other.answers["credentials/offer"] = lambda given: {"accepted": len(given["credentials"])}
    async with other.running():
        write_endpoint(state_dir, other)
        told = await desk.draftsmith("sessions", "--all")
        as_json = await desk.draftsmith("sessions", "--all", "--json", DRAFTSMITH_DEBUG="")
        traced = await desk.draftsmith("sessions", "--all", DRAFTSMITH_DEBUG="1")
        (state_dir / "hub" / "endpoint.json").unlink()
    assert (told.code, told.out) == (70, "")
    assert told.err.startswith("error: Draftsmith failed: KeyError: ")
    assert "`draftsmith hub stop`, then try again" in told.err
    assert "Traceback" not in told.err
    assert as_json.code == 0  # what it does not read it does not miss
    assert "Traceback" in traced.err


def write_endpoint(state_dir: Path, hub: ScriptedHub) -> None:
    (state_dir / "hub").mkdir(parents=True, exist_ok=True)
    fields = {
        "pid": os.getpid(),
        "application_version": hub.version,
        "protocol_versions": [1],
        "websocket_port": hub.port,
        "grpc_port": 1,
        "token": hub.endpoint.token,
        "epoch": hub.world.epoch,
    }
    file = state_dir / "hub" / "endpoint.json"
    file.write_text(json.dumps(fields))
    file.chmod(0o600)


async def test_hub_that_cannot_start_says_why(desk: Desk, state_dir: Path) -> None:
    (state_dir / "hub" / "draftsmith.db").mkdir(parents=True)
    failed = await desk.draftsmith("sessions", "--json")
    assert failed.code == 5
    error = json.loads(failed.err)["error"]
    assert error["code"] == "hub_unavailable"
    assert "ended as it started" in error["message"]
    assert "draftsmith.db" in error["message"]


async def test_state_folder_that_cannot_be_made_is_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failed = await desk.draftsmith("sessions", "--json", DRAFTSMITH_STATE_DIR=str(tmp_path / "file" / "state"))
    assert failed.code == 5
    assert json.loads(failed.err)["error"]["code"] == "disk_failed"
