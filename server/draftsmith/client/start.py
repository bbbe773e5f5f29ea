"""A connection to the hub of a state folder, starting one when none runs.

The hub itself sees to it that there is one only; whoever loses a race here uses the winner's, unless it is older.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from os import environ
from typing import TYPE_CHECKING

from draftsmith import __version__
from draftsmith.client.connection import HubConnection
from draftsmith.client.credentials import without_secrets
from draftsmith.client.endpoint import Endpoint, read_endpoint
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.client.handover import end_unspoken, lock_holder, older, stop_hub
from draftsmith.domain.errors import UserError
from draftsmith.platform.files import disk_errors, make_private_folder
from draftsmith.platform.paths import hub_dir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_TIMEOUT = 30.0
HANDOVERS = 5
"""Older hubs asked to make room before giving up: somebody keeps starting them."""
_POLL = 0.05
_EXIT_TAKEN = 3
"""The hub's own exit code when another one holds the state folder, after having waited for it to end."""
_START_LOG_LIMIT = 1_000_000
_SHOWN_LINES = 12


def start_log(state_dir: Path) -> Path:
    """Where a hub that is starting writes until it has its own log."""
    return hub_dir(state_dir) / "logs" / "start.log"


async def connect_running(state_dir: Path, *, client: str) -> HubConnection | None:
    """A connection to the hub that runs, of whatever version, or None."""
    endpoint = read_endpoint(state_dir)
    return None if endpoint is None else await _connect(endpoint, client=client)


async def connect_hub(
    state_dir: Path,
    *,
    client: str,
    within: float = START_TIMEOUT,
    on_start: Callable[[], None] | None = None,
) -> HubConnection:
    """A connection to a hub of this version or a newer one. An older one is drained first and replaced.

    `on_start` is called before a hub is started. Raises HubUnavailable with the last lines of what it wrote,
    UserError (`protocol_mismatch`) for a hub that is too new, AdapterError (`hub_still_running`).
    """
    for _ in range(HANDOVERS):
        connection = await _recent(state_dir, client)
        if connection is None:
            if on_start is not None:
                on_start()
            connection = await _start(state_dir, client=client, within=within)
        if not older(connection.greeting["application_version"], __version__):
            return connection
        # Also when it was met while starting: a client of an older version may have been first.
        await stop_hub(state_dir, connection)
    raise HubUnavailable(
        f"An older hub was started {HANDOVERS} times while this version ({__version__}) tried to start its own.",
        remedy="See which older Draftsmith is still in use, and update it.",
    )


async def _recent(state_dir: Path, client: str) -> HubConnection | None:
    """A connection to what runs; a hub too old to be spoken with is asked to end."""
    endpoint = read_endpoint(state_dir)
    if endpoint is None:
        return None
    try:
        return await _connect(endpoint, client=client)
    except UserError as refused:
        if refused.code != "protocol_mismatch":
            raise
        await end_unspoken(state_dir, endpoint, refused)
        return None


async def _connect(endpoint: Endpoint, *, client: str) -> HubConnection | None:
    try:
        return await HubConnection.open(endpoint, client=client)
    except (HubUnavailable, HubLost):
        return None
    except UserError as refused:
        if refused.code == "wrong_token":  # the file is of a hub that is gone, its port belongs to another now
            return None
        raise


async def _start(state_dir: Path, *, client: str, within: float) -> HubConnection:
    log = start_log(state_dir)
    await asyncio.to_thread(make_private_folder, hub_dir(state_dir))
    await asyncio.to_thread(make_private_folder, log.parent)
    process, begins = await asyncio.to_thread(_spawn, state_dir, log)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while loop.time() < deadline:
        connection = await _recent(state_dir, client)
        if connection is not None:
            _call_off(state_dir, process)
            return connection
        code = process.poll()
        if code is None:
            await asyncio.sleep(_POLL)
        elif code == _EXIT_TAKEN:  # another hub starts, or ends: look for it, and try again
            process, begins = await asyncio.to_thread(_spawn, state_dir, log)
        elif await asyncio.to_thread(lock_holder, state_dir) is not None:
            # Ours cannot run here, but another can: a newer one that takes over just now, say.
            await asyncio.sleep(_POLL)
        else:
            break
    said = await asyncio.to_thread(_last_lines, log, begins)
    told = f"\n{said}" if said else f" It wrote nothing to {log}."
    if process.poll() is not None:
        raise HubUnavailable(f"The hub ended as it started (exit code {process.returncode}).{told}")
    raise HubUnavailable(f"The hub (process {process.pid}) did not answer within {within:.0f} s.{told}")


def _call_off(state_dir: Path, process: subprocess.Popen[bytes]) -> None:
    """Somebody else's hub was first: ours must not wait any longer for the lock, to come up when that one ends."""
    endpoint = read_endpoint(state_dir)
    # On Windows the process may be a launcher, whose id is not the hub's.
    if sys.platform != "win32" and endpoint is not None and endpoint.pid != process.pid and process.poll() is None:
        process.terminate()


def _spawn(state_dir: Path, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The process, and where its output begins in the log."""
    with disk_errors(f"opening {log}"):
        mode = "wb" if log.exists() and log.stat().st_size > _START_LOG_LIMIT else "ab"
        with log.open(mode) as output:
            begins = output.tell()
            # -P: modules are not looked for in the current folder. A session of its own: it outlives the terminal.
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "draftsmith.bootstrap.hub", "--state-dir", str(state_dir)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=hub_dir(state_dir),
                env=without_secrets(environ),
                start_new_session=True,
            )
    return process, begins


def _last_lines(log: Path, begins: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(begins)
            text = file.read(_START_LOG_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-_SHOWN_LINES:])
