"""Two really different versions of Draftsmith on one state folder, each a copy of the package in its own folder."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import draftsmith
from draftsmith import __version__
from draftsmith.client.endpoint import Endpoint, read_endpoint
from draftsmith.client.handover import lock_holder, older
from e2e.hubs import Talk
from e2e.terminal.conftest import FIX, Desk, Finished, desk_with
from harness.replies import Role
from isolation import short_folder

NEWER, NEWEST = "0.2.0", "0.3.0"

SLOW_S = 8.0
"""Longer than another command takes to start on a busy machine, shorter than the time that a runner gets to drain."""

REPLIES: Mapping[Role, Sequence[Mapping[str, Any]]] = {
    "plan": [{**FIX["plan"][0], "times": 0}],
    "code": [
        {"say": "First the tests.", "read": {"path": "test_calc.py"}, "when": {"turn": 0}, "times": 0},
        {**FIX["code"][0], "when": {"turn": 1}},
        {**FIX["code"][0], "when": {"turn": 1}, "delay": SLOW_S, "times": 0},
        {**FIX["code"][1], "when": {"turn": 2}, "times": 0},
    ],
    "critique": [{**FIX["critique"][0], "times": 0}],
}
"""For as many sessions as ask; from the second session on the coder's second reply takes its time."""


def install(folder: Path, version: str, *, protocols: tuple[int, int] = (1, 1), schema: str = "") -> Path:
    """The package as another version of it would be installed: speaks `protocols` (best, oldest)."""
    package = folder / "draftsmith"
    shutil.copytree(Path(draftsmith.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    _put(package / "__init__.py", r'__version__ = ".*"', f'__version__ = "{version}"')
    for name in ("protocol/__init__.py", "client/messages.py"):
        _put(package / name, r"(?m)^PROTOCOL_VERSION = \d+", f"PROTOCOL_VERSION = {protocols[0]}")
        _put(package / name, r"(?m)^OLDEST_PROTOCOL_VERSION = \d+", f"OLDEST_PROTOCOL_VERSION = {protocols[1]}")
    if schema:
        _put(package / "store/schema.py", r'(?m)^HEAD = "(.*)"', f'HEAD = "{schema}"')
        head = draftsmith_head()
        (package / "store/migrations/versions/v9999_later.py").write_text(
            f'"""A later version of the schema."""\n\nrevision = "{schema}"\ndown_revision = "{head}"\n\n\n'
            "def upgrade() -> None:\n    pass\n"
        )
    return folder


def _put(path: Path, what: str, instead: str) -> None:
    text, count = re.subn(what, instead, path.read_text("utf-8"), count=1)
    assert count == 1, f"{path} does not say {what}"
    path.write_text(text, "utf-8")


def draftsmith_head() -> str:
    from draftsmith.store.schema import HEAD

    return HEAD


@pytest.fixture(scope="module")
def newer() -> Iterator[Path]:
    with short_folder("ds-newer-") as folder:
        yield install(folder, NEWER, protocols=(2, 1))


@pytest.fixture(scope="module")
def newest() -> Iterator[Path]:
    """It no longer speaks the protocol of the version under test, and has migrated the database."""
    with short_folder("ds-newest-") as folder:
        yield install(folder, NEWEST, protocols=(3, 2), schema="9999")


@pytest.fixture
async def desk(state_dir: Path) -> AsyncIterator[Desk]:
    async with desk_with(state_dir, REPLIES, "handed-over") as made:
        yield made
        endpoint = read_endpoint(state_dir)
        if endpoint is not None:
            os.kill(endpoint.pid, 15)
        async with asyncio.timeout(40):
            while lock_holder(state_dir) is not None:  # noqa: ASYNC110  another process
                await asyncio.sleep(0.05)


def running(state_dir: Path) -> Endpoint:
    endpoint = read_endpoint(state_dir)
    assert endpoint is not None, "no hub runs"
    return endpoint


@dataclass(frozen=True, kw_only=True)
class Watching:
    """`draftsmith run` of the version under test, attached to its session until that has its proposal."""

    process: asyncio.subprocess.Process

    async def ended(self) -> list[Any]:
        async with asyncio.timeout(90):
            out, err = await self.process.communicate()
        assert self.process.returncode == 0, err.decode()
        return [json.loads(line) for line in out.splitlines()]


@asynccontextmanager
async def watching(desk: Desk) -> AsyncIterator[Watching]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "draftsmith.cli.main", "run", "Fix the test", "--json"),
        cwd=desk.folder,
        env={**desk.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield Watching(process=process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def asked(desk: Desk, number: int) -> None:
    """Waits until the scripted vendor has so many requests."""
    async with asyncio.timeout(60):
        while len(desk.vendor.requests) < number:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.02)


async def events(state_dir: Path, session_id: str) -> list[Any]:
    from draftsmith.client.connection import HubConnection

    async with HubConnection.opened(running(state_dir), client="cli") as connection:
        found = await Talk(connection).call("session/export", {"session_id": session_id, "limit": 500})
    return [json.loads(line) for line in found["events"]]


async def hunks(state_dir: Path, session_id: str) -> list[Any]:
    from draftsmith.client.connection import HubConnection

    async with HubConnection.opened(running(state_dir), client="cli") as connection:
        return await Talk(connection).hunks(session_id)


def kinds(log: Sequence[Any], kind: str) -> list[Any]:
    return [event for event in log if event["kind"] == kind]


async def test_a_newer_version_takes_the_hub_over_between_two_steps_and_the_session_ends_the_same(
    desk: Desk, state_dir: Path, newer: Path
) -> None:
    undisturbed = (await desk.draftsmith("run", "Fix the test", "--json")).lines[-1]["session_id"]
    expected = await hunks(state_dir, undisturbed)
    requests = len(desk.vendor.requests)
    old = running(state_dir)
    assert old.application_version == __version__
    async with watching(desk) as watcher:
        await asked(desk, requests + 3)  # planner, first reply of the coder, and now its slow second one
        taken = await desk.draftsmith("hub", "start", "--json", PYTHONPATH=str(newer))
        assert taken.code == 0, taken
        assert taken.json["application_version"] == NEWER
        session_id = (await watcher.ended())[-1]["session_id"]
    new = running(state_dir)
    assert (new.application_version, new.pid != old.pid) == (NEWER, True)
    assert await hunks(state_dir, session_id) == expected
    log = await events(state_dir, session_id)
    assert len(kinds(log, "session_taken_up")) == 2, "the session was not handed over in its middle"
    assert kinds(log, "model_call_failed") == [], "a step was cut off"
    assert len(desk.vendor.requests) == 2 * requests, "a step was repeated"


async def test_an_older_version_uses_the_newer_hub_and_leaves_it_alone(
    desk: Desk, state_dir: Path, newer: Path
) -> None:
    assert (await desk.draftsmith("hub", "start", PYTHONPATH=str(newer))).code == 0
    new = running(state_dir)
    done = await desk.draftsmith("run", "Fix the test", "--json")
    assert done.code == 0, done.out[-1500:] + done.err
    accepted = await desk.draftsmith("accept", "--all", "--json")
    assert accepted.code == 0, accepted
    assert "return a + b" in desk.read("calc.py")
    assert running(state_dir) == new


async def start_hub(desk: Desk, version: Path | None) -> Finished:
    """As the version under test, or as the one in the folder."""
    if version is None:
        return await desk.draftsmith("hub", "start", "--json")
    return await desk.draftsmith("hub", "start", "--json", PYTHONPATH=str(version))


async def test_versions_that_race_end_with_one_hub_of_the_newest(desk: Desk, state_dir: Path, newer: Path) -> None:
    versions = {None: __version__, newer: NEWER}
    started = await asyncio.gather(*(start_hub(desk, path) for path in [*versions, *versions]))
    for version, done in zip([*versions.values()] * 2, started, strict=True):
        assert done.code == 0 or "hub_lost" in done.err, done
        if done.code == 0:
            assert not older(done.json["application_version"], version)
    assert all(done.code == 0 for done in started[1::2]), started
    last = running(state_dir)
    assert last.application_version == NEWER
    assert lock_holder(state_dir) == last.pid
    again = await desk.draftsmith("hub", "start", "--json")
    assert again.json["pid"] == last.pid


async def test_a_hub_whose_protocol_is_too_old_is_asked_by_signal_and_what_has_migrated_keeps_the_older_out(
    desk: Desk, state_dir: Path, newest: Path
) -> None:
    session_id = await desk.proposal()
    taken = await desk.draftsmith("hub", "start", "--json", PYTHONPATH=str(newest))
    assert taken.code == 0, taken
    assert running(state_dir).application_version == NEWEST
    refused = await desk.draftsmith("sessions", "--json")
    error = json.loads(refused.err)["error"]
    assert error["code"] == "protocol_mismatch"
    assert error["remedy"] == f"Use Draftsmith {NEWEST} or newer."
    stopped = await desk.draftsmith("hub", "stop", PYTHONPATH=str(newest))
    assert stopped.code == 0, stopped
    # Nobody is there to speak with: the older hub starts, and refuses the database by the version that is needed.
    alone = await desk.draftsmith("sessions", "--json")
    error = json.loads(alone.err)["error"]
    assert error["code"] == "hub_unavailable"
    assert "newer_schema: " in error["message"]
    assert f"Install Draftsmith {NEWEST} or newer" in error["message"]
    kept = await desk.draftsmith("sessions", "--json", PYTHONPATH=str(newest))
    assert session_id in kept.out
