"""The runner that the hub starts for itself and watches: started again when it dies, but never in a storm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import structlog

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
GIVE_UP_AFTER = 8
"""Deaths within WINDOW_SECONDS after which the hub stops trying until it is asked."""
WINDOW_SECONDS = 120.0
STOP_SECONDS = 10.0

KEPT_VARIABLES = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "USER", "LOGNAME"),
    # Behind a proxy no vendor can be reached without these.
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("DRAFTSMITH_MAX_FILES", "DRAFTSMITH_MAX_MEGABYTES"),
    *("DRAFTSMITH_SANDBOX", "DRAFTSMITH_SANDBOX_IMAGE", "DOCKER_HOST", "XDG_RUNTIME_DIR"),
)
"""The child's environment: no keys of the user's are among it."""

ChildState = Literal["starting", "connected", "lost", "gave_up"]


class ChildRunner:
    """`command` is the runner's program with its arguments; the token goes through a pipe, not the command line."""

    def __init__(
        self, command: list[str], token: str, log_file: Path, environment: Callable[[], dict[str, str]]
    ) -> None:
        """`environment` is asked for at every start."""
        self.pid = 0
        self.state: ChildState = "starting"
        self.reason = ""
        self._command = command
        self._token = token
        self._log_file = log_file
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._may_end = False
        self._renewed = False

    async def watch(self) -> None:
        """Keeps one runner alive until cancelled; then stops it."""
        deaths: deque[float] = deque(maxlen=GIVE_UP_AFTER)
        pause = FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        try:
            while True:
                begun = loop.time()
                code = await self._run_once()
                if self._may_end:
                    return
                now = loop.time()
                if self._renewed:
                    self._renewed = False
                    continue
                deaths.append(now)
                if len(deaths) == GIVE_UP_AFTER and now - deaths[0] < WINDOW_SECONDS:
                    self.state = "gave_up"
                    self.reason = f"It ended {GIVE_UP_AFTER} times, last with code {code}; see {self._log_file}."
                    log.error("child_runner_given_up", code=code, log=str(self._log_file))
                    return
                pause = FIRST_PAUSE_SECONDS if now - begun > WINDOW_SECONDS else min(pause * 2, LONGEST_PAUSE_SECONDS)
                self.state, self.reason = "lost", f"It ended with code {code}; another starts in {pause:.1f} s."
                log.warning("child_runner_ended", code=code, again_in_seconds=pause)
                await asyncio.sleep(pause)
        finally:
            await self.stop()

    async def _run_once(self) -> int:
        self.state = "starting"
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self._environment(),
                start_new_session=True,
            )
        self.pid = self._process.pid
        # The pipe stays open: when it closes, the hub is gone and the runner ends itself.
        if self._process.stdin is not None:
            self._process.stdin.write(self._token.encode() + b"\n")
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.drain()
        return await self._process.wait()

    def let_end(self) -> None:
        """The hub is about to end: when the child ends, no other is started."""
        self._may_end = True

    def renew(self, drain: Callable[[int], bool]) -> None:
        """Its environment has changed: it ends at its next step's border, and another one begins at once.

        `drain` asks the connected runner of that process to end; False when there is none.
        """
        process = self._process
        if process is None or process.returncode is not None or self._may_end:
            return
        self._renewed = True
        if not drain(process.pid):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()

    async def stop(self) -> None:
        """Asks the child to end, and makes it."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def runner_command(grpc_port: int, state_dir: Path) -> list[str]:
    """The program that is this version's runner."""
    return [
        sys.executable,
        "-m",
        "draftsmith.bootstrap.runner",
        "--hub",
        f"127.0.0.1:{grpc_port}",
        "--state-dir",
        str(state_dir),
        "--token-on-stdin",
    ]


def runner_environment(state_dir: Path) -> dict[str, str]:
    """What the child sees of the hub's environment: an allow-list, so that no key gets there."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "DRAFTSMITH_RUNNER_"))}
    return kept | {"DRAFTSMITH_STATE_DIR": str(state_dir)}
