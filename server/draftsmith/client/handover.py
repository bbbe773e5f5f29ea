"""How a hub is asked to end, and an older one to hand its sessions over to this version.

It drains: every session stops at its next step's border and goes on under the hub that is started next.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from typing import TYPE_CHECKING

from draftsmith import __version__
from draftsmith.client.endpoint import Endpoint, read_endpoint
from draftsmith.client.failures import HubLost
from draftsmith.client.messages import StopResult
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.locks import FileLock, Holder
from draftsmith.platform.paths import hub_dir

if TYPE_CHECKING:
    from pathlib import Path

    from draftsmith.client.connection import HubConnection

STOP_TIMEOUT = 45.0
"""More than the hub itself takes at the most: it lets steps end, then its runner, then its clients' calls."""
_POLL = 0.05


async def stop_hub(state_dir: Path, connection: HubConnection) -> None:
    """Ask the hub to stop and wait until it has. Raises AdapterError (`hub_still_running`) when it does not."""
    endpoint = read_endpoint(state_dir)
    try:
        await connection.call("hub/stop", {}, StopResult)
    except HubLost:
        pass  # it stopped before it could answer
    finally:
        await connection.close()
    if endpoint is not None:
        await _gone(state_dir, endpoint)


async def end_unspoken(state_dir: Path, endpoint: Endpoint, refused: UserError) -> None:
    """Ask an older hub to stop whose protocol is no longer spoken here: by a signal, which it takes as the same.

    Raises UserError (`protocol_mismatch`) when the hub is the newer one, or not to be recognised with certainty.
    """
    theirs = endpoint.application_version
    if not older(theirs, __version__):
        raise UserError(
            f"The hub is of Draftsmith {theirs}, which no longer speaks the protocol of this one ({__version__}).",
            code="protocol_mismatch",
            remedy=f"Use Draftsmith {theirs} or newer.",
        ) from refused
    # The process id in a file may be another program's by now; the one that holds the lock is the hub.
    if await asyncio.to_thread(lock_holder, state_dir) != endpoint.pid:
        raise UserError(
            f"The hub is of Draftsmith {theirs}, whose protocol this one ({__version__}) no longer speaks.",
            code="protocol_mismatch",
            remedy="Stop it with `draftsmith hub stop` of its own version, and try again.",
        ) from refused
    try:
        os.kill(endpoint.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    await _gone(state_dir, endpoint)


async def _gone(state_dir: Path, endpoint: Endpoint) -> None:
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            # Another process: nothing here could set an event.
            while read_endpoint(state_dir) == endpoint and await _answers(endpoint):  # noqa: ASYNC110  no event
                await asyncio.sleep(_POLL)
    except TimeoutError as late:
        raise AdapterError(
            f"The hub (process {endpoint.pid}) was asked to stop and still runs after {STOP_TIMEOUT:.0f} s.",
            code="hub_still_running",
            remedy="`draftsmith hub logs` tells what it does; end that process if it hangs.",
        ) from late


def lock_holder(state_dir: Path) -> int | None:
    """The process that holds the state folder's lock: a hub that starts, runs or ends. 0 when it is not known yet."""
    if not hub_dir(state_dir).is_dir():
        return None
    lock = FileLock(hub_dir(state_dir) / "hub.lock")
    held = lock.acquire(version=__version__)
    if isinstance(held, Holder):
        return held.pid
    lock.release()
    return None


def older(version: str, than: str) -> bool:
    """Whether a version like 0.9.1 comes before another; anything after the numbers is left out."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(part) for part in re.findall(r"\d+", re.split(r"[^0-9.]", version, maxsplit=1)[0])]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


async def _answers(endpoint: Endpoint) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", endpoint.websocket_port)
    except OSError:
        return False
    writer.close()
    return True
