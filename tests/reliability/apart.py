"""A hub and runners that share nothing: no folder, no home, no view of each other's files; only one address.

The runner's mount view has an empty folder where the hub's state and the user's workspace are. It stands for a runner
on another machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from draftsmith.client.connection import HubConnection
from draftsmith.client.endpoint import read_endpoint
from draftsmith.client.failures import HubLost, HubUnavailable

START_SECONDS = 30.0
END_SECONDS = 20.0


def _environment(home: Path) -> dict[str, str]:
    for folder in (home, home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        "DRAFTSMITH_RUNNER_QUICK": "off",  # the calls of the story are counted
    }


class Apart:
    """`hub_side` holds the hub's state and the workspace; each runner has a folder of its own beside it."""

    def __init__(self, folder: Path) -> None:
        self.hub_side = folder / "hub-side"
        self.state = self.hub_side / "state"
        self.workspace = self.hub_side / "project"
        self._folder = folder
        self._log = folder / "processes.out"
        self._runners: dict[str, asyncio.subprocess.Process] = {}

    @contextlib.asynccontextmanager
    async def hub(self) -> AsyncIterator[None]:
        """A hub that starts no runner, as long as the block lasts; the runners end with it."""
        command = [sys.executable, "-m", "draftsmith.bootstrap.hub", "--state-dir", str(self.state), "--no-runner"]
        process = await self._start(command, _environment(self.hub_side / "home"))
        try:
            yield
        finally:
            process.terminate()
            async with asyncio.timeout(END_SECONDS):
                for ending in (process, *self._runners.values()):
                    await ending.wait()

    async def connect(self) -> HubConnection:
        async with asyncio.timeout(START_SECONDS):
            while True:
                endpoint = read_endpoint(self.state)
                if endpoint is not None:
                    with contextlib.suppress(HubUnavailable, HubLost):
                        return await HubConnection.open(endpoint, client="test")
                await asyncio.sleep(0.02)

    async def start_runner(self, name: str) -> None:
        """A runner with an empty state folder, told the address of the hub and the runners' token."""
        side = self._folder / name
        environment = _environment(side / "home")
        endpoint = json.loads((self.state / "hub" / "endpoint.json").read_text(encoding="utf-8"))
        token = side / "token"
        token.write_text(endpoint["runner_token"], encoding="ascii")
        hub = f"127.0.0.1:{endpoint['grpc_port']}"
        others = [self.hub_side, *(self._folder / other for other in self._runners)]
        hidden = [part for folder in others for part in ("--tmpfs", str(folder))]
        runner = ["-m", "draftsmith.bootstrap.runner", "--hub", hub, "--state-dir", str(side / "state")]
        command = ["bwrap", "--dev-bind", "/", "/", *hidden, "--", sys.executable, *runner, "--token-file", str(token)]
        self._runners[name] = await self._start(command, environment)

    async def kill_runner(self, name: str) -> None:
        """`kill -9`, to all that it is."""
        process = self._runners[name]
        for one in (*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        await process.wait()

    def view(self, name: str) -> dict[str, list[str]]:
        """What the runner sees of the hub's side, by folder."""
        seen: dict[str, list[str]] = {}
        for process in psutil.Process(self._runners[name].pid).children(recursive=True):
            if "draftsmith.bootstrap.runner" in process.cmdline() and process.name() != "bwrap":
                seen[str(process.pid)] = [
                    one.name for one in Path(f"/proc/{process.pid}/root{self.hub_side}").iterdir()
                ]
        return seen

    def logs(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-4000:]

    async def _start(self, command: list[str], environment: dict[str, str]) -> asyncio.subprocess.Process:
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=self._folder,
                start_new_session=True,
            )
