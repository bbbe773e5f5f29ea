"""The scripted vendor itself: which reply it gives, what it records, how it runs as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from vendor.server import VendorServer, load_script

TESTS = Path(__file__).parents[1]


def chat(text: str, *, system: str = "You help.", stream: bool = False, earlier: int = 0) -> dict[str, Any]:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}] * earlier
    messages = [{"role": "system", "content": system}, *turns, {"role": "user", "content": text}]
    return {"model": "scripted", "messages": messages, "stream": stream}


async def said(server: VendorServer, body: dict[str, Any]) -> str:
    async with httpx.AsyncClient() as client:
        response = await client.post(
            f"{server.openai_url}/chat/completions", json=body, headers={"authorization": "Bearer secret-key"}
        )
    if response.status_code != 200:
        return f"{response.status_code}: {response.json()['error']['message']}"
    return str(response.json()["choices"][0]["message"]["content"])


async def test_the_first_reply_that_fits_and_is_not_used_up_is_given() -> None:
    script = [
        {"text": "planned", "when": {"system": "planner"}},
        {"text": "second turn", "when": {"turn": 1}, "times": 0},
        {"text": "first"},
        {"text": "second"},
    ]
    async with VendorServer(script) as server:
        assert await said(server, chat("x")) == "first"
        assert await said(server, chat("x", system="You are the planner.")) == "planned"
        assert await said(server, chat("x", earlier=1)) == "second turn"
        assert await said(server, chat("x", earlier=1)) == "second turn"
        assert await said(server, chat("x")) == "second"


async def test_an_exhausted_script_says_so() -> None:
    async with VendorServer([{"text": "only"}]) as server:
        await said(server, chat("x"))
        assert await said(server, chat("what now?")) == (
            "500: The script is exhausted: it has no reply for this request (request 2, last message: 'what now?')."
        )
        assert server.script.left == 0


async def test_a_sticky_script_answers_the_same_request_in_the_same_way() -> None:
    async with VendorServer({"sticky": True, "replies": [{"text": "one"}, {"text": "two"}]}) as server:
        assert [await said(server, chat(text)) for text in ("a", "a", "b", "a")] == ["one", "one", "two", "one"]
        assert server.count == 4


async def test_requests_are_recorded_without_their_key() -> None:
    async with VendorServer([{"text": "x"}]) as server:
        await said(server, chat("hello"))
        received = server.requests[0]
    assert received.path == "/v1/chat/completions"
    assert received.body["messages"][-1]["content"] == "hello"
    assert received.outcome == "answered"
    assert "secret-key" not in repr(received)


@pytest.mark.parametrize(
    "script",
    [
        [{"words": "typing error"}],
        [{"text": "x", "when": {"holds": "y"}}],
        [{"behaviour": "explode"}],
        [{"tool_calls": [{"label": "x"}]}],
        {"replies": [], "clinging": True},
    ],
)
def test_a_script_with_a_mistake_is_refused(script: Any) -> None:
    with pytest.raises(ValueError, match="unknown"):
        load_script(script)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_it_runs_as_a_process_and_prints_its_address(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"script{suffix}"
    replies = [{"text": "from a file", "tool_calls": [{"name": "edit", "arguments": {"path": "a"}}]}]
    yaml = "replies:\n- text: from a file\n  tool_calls:\n  - {name: edit, arguments: {path: a}}\n"
    file.write_text(yaml if suffix == ".yaml" else json.dumps(replies), encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, "-m", "vendor.server", "--script", str(file), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        reply = httpx.post(f"{address}/v1/chat/completions", json=chat("x"), timeout=30).json()
        assert reply["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == '{"path": "a"}'
        seen = httpx.get(f"{address}/_requests", timeout=30).json()
        assert seen["left"] == 0
        assert [request["outcome"] for request in seen["requests"]] == ["answered"]
    finally:
        server.terminate()
        server.wait(30)
        if server.stdout is not None:
            server.stdout.close()
