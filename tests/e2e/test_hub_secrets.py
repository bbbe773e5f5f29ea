"""Keys and tokens: in memory and on the authenticated connections, and nowhere else after a whole session."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from draftsmith.client.connection import HubConnection
from draftsmith.client.endpoint import read_endpoint
from draftsmith.client.handover import stop_hub
from draftsmith.client.start import connect_hub
from e2e.hubs import STOP_S, Talk, calc, children, dump, vendor

SECRET = "sk-very-secret-0123456789"
OTHER = "sk-another-secret-987654"

LOOK_AROUND: dict[str, Any] = {
    "tool_calls": [
        {
            "name": "run_command",
            "arguments": {"command": "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; ls -la ~"},
        }
    ]
}


def processes(pid: int) -> dict[int, str]:
    """Command line and environment of the process and of all that it started."""
    found: dict[int, str] = {}
    for one in (pid, *children(pid)):
        folder = Path(f"/proc/{one}")
        found[one] = (folder / "cmdline").read_text() + "\n" + (folder / "environ").read_text()
    return found


def files_with(folder: Path, *secrets: str) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in secrets)
    ]


async def test_a_key_is_in_no_file_log_entity_process_or_sandbox(
    state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    connection = await connect_hub(state_dir, client="cli")
    endpoint = read_endpoint(state_dir)
    assert endpoint is not None
    runner_token = json.loads((state_dir / "hub/endpoint.json").read_text())["runner_token"]
    tokens = (endpoint.token, runner_token)
    talk = Talk(connection)
    seen: dict[int, str] = {}
    async with vendor(LOOK_AROUND, key=SECRET) as model:
        # The first key is refused by the vendor, so that it also passes through every error there is.
        await talk.offer(model.openai_url, OTHER)
        session_id = await talk.start(calc(tmp_path / "ws"))
        stopped = await talk.until(session_id, "stopped")
        await talk.offer(model.openai_url, SECRET)
        await talk.call("session/resume", {"session_id": session_id})
        seen |= processes(endpoint.pid)
        await talk.until(session_id, "proposed")
        seen |= processes(endpoint.pid)
        assert all(request.key_given for request in model.requests[1:]), "the key did not reach the vendor"
    entities = dump([*(await talk.entities(session_id)).values(), stopped])
    exported = (await talk.call("session/export", {"session_id": session_id, "limit": 500}))["events"]
    steps = (await talk.call("steps/list", {"session_id": session_id}))["steps"]
    status = await talk.call("hub/status", {})
    assert len(seen) >= 2, "there was no runner to look at"
    assert any("run_command" in step["tool"] and "PATH=" in step["text"] for step in steps)
    for secret in (SECRET, OTHER, *tokens):
        for pid, said in seen.items():
            assert secret not in said, f"process {pid} shows a secret"
        for told in (entities, dump(exported), dump(steps), dump(status)):
            assert secret not in told
    await stopped_wholly(state_dir, connection)
    assert files_with(state_dir, SECRET, OTHER, *tokens) == []
    assert "hub_started" in (state_dir / "hub/logs/hub.log").read_text()


async def stopped_wholly(state_dir: Path, connection: HubConnection) -> None:
    """Stops the hub and waits until it has taken its endpoint file away."""
    await stop_hub(state_dir, connection)
    async with asyncio.timeout(STOP_S):
        while (state_dir / "hub/endpoint.json").exists():  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.02)


async def test_the_endpoint_s_tokens_are_in_its_file_only(state_dir: Path) -> None:
    connection = await connect_hub(state_dir, client="cli")
    fields = json.loads((state_dir / "hub/endpoint.json").read_text())
    assert files_with(state_dir, fields["token"], fields["runner_token"]) == ["hub/endpoint.json"]
    await stopped_wholly(state_dir, connection)
