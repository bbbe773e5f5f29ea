"""The runner process: `python -m draftsmith.bootstrap.runner --hub HOST:PORT --state-dir DIR --token-on-stdin`.

Ends when the hub's pipe closes, on SIGTERM, or when the hub is lost.
"""

from __future__ import annotations

from draftsmith.bootstrap import plain_structlog as _first  # noqa: F401 (it has to come first)

# isort: split
import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import structlog

from draftsmith import __version__
from draftsmith.bootstrap.logs import log_to
from draftsmith.code.index.client import INDEX_VARIABLE, IndexClient, index_environment
from draftsmith.domain.errors import DraftsmithError
from draftsmith.domain.ids import RunnerId
from draftsmith.models.replay import ReplayPace
from draftsmith.models.routing import RoutingGateway
from draftsmith.platform.clock import new_id
from draftsmith.platform.files import make_private_folder
from draftsmith.platform.locks import FileLock, Holder
from draftsmith.ports.sandbox import Sandbox
from draftsmith.runner.channel import HubChannel
from draftsmith.runner.folders import Folders
from draftsmith.runner.metered import MeteredSandbox
from draftsmith.runner.worker import Runner
from draftsmith.sandbox.choosing import ChosenSandbox

log = structlog.get_logger()

EXIT_TAKEN = 3
"""Another runner has this state folder."""

LOCK_SECONDS = 15.0

FAST_REPLAY_VARIABLE = "DRAFTSMITH_RUNNER_FAST_REPLAY"
"""Set to play recordings without the pauses of a real model."""


async def run(hub: str, state: Path, token: str, *, watch_stdin: bool) -> int:
    """Works for the hub until it is gone or asks to stop."""
    make_private_folder(state)
    log_to(state / "logs" / "runner.log", process="runner")
    # A killed hub's runner may still be ending its commands when the next hub's runner comes to the same drafts.
    lock = FileLock(state / "runner.lock")
    held = await lock.acquire_within(LOCK_SECONDS, version=__version__)
    if isinstance(held, Holder):
        log.error("runner_folder_in_use", folder=str(state), pid=held.pid)
        print(f"Another runner works in {state}: process {held.pid}.", file=sys.stderr)  # noqa: T201 (its starter reads it)
        return EXIT_TAKEN
    try:
        return await _work(hub, state, token, watch_stdin=watch_stdin)
    finally:
        lock.release()


async def _work(hub: str, state: Path, token: str, *, watch_stdin: bool) -> int:
    channel = HubChannel(hub, token)
    pace = ReplayPace(first_s=0, between_s=0) if os.environ.get(FAST_REPLAY_VARIABLE) else None
    gateway = RoutingGateway()
    index = IndexClient(Path(os.environ.get(INDEX_VARIABLE) or state / "index"), index_environment())
    sandbox = MeteredSandbox(ChosenSandbox(os.environ, state / "sandbox"))
    if ended := await sandbox.clear_leftovers():
        log.warning("leftovers_ended", processes=ended)
    runner = Runner(
        channel,
        Folders(state),
        sandbox,
        gateway,
        runner_id=RunnerId(new_id("r")),
        pace=pace,
        index=index,
    )
    working = asyncio.create_task(runner.run())
    choosing = asyncio.create_task(_choose(sandbox))
    ending = [asyncio.create_task(_signalled())]
    if watch_stdin:
        ending.append(asyncio.create_task(_pipe_closed()))
    log.info("runner_started", pid=os.getpid(), hub=hub)
    await asyncio.wait((working, *ending), return_when=asyncio.FIRST_COMPLETED)
    code = 0
    working.cancel()
    for task in (choosing, *ending):
        task.cancel()
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await working
    except DraftsmithError as error:
        log.warning("runner_ended", code=error.code, error=str(error))
        code = 1
    await sandbox.end()
    await sandbox.stand_down()
    await index.close()
    await gateway.aclose()
    await channel.close()
    return code


async def _choose(sandbox: Sandbox) -> None:
    """Before the first command, with what a killed runner left cleared away."""
    chosen = await sandbox.probe()
    log.info("sandbox_chosen", engine=chosen.engine, version=chosen.version, usable=chosen.usable, why=chosen.reason)


async def _signalled() -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await stopping.wait()


async def _pipe_closed() -> None:
    """Returns when the hub, which holds the other end, is gone."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def main() -> None:
    parser = argparse.ArgumentParser(prog="draftsmith-runner", description="A Draftsmith runner.")
    parser.add_argument("--hub", required=True, help="host:port of the hub's gRPC service")
    parser.add_argument("--state-dir", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--token-on-stdin", action="store_true")
    source.add_argument("--token-file", type=Path)
    arguments = parser.parse_args()
    # Read by the byte, so that nothing of the pipe's end is lost to a buffer.
    token = _line_of_stdin() if arguments.token_on_stdin else arguments.token_file.read_text().strip()
    sys.exit(asyncio.run(run(arguments.hub, arguments.state_dir, token, watch_stdin=bool(arguments.token_on_stdin))))


def _line_of_stdin() -> str:
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode("ascii")


if __name__ == "__main__":
    main()
