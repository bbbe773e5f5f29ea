"""Counts that guard what the benchmarks measure: they are the same on every machine and under any load."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import pytest
from tests.unit.store.samples import VERSION, append

from draftsmith.client.endpoint import Endpoint, read_endpoint
from draftsmith.client.inbox import Notified
from draftsmith.client.messages import OfferCredentialsResult, SessionRef
from draftsmith.domain.ids import StreamId
from draftsmith.store.event_store import SqlEventStore
from draftsmith.workspace.draft import Draft, PathInRoot
from draftsmith.workspace.snapshot import take_snapshot
from draftsmith.workspace.store import ObjectStore
from harness.replies import script_of
from isolation import short_folder
from reliability.counting import (
    REPORT_IMPORTS,
    CountedCalls,
    CountingConnection,
    commits_in,
    counting_proxy,
    imported,
    packages,
)
from vendor.server import VendorServer

T = TypeVar("T")

HEAVY = {
    "aiohttp",
    "alembic",
    "grpc",
    "httpx",
    "litellm",
    "pydantic",
    "rich",
    "sqlalchemy",
    "starlette",
    "tree_sitter",
}
START_S = 40.0
STEPS = 24
OUTSIDE_STEPS = 16
"""gRPC calls and appends of a session that belong to no step: the draft is fetched, a proposal is made."""
BYTES_A_STEP = 4_500
"""What a client may receive for a model's reply and a command with a line of output."""


# --- appends ---


async def test_a_hundred_appends_one_by_one_are_a_hundred_commits(tmp_path: Path) -> None:
    store = await SqlEventStore.open(tmp_path / "state.db", application_version=VERSION)
    before = commits_in(tmp_path / "state.db-wal")
    for version in range(1, 101):
        await store.append(append(StreamId("session/one"), version))
    counted = commits_in(tmp_path / "state.db-wal") - before
    await store.close()
    assert counted == 100


async def test_a_hundred_appends_at_once_share_their_commits(tmp_path: Path) -> None:
    store = await SqlEventStore.open(tmp_path / "state.db", application_version=VERSION)
    before = commits_in(tmp_path / "state.db-wal")
    await asyncio.gather(*(store.append(append(StreamId(f"session/{number}"), 1)) for number in range(100)))
    counted = commits_in(tmp_path / "state.db-wal") - before
    await store.close()
    assert 1 <= counted <= 3


# --- checkpoints ---

_started: list[str] = []
_watching = False


def _audit(event: str, _arguments: object) -> None:
    if _watching and event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.forkpty", "os.exec", "os.system"):
        _started.append(event)


sys.addaudithook(_audit)  # there is no taking it off again, so it is told when to look


@contextmanager
def processes_started() -> Iterator[list[str]]:
    """What this process starts inside of the block."""
    global _watching
    _started.clear()
    _watching = True
    try:
        yield _started
    finally:
        _watching = False


async def test_a_small_checkpoint_starts_no_process(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for number in range(50):
        (project / f"file{number}.txt").write_text(f"{number}\n" * 20)
    store = ObjectStore.open(tmp_path / "store" / "s.git")
    with processes_started() as started:
        snapshot = await take_snapshot(store, [project], tmp_path / "store" / "maps")
        draft = await Draft.create(store, snapshot.tree, tmp_path / "draft")
        assert started, "the counter sees the processes that making a draft takes"
    place = draft.roots[0] / "file7.txt"
    with processes_started() as started:
        for text in ("one", "two", "three"):
            place.write_text(text)
            before = draft.tree
            await draft.checkpoint([PathInRoot(root=0, path="file7.txt")])
            assert draft.tree != before
        assert started == []
    place.write_text("four")
    with processes_started() as started:
        await draft.checkpoint()
        assert started == [], "no file is new, so git need not be asked what it ignores"
    (draft.roots[0] / "new.txt").write_text("new")
    with processes_started() as started:
        await draft.checkpoint()
        assert len(started) <= 1


# --- imports ---


@dataclass(frozen=True, kw_only=True)
class World:
    """A hub and its runner, each as the interpreter reported its imports, with the runner's calls counted."""

    state_dir: Path
    endpoint: Endpoint
    calls: CountedCalls
    hub_report: Path
    runner_report: Path


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with short_folder("ds-counts-") as folder:
        state, hub_report, runner_report = folder / "state", folder / "hub.txt", folder / "runner.txt"
        command = ["draftsmith.bootstrap.hub", "--state-dir", str(state), "--no-runner"]
        with _reporting(command, hub_report) as hub:
            endpoint = _until(lambda: read_endpoint(state), hub)
            token = folder / "token"
            token.write_text(_runner_token(state))
            with counting_proxy(endpoint.grpc_port) as (port, calls):
                address = ["--hub", f"127.0.0.1:{port}", "--token-file", str(token)]
                command = ["draftsmith.bootstrap.runner", *address, "--state-dir", str(state / "runner")]
                with _reporting(command, runner_report) as runner:
                    _until(lambda: calls.calls, runner)
                    yield World(
                        state_dir=state,
                        endpoint=endpoint,
                        calls=calls,
                        hub_report=hub_report,
                        runner_report=runner_report,
                    )


def _runner_token(state: Path) -> str:
    """The clients' own reader leaves it out on purpose."""
    return json.loads((state / "hub" / "endpoint.json").read_text())["runner_token"]


@contextmanager
def _reporting(command: list[str], report: Path) -> Iterator[subprocess.Popen[bytes]]:
    with report.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-P", *REPORT_IMPORTS, "-m", *command], stdin=subprocess.DEVNULL, stderr=stderr
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        finally:
            process.kill()
            process.wait(5)


def _until(what: Callable[[], T | None], process: subprocess.Popen[bytes]) -> T:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{process.args} is not up (exit code {process.returncode})")


def _command_line(world: World, *arguments: str) -> set[str]:
    command = [sys.executable, "-P", *REPORT_IMPORTS, "-m", "draftsmith.cli.main", *arguments]
    environment = {**os.environ, "DRAFTSMITH_STATE_DIR": str(world.state_dir)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=START_S, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return imported(done.stderr)


def test_the_version_needs_next_to_no_module(world: World) -> None:
    modules = _command_line(world, "--version")
    ours = {name for name in modules if name.partition(".")[0] == "draftsmith"}
    assert ours == {"draftsmith", "draftsmith.cli"}
    assert packages(modules) & (HEAVY | {"asyncio", "click", "websockets"}) == set()
    assert len(modules) <= 55


def test_a_listing_imports_no_server_no_store_and_no_model_library(world: World) -> None:
    modules = _command_line(world, "sessions", "--all")
    assert "draftsmith.client.connection" in modules
    assert packages(modules) & HEAVY == set()
    assert len(modules) <= 300


def test_the_hub_starts_without_models_and_parsers(world: World) -> None:
    found = packages(imported(world.hub_report.read_text()))
    assert {"grpc", "sqlalchemy", "starlette"} <= found
    assert found & {"aiohttp", "graphql", "httpx", "litellm", "openai", "strawberry", "tree_sitter"} == set()


def test_the_runner_starts_without_a_store_and_model_libraries(world: World) -> None:
    found = packages(imported(world.runner_report.read_text()))
    assert {"grpc", "pydantic"} <= found
    assert found & {"aiohttp", "alembic", "litellm", "openai", "sqlalchemy", "starlette"} == set()


# --- a session's traffic ---


async def test_a_step_costs_few_calls_and_its_client_few_bytes(world: World, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "notes.txt").write_text("one\ntwo\n")
    steps = [{"run_command": {"command": f"cat notes.txt  # {number}"}, "chunk_size": 4_000} for number in range(STEPS)]
    script = script_of("counted", {"code": [*steps, {"finish": {"summary": "Read."}}]})
    async with (
        VendorServer(script) as vendor,
        _signed_in(world.endpoint) as client,
    ):
        credential = {"provider": "openai_compatible", "label": "test", "value": "", "base_url": vendor.openai_url}
        await client.call(
            "credentials/offer", {"credentials": [{**credential, "origin": "test"}]}, OfferCredentialsResult
        )
        calls, known = world.calls.calls, set(world.calls.messages)
        params = {"folders": [str(project)], "request": "Read it.", "autonomy": "auto"}
        started = await client.call(
            "session/start", {**params, "model": "openai_compatible/counted"}, SessionRef, within=START_S
        )
        await client.acknowledge("session/attach", {"session_id": started["session_id"]})
        await _ended(client)
    assert STEPS < vendor.count <= STEPS + 4
    # One append before a command is run and one before the model is asked: fewer would lose steps in a crash.
    appends = max(count for stream, count in world.calls.messages.items() if stream not in known)
    assert 2 * STEPS <= appends <= 2 * STEPS + OUTSIDE_STEPS
    assert world.calls.calls - calls <= OUTSIDE_STEPS, "all appends of a session travel in one call"
    assert sum(client.received) <= BYTES_A_STEP * (STEPS + 4)
    half = len(client.received) // 2
    early, late = sum(client.received[:half]), sum(client.received[half:])
    assert late <= 1.5 * early, "what a step sends must not grow with the session"


@asynccontextmanager
async def _signed_in(endpoint: Endpoint) -> AsyncIterator[CountingConnection]:
    connection = await CountingConnection.open(endpoint, client="counting")
    assert isinstance(connection, CountingConnection)
    try:
        yield connection
    finally:
        await connection.close()


async def _ended(client: CountingConnection) -> None:
    """Reads updates until one says that the session is over."""
    async with asyncio.timeout(START_S):
        while True:
            update = await client.next_notification()
            assert isinstance(update, Notified)
            for entity in cast("list[dict[str, object]]", update.params.get("entities", [])):
                if entity["kind"] == "session" and entity["status"] in ("finished", "stopped", "cancelled"):
                    assert entity["status"] == "finished", entity
                    return
