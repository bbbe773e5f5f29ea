"""A connection to the hub of a state folder, starting one when none runs.

The hub itself sees to it that there is one only; whoever loses a race here uses the winner's.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from os import environ
from typing import TYPE_CHECKING

from draftsmith import __version__
from draftsmith.client.connection import HubConnection
from draftsmith.client.credentials import without_secrets
from draftsmith.client.endpoint import Endpoint, read_endpoint
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.client.messages import StopResult
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.files import disk_errors, make_private_folder
from draftsmith.platform.paths import hub_dir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_TIMEOUT = 30.0
STOP_TIMEOUT = 20.0
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
    """A connection to a hub of this version or a newer one, started or replaced when needed.

    `on_start` is called before a hub is started. Raises HubUnavailable with the last lines of what it wrote.
    """
    connection = await connect_running(state_dir, client=client)
    if connection is not None:
        if not older(connection.greeting["application_version"], __version__):
            return connection
        await stop_hub(state_dir, connection)
    if on_start is not None:
        on_start()
    return await _start(state_dir, client=client, within=within)


async def ensure_hub(state_dir: Path, *, within: float = START_TIMEOUT, client: str = "start") -> Endpoint:
    """The endpoint of a hub that answered just now; see `connect_hub`."""
    connection = await connect_hub(state_dir, client=client, within=within)
    await connection.close()
    endpoint = read_endpoint(state_dir)
    if endpoint is None:
        raise HubUnavailable("The hub stopped as soon as it had answered.")
    return endpoint


async def stop_hub(state_dir: Path, connection: HubConnection) -> None:
    """Ask the hub to stop and wait until it has. Raises AdapterError (`hub_still_running`) when it does not."""
    endpoint = read_endpoint(state_dir)
    try:
        await connection.call("hub/stop", {}, StopResult)
    except HubLost:
        pass  # it stopped before it could answer
    finally:
        await connection.close()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            # Another process: nothing here could set an event.
            while endpoint and read_endpoint(state_dir) == endpoint and await _answers(endpoint):  # noqa: ASYNC110  no event
                await asyncio.sleep(_POLL)
    except TimeoutError as late:
        raise AdapterError(
            f"The hub (process {endpoint.pid if endpoint else '?'}) was asked to stop and still runs"
            f" after {STOP_TIMEOUT:.0f} s.",
            code="hub_still_running",
            remedy="`draftsmith hub logs` tells what it does; end that process if it hangs.",
        ) from late


def older(version: str, than: str) -> bool:
    """Whether a version like 0.9.1 comes before another; anything after the numbers is left out."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(part) for part in re.findall(r"\d+", re.split(r"[^0-9.]", version, maxsplit=1)[0])]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


async def _connect(endpoint: Endpoint, *, client: str) -> HubConnection | None:
    try:
        return await HubConnection.open(endpoint, client=client)
    except (HubUnavailable, HubLost):
        return None
    except UserError as refused:
        if refused.code == "wrong_token":  # the file is of a hub that is gone, its port belongs to another now
            return None
        raise


async def _answers(endpoint: Endpoint) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", endpoint.websocket_port)
    except OSError:
        return False
    writer.close()
    return True


async def _start(state_dir: Path, *, client: str, within: float) -> HubConnection:
    log = start_log(state_dir)
    await asyncio.to_thread(make_private_folder, hub_dir(state_dir))
    await asyncio.to_thread(make_private_folder, log.parent)
    process, begins = await asyncio.to_thread(_spawn, state_dir, log)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while loop.time() < deadline:
        endpoint = read_endpoint(state_dir)
        if endpoint is not None and (connection := await _connect(endpoint, client=client)) is not None:
            return connection
        match process.poll():
            case None:
                await asyncio.sleep(_POLL)
            case code if code == _EXIT_TAKEN:  # another hub starts, or ends: look for it, and try again
                process, begins = await asyncio.to_thread(_spawn, state_dir, log)
            case _:
                break
    said = await asyncio.to_thread(_last_lines, log, begins)
    told = f"\n{said}" if said else f" It wrote nothing to {log}."
    if process.poll() is not None:
        raise HubUnavailable(f"The hub ended as it started (exit code {process.returncode}).{told}")
    raise HubUnavailable(f"The hub (process {process.pid}) did not answer within {within:.0f} s.{told}")


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
