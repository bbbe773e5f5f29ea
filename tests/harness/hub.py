"""A hub process with its child runner on a state folder of its own, as a user's machine has it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from draftsmith.client.connection import HubConnection
from draftsmith.client.endpoint import Endpoint, read_endpoint

START_S = 30.0
STOP_S = 15.0


@dataclass(frozen=True, kw_only=True)
class HubProcess:
    """A hub that runs; `state_dir` is its whole world."""

    state_dir: Path
    endpoint: Endpoint

    async def connect(self, client: str) -> HubConnection:
        """A connection as the named kind of client."""
        return await HubConnection.open(self.endpoint, client=client, within=START_S)

    def log_tails(self) -> str:
        """The last lines of what hub and runner logged, for a failing test's report."""
        parts: list[str] = []
        for name in ("hub/logs/hub.log", "runner/logs/runner.log", "runner/logs/start.log"):
            path = self.state_dir / name
            if path.exists():
                lines = path.read_text("utf-8", "replace").splitlines()[-15:]
                parts.append(f"--- {name}\n" + "\n".join(line[:2_000] for line in lines))
        return "\n".join(parts)


@contextlib.contextmanager
def running_hub(state_dir: Path) -> Iterator[HubProcess]:
    """Starts a hub, and stops it in the orderly way; a hub that does not stop is a failure."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "draftsmith.bootstrap.hub", "--state-dir", str(state_dir)],
        stdin=subprocess.DEVNULL,
    )
    try:
        yield HubProcess(state_dir=state_dir, endpoint=_endpoint(state_dir, process))
        process.terminate()
        if (code := process.wait(STOP_S)) != 0:
            raise AssertionError(f"the hub ended with exit code {code}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(STOP_S)


def _endpoint(state_dir: Path, process: subprocess.Popen[bytes]) -> Endpoint:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if (endpoint := read_endpoint(state_dir)) is not None:
            return endpoint
        if process.poll() is not None:
            raise AssertionError(f"the hub ended as it started, with exit code {process.returncode}")
        time.sleep(0.02)
    raise AssertionError(f"the hub was not up after {START_S:.0f} s")
