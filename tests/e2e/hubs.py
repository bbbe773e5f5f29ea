"""Hub processes on state folders of their own, in environments that a test spoils, and a client that talks to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from draftsmith.client.connection import HubConnection
from draftsmith.client.endpoint import Endpoint, read_endpoint
from vendor.server import VendorServer

START_S = 40.0
STOP_S = 20.0
WAIT_S = 60.0

MODEL = "openai_compatible/m"


@dataclass(frozen=True, kw_only=True)
class RunningHub:
    state_dir: Path
    process: subprocess.Popen[bytes]
    endpoint: Endpoint

    @contextlib.asynccontextmanager
    async def connected(self, client: str = "cli") -> AsyncIterator[Talk]:
        connection = await HubConnection.open(self.endpoint, client=client, within=START_S)
        try:
            yield Talk(connection)
        finally:
            await connection.close()

    def kill(self) -> None:
        """Ends the hub as a crash does, and waits until its runner has noticed."""
        runners = children(self.process.pid)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_S)
        deadline = time.monotonic() + STOP_S
        while any(Path(f"/proc/{pid}").exists() and not _is_zombie(pid) for pid in runners):
            assert time.monotonic() < deadline, "the runner outlives its hub"
            time.sleep(0.02)

    def logged(self) -> str:
        """Everything that hub and runner wrote to their logs."""
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(self.state_dir.rglob("*.log*")))


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def children(pid: int) -> list[int]:
    """Processes that this one started, with theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return [*found, *(below for child in found for below in children(child) if Path(f"/proc/{child}/task").exists())]


def command(state_dir: Path, *options: str) -> list[str]:
    return [sys.executable, "-P", "-m", "draftsmith.bootstrap.hub", "--state-dir", str(state_dir), *options]


def start(
    state_dir: Path, *options: str, environment: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*prefix, *command(state_dir, *options)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=None if environment is None else dict(environment),
    )


@contextlib.contextmanager
def running(
    state_dir: Path, *options: str, environment: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> Iterator[RunningHub]:
    """A hub until the end of the block; then it is stopped in the orderly way, unless it was killed before."""
    process = start(state_dir, *options, environment=environment, prefix=prefix)
    try:
        yield RunningHub(state_dir=state_dir, process=process, endpoint=_endpoint(state_dir, process))
        if process.poll() is None:
            process.terminate()
            code = process.wait(STOP_S)
            assert code == 0, f"the hub ended with exit code {code}"
    finally:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()
            process.wait(STOP_S)
        if process.stderr is not None:
            process.stderr.close()


def refused(state_dir: Path, *options: str) -> tuple[int, str]:
    """Exit code and words of a hub that does not start."""
    done = subprocess.run(command(state_dir, *options), capture_output=True, timeout=START_S, check=False)
    return done.returncode, done.stderr.decode().strip()


def _endpoint(state_dir: Path, process: subprocess.Popen[bytes]) -> Endpoint:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        endpoint = read_endpoint(state_dir)
        if endpoint is not None and endpoint.pid == process.pid:
            return endpoint
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise AssertionError(f"the hub ended as it started, with exit code {process.returncode}: {said}")
        time.sleep(0.02)
    raise AssertionError("the hub was not up in time")


@dataclass(frozen=True)
class Talk:
    """A signed-in client. Errors come as the client's own exceptions."""

    connection: HubConnection

    async def call(self, method: Any, params: Mapping[str, object]) -> Any:
        return await self.connection.call(method, params, dict)

    async def offer(self, base_url: str, value: str = "k", label: str = "K") -> None:
        offered = {
            "provider": "openai_compatible",
            "label": label,
            "value": value,
            "base_url": base_url,
            "origin": "test",
        }
        await self.call("credentials/offer", {"credentials": [offered]})

    async def start(self, *folders: Path, request: str = "Mend add", **more: object) -> str:
        params = {"folders": [str(one) for one in folders], "request": request, "model": MODEL, **more}
        return (await self.call("session/start", params))["session_id"]

    async def session(self, session_id: str) -> dict[str, Any]:
        found = await self.call("entity/get", {"session_id": session_id, "kind": "session", "id": session_id})
        return found["entity"]

    async def until(self, session_id: str, *statuses: str) -> dict[str, Any]:
        """The session once it is in one of the statuses; any other end fails the test."""
        async with asyncio.timeout(WAIT_S):
            while True:
                session = await self.session(session_id)
                if session["status"] in statuses:
                    return session
                over = session["status"] in ("stopped", "proposed", "finished", "cancelled")
                assert not over, f"it is {session['status']}: {session['stopped']}"
                await asyncio.sleep(0.05)

    async def hunks(self, session_id: str) -> list[dict[str, Any]]:
        return (await self.call("proposal/hunks", {"session_id": session_id}))["hunks"]

    async def accept(self, session_id: str) -> list[dict[str, Any]]:
        """The outcomes of accepting everything."""
        names = [hunk["hunk_id"] for hunk in await self.hunks(session_id)]
        return (await self.call("proposal/accept", {"session_id": session_id, "hunk_ids": names}))["results"]

    async def entities(self, session_id: str) -> dict[tuple[str, str], Any]:
        """Everything that a new client is shown of the session."""
        snapshot = (await self.call("session/attach", {"session_id": session_id}))["snapshot"]
        await self.call("session/detach", {"session_id": session_id})
        return {(entity["kind"], entity["id"]): entity for entity in snapshot["entities"]}

    async def notices(self) -> str:
        return "\n".join((await self.call("hub/status", {}))["notices"])


FIX: list[dict[str, Any]] = [
    {"when": {"tool": "begin_work"}, "tool_calls": [{"name": "begin_work", "arguments": {"title": "Mend add"}}]},
    {
        "when": {"tool": "finish"},
        "tool_calls": [{"name": "edit", "arguments": {"path": "calc.py", "old": "a - b", "new": "a + b"}}],
    },
    {"when": {"tool": "finish"}, "tool_calls": [{"name": "finish", "arguments": {"summary": "add adds"}}]},
    {
        "when": {"tool": "submit_review"},
        "tool_calls": [{"name": "submit_review", "arguments": {"approved": True, "summary": "fine"}}],
    },
]
"""Replies of a model that mends the workspace of `calc`; each is given as often as it is asked for."""


def replies(*more: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """The script of `FIX`, with other replies before the edit; it answers every session that asks."""
    begin, *rest = FIX
    turns = [*more, *rest[:2]]
    coder = [{**reply, "when": {"tool": "finish", "turn": turn}} for turn, reply in enumerate(turns)]
    made = [{**reply, "times": 0} for reply in (begin, *coder, rest[2])]
    return {"replies": made, "key": key}


def vendor(*more: dict[str, Any], key: str | None = None) -> VendorServer:
    return VendorServer(replies(*more, key=key))


def calc(folder: Path) -> Path:
    """A small project whose only test is red."""
    folder.mkdir(parents=True)
    (folder / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    (folder / "test_calc.py").write_text(
        "import unittest\nfrom calc import add\n\n\nclass AddTest(unittest.TestCase):\n"
        "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n"
    )
    return folder


def path_without(folder: Path, *missing: str) -> str:
    """A PATH on which everything is found but these programs."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        if not Path(place).is_dir():
            continue
        for program in Path(place).iterdir():
            link = folder / program.name
            if program.name not in missing and not link.is_symlink():
                link.symlink_to(program)
    assert all(shutil.which(name, path=str(folder)) is None for name in missing)
    return str(folder)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of this size on the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (
        f"This test needs to mount a small file system, which this user may not: {done.stderr.strip()}"
        " Run it as root (in a container: with the capability SYS_ADMIN)."
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes all the room that is left there."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def dump(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True)
