"""The editor's edge: its cold start and memory against a bare pygls server, and its answers while sessions stream."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from bench import ROOT
from bench.memory import megabytes
from bench.method import ROUNDS, Line, in_turns
from bench.peers import Environment, peers_python
from bench.steps import clean_environment
from draftsmith.client.connection import HubConnection
from draftsmith.client.inbox import Notified
from draftsmith.client.messages import AttachResult, Empty, SessionRef
from draftsmith.hub.child import runner_command
from harness.hub import HubProcess, running_hub
from harness.lsp_client import Buffer, LspClient, lsp_client
from harness.replies import script_of

PEERS = Environment(name="pygls", packages=("pygls==2.1.1", "lsprotocol==2025.0.0"))
BARE = Path(__file__).parent / "peers" / "bare_pygls.py"
BAR_START, BAR_MEMORY, BAR_MS = 1.3, 1.5, 50.0
STARTS = 5
"""In each round; their median counts."""
STREAMS = 20
RUNNERS = 3
ASKED = 100
"""Requests of each kind in a round."""
SETTLED_SECONDS = 3.0
WAIT_S = 240.0

LINES = 2_000
MENDING: list[dict[str, Any]] = [
    {
        "calls": [
            {"edit": {"path": "long.py", "old": f"x{at} = {at}\n", "new": f"x{at} = 0\n"}}
            for at in range(100, 1_900, 90)
        ]
    },
    {"finish": {"summary": "Done."}},
]
SLOW: dict[str, Any] = {"say": "word " * 120_000, "chunk_size": 40, "chunk_delay": 0.02, "times": 0}


def frame(method: str, params: object, number: int | None = 1) -> bytes:
    message: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        message["id"] = number
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@contextlib.contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def initialize(process: subprocess.Popen[bytes], root: Path) -> None:
    """Send `initialize` and read its answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    folder = {"uri": root.as_uri(), "name": "ws"}
    process.stdin.write(frame("initialize", {"capabilities": {}, "processId": None, "workspaceFolders": [folder]}))
    process.stdin.flush()
    length = 0
    while line := process.stdout.readline().strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answer = json.loads(process.stdout.read(length))
    if "result" not in answer:
        raise RuntimeError(f"initialize was answered by {answer}")


def round_trip(command: list[str], environment: dict[str, str], root: Path) -> Callable[[], Any]:
    def once() -> float:
        begun = time.perf_counter()
        with started(command, environment) as process:
            initialize(process, root)
            return (time.perf_counter() - begun) * 1000

    async def measured() -> float:
        return await asyncio.to_thread(lambda: statistics.median(once() for _ in range(STARTS)))

    return measured


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        place = Path(name).resolve()
        root = place / "ws"
        root.mkdir()
        (root / "long.py").write_text("".join(f"x{number} = {number}\n" for number in range(LINES)))
        environment = {**clean_environment(place), "DRAFTSMITH_STATE_DIR": str(place / "state")}
        ours = [str(Path(sys.executable).parent / "draftsmith"), "lsp"]
        bare = [str(peers_python(PEERS)), str(BARE)]
        start = await in_turns(round_trip(ours, environment, root), round_trip(bare, environment, root))
        with (
            _vendor(place / "script.json") as url,
            running_hub(place / "state") as hub,
            _more_runners(hub, place, environment),
        ):
            environment |= {"DRAFTSMITH_BASE_URL": url}
            memory = await _memory(ours, bare, environment, root)
            busy = await _busy(hub, environment, root, place / "state")
    peer = "bare pygls server"
    return [
        _against(peer, "initialize from cold start", "ms", start, BAR_START),
        _against(peer, "memory of an idle edge", "MB", memory, BAR_MEMORY),
        *busy,
    ]


def _against(peer: str, what: str, unit: str, found: tuple[float, float, float], bar: float) -> Line:
    ours, theirs, ratio = found
    return Line(what=what, unit=unit, ours=ours, peer=peer, theirs=theirs, ratio=ratio, bar=bar)


async def _memory(
    ours: list[str], bare: list[str], environment: dict[str, str], root: Path
) -> tuple[float, float, float]:
    with started(ours, environment) as edge, started(bare, environment) as peer:
        for process in (edge, peer):
            await asyncio.to_thread(initialize, process, root)
            assert process.stdin is not None
            process.stdin.write(frame("initialized", {}, None))
            process.stdin.flush()
        await asyncio.sleep(SETTLED_SECONDS)
        return await in_turns(_reader(edge.pid), _reader(peer.pid))


def _reader(pid: int) -> Callable[[], Any]:
    async def read() -> float:
        return megabytes(psutil.Process(pid))

    return read


@contextlib.contextmanager
def _more_runners(hub: HubProcess, place: Path, environment: dict[str, str]) -> Iterator[None]:
    """One runner takes eight sessions: enough of them for all that are to stream at once."""
    token = json.loads((hub.state_dir / "hub" / "endpoint.json").read_text())["runner_token"]
    with contextlib.ExitStack() as stack:
        for number in range(RUNNERS - 1):
            command = runner_command(hub.endpoint.grpc_port, place / f"runner-{number}")
            process = stack.enter_context(started(command, environment))
            assert process.stdin is not None
            process.stdin.write(token.encode() + b"\n")
            process.stdin.flush()
        yield


@contextlib.contextmanager
def _vendor(script: Path) -> Iterator[str]:
    """The address of a scripted model, a process of its own: its streams must not slow down who measures."""
    replies = [one for number in range(ROUNDS) for one in script_of(f"hunks-{number}", {"code": MENDING})]
    script.write_text(json.dumps({"replies": [*replies, *script_of("slow", {"code": [SLOW]})]}))
    command = [sys.executable, "-m", "vendor.server", "--script", str(script), "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with started(command, environment) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().split()[-1] + "/v1"


async def _busy(hub: HubProcess, environment: dict[str, str], root: Path, state: Path) -> list[Line]:
    """With hunks waiting in a document of 2,000 lines: idle first, then while sessions stream."""
    path = root / "long.py"
    idle: dict[str, list[float]] = {}
    streaming: dict[str, list[float]] = {}
    async with lsp_client(state, environment) as client:
        await client.initialize(root)
        buffer = Buffer(client, path, path.read_text())
        terminal = await hub.connect("bench")
        lens_times = [await _hunk_to_lens(terminal, client, buffer, root, number) for number in range(ROUNDS)]
        for _ in range(ROUNDS):
            _add(idle, await _asked(buffer))
        async with _streams(terminal, root) as rate:
            for _ in range(ROUNDS):
                _add(streaming, await _asked(buffer))
            updates = rate()
        await terminal.close()
    lines = [
        Line(
            what="finished hunk to its lens in the editor, session begun elsewhere",
            unit="ms",
            ours=statistics.median(lens_times),
        )
    ]
    for kind in ("code action", "code lens"):
        for part in ("p50", "p99"):
            with_streams, alone = streaming[f"{kind} {part}"], idle[f"{kind} {part}"]
            busy, quiet = statistics.median(with_streams), statistics.median(alone)
            lines.append(
                Line(
                    what=f"{kind}, {part}, while {STREAMS} sessions stream",
                    unit="ms",
                    ours=busy,
                    peer="idle edge",
                    theirs=quiet,
                    ratio=busy / quiet,
                    bar=1.0 if part == "p99" else None,
                    floor=BAR_MS if part == "p99" else None,
                    note=f"{updates:.0f} updates/s",
                )
            )
    return lines


def _add(found: dict[str, list[float]], more: dict[str, float]) -> None:
    for name, value in more.items():
        found.setdefault(name, []).append(value)


async def _asked(buffer: Buffer) -> dict[str, float]:
    """p50 and p99 of code actions on a hunk and of lenses, in turns, as an editor asks: now and then."""
    times: dict[str, list[float]] = {"code action": [], "code lens": []}
    span = {"start": {"line": 99, "character": 0}, "end": {"line": 101, "character": 0}}
    for _ in range(ASKED):
        begun = time.perf_counter()
        await buffer.actions(span)
        times["code action"].append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        lenses = await buffer.lenses()
        times["code lens"].append((time.perf_counter() - begun) * 1000)
        assert lenses, "no hunk waits"
        await asyncio.sleep(0.01)
    found: dict[str, float] = {}
    for kind, values in times.items():
        found[f"{kind} p50"] = statistics.median(values)
        found[f"{kind} p99"] = statistics.quantiles(values, n=100)[98]
    return found


async def _start(terminal: HubConnection, root: Path, model: str) -> str:
    params = {"folders": [str(root)], "request": "Work.", "model": f"openai_compatible/{model}"}
    return (await terminal.call("session/start", params, SessionRef))["session_id"]


async def _hunk_to_lens(terminal: HubConnection, client: LspClient, buffer: Buffer, root: Path, number: int) -> float:
    """From the hub's telling a client of the proposal's hunks to the lenses in the editor's answer."""
    before = len(await buffer.lenses())
    session_id = await _start(terminal, root, f"hunks-{number}")
    await terminal.call("session/attach", {"session_id": session_id}, AttachResult)
    async with asyncio.timeout(WAIT_S):
        while True:
            notified = await terminal.next_notification()
            if isinstance(notified, Notified) and _has_hunks(notified, session_id):
                break
        begun = time.perf_counter()
        while len(await buffer.lenses()) <= before:  # noqa: ASYNC110  another process: no event
            await asyncio.sleep(0.001)
        spent = (time.perf_counter() - begun) * 1000
    await terminal.call("session/detach", {"session_id": session_id}, Empty)
    if before:
        await client.command("draftsmith.rejectAll", session_id)
    return spent


def _has_hunks(notified: Notified, session_id: str) -> bool:
    entities = notified.params.get("entities")
    return (
        notified.params.get("session_id") == session_id
        and isinstance(entities, list)
        and any(isinstance(one, dict) and one.get("kind") == "hunk" for one in entities)
    )


@contextlib.asynccontextmanager
async def _streams(terminal: HubConnection, root: Path) -> AsyncIterator[Callable[[], float]]:
    """Sessions that stream text until the end of the block; gives how many updates come each second.

    Only the edge goes on following all of them: this process, which measures, looks at one and counts for all.
    """
    sessions = [await _start(terminal, root, f"slow-{number}") for number in range(STREAMS)]
    counted_one = sessions[0]
    for session_id in sessions:
        await terminal.call("session/attach", {"session_id": session_id}, AttachResult)
    streaming: set[str] = set()
    counted = [0]
    begun = [0.0]

    async def count() -> None:
        while True:
            notified = await terminal.next_notification()
            if isinstance(notified, Notified) and notified.params.get("appends"):
                streaming.add(str(notified.params["session_id"]))
                counted[0] += notified.params["session_id"] == counted_one

    counting = asyncio.create_task(count())
    try:
        async with asyncio.timeout(WAIT_S):
            while len(streaming) < STREAMS:  # noqa: ASYNC110  a look now and then is enough
                await asyncio.sleep(0.05)
        for session_id in sessions[1:]:
            await terminal.call("session/detach", {"session_id": session_id}, Empty)
        begun[0], counted[0] = time.perf_counter(), 0
        yield lambda: STREAMS * counted[0] / (time.perf_counter() - begun[0])
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
        for session_id in sessions:
            await terminal.call("session/cancel", {"session_id": session_id}, Empty)
