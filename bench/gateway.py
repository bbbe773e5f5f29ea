"""What the gateways add to a call and to a streamed chunk, against bare httpx on the same server.

CPU time of the calling process counts: waiting for the server does not, which is a process of its own. The peer reads
the same events and parses each as JSON, as anybody has to who uses them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.method import Line, in_turns
from draftsmith.domain.conversation import SystemMessage, UserMessage
from draftsmith.models.http_gateway import HttpGateway
from draftsmith.models.litellm_gateway import LiteLlmGateway
from draftsmith.models.pace import TimeLimits
from draftsmith.models.streaming import StreamingGateway
from draftsmith.ports.models import Credential, ModelRequest, ToolSpec

CALLS, LONG_CALLS = 100, 5
CHUNKS = 2_000
TESTS = Path(__file__).parent.parent / "tests"
TOOL = ToolSpec(name="read", description="Read a file.", parameters='{"type": "object", "properties": {}}')
REQUEST = ModelRequest(
    model="openai/gpt-4.1",
    messages=(SystemMessage(text="You edit files. " * 200), UserMessage(text="Please begin. " * 500)),
    tools=(TOOL,) * 10,
    max_output_tokens=16_000,
    role="code",
)
BODY = {
    "model": "gpt-4.1",
    "stream": True,
    "stream_options": {"include_usage": True},
    "messages": [
        {"role": "system", "content": REQUEST.messages[0].text},
        {"role": "user", "content": REQUEST.messages[1].text},
    ],
    "tools": [
        {"type": "function", "function": {"name": TOOL.name, "parameters": json.loads(TOOL.parameters)}}
        for _ in REQUEST.tools
    ],
}

Measure = Callable[[], Awaitable[float]]


@contextmanager
def vendor(chunks: int) -> Iterator[str]:
    """A scripted vendor in a process of its own that streams so many chunks; its address."""
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        script = Path(name) / "script.json"
        text = "".join(f"{number:04d}" for number in range(chunks))
        script.write_text(json.dumps([{"text": text, "chunk_size": 4, "times": 0}]), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "vendor.server", "--script", str(script)],
            cwd=TESTS,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            yield f"{process.stdout.readline().strip()}/v1"
        finally:
            process.terminate()
            process.wait(10)


def gateway_calls(gateway: StreamingGateway, address: str, calls: int) -> Measure:
    """CPU milliseconds of a call."""
    credential = Credential(provider="openai", label="bench", value="key", base_url=address, origin="the benchmark")

    async def measured() -> float:
        await gateway.complete(REQUEST, credentials=credential, on_delta=lambda _: None)  # connected
        begun = time.process_time()
        for _ in range(calls):
            await gateway.complete(REQUEST, credentials=credential, on_delta=lambda _: None)
        return (time.process_time() - begun) * 1000 / calls

    return measured


def bare_calls(client: httpx.AsyncClient, address: str, calls: int) -> Measure:
    """The same by httpx alone."""

    async def one() -> None:
        headers = {"authorization": "Bearer key"}
        async with client.stream("POST", f"{address}/chat/completions", json=BODY, headers=headers) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    json.loads(line[6:])

    async def measured() -> float:
        await one()
        begun = time.process_time()
        for _ in range(calls):
            await one()
        return (time.process_time() - begun) * 1000 / calls

    return measured


async def measure() -> list[Line]:
    lines: list[Line] = []
    limits = TimeLimits()
    with vendor(1) as short, vendor(CHUNKS) as long:
        for name, made in (("light gateway", HttpGateway), ("gateway through LiteLLM", LiteLlmGateway)):
            gateway = made(limits=limits)
            await gateway.warm_up()
            async with httpx.AsyncClient(timeout=60) as client:
                call = await in_turns(gateway_calls(gateway, short, CALLS), bare_calls(client, short, CALLS))
                stream = await in_turns(gateway_calls(gateway, long, LONG_CALLS), bare_calls(client, long, LONG_CALLS))
            await gateway.aclose()
            lines.append(_line(f"a call, {name}", "ms", *call))
            ours, theirs = (
                (long_one - one) * 1000 / CHUNKS for long_one, one in zip(stream[:2], call[:2], strict=True)
            )
            lines.append(_line(f"a streamed chunk, {name}", "µs", ours, theirs, ours / theirs))
    return lines


def _line(what: str, unit: str, ours: float, theirs: float, ratio: float) -> Line:
    note = f"{ours - theirs:+.2f} {unit} of CPU"
    return Line(what=what, unit=unit, ours=ours, peer="bare httpx", theirs=theirs, ratio=ratio, note=note)


if __name__ == "__main__":
    print(asyncio.run(measure()))
