"""The index process: `python -m draftsmith.bootstrap.index --folder DIR`.

One for each folder: a lock holds it. Ends by SIGTERM, or by itself when nobody has been connected for a while.
"""

from __future__ import annotations

from draftsmith.bootstrap import plain_structlog as _first  # noqa: F401 (it has to come first)

# isort: split
import argparse
import asyncio
import contextlib
import gc
import json
import os
import secrets
import signal
import sys
from pathlib import Path

import structlog

from draftsmith import __version__
from draftsmith.bootstrap.logs import log_to
from draftsmith.code.index.client import EXIT_TAKEN, endpoint_file
from draftsmith.code.index.server import IndexServer
from draftsmith.code.index.service import IndexService
from draftsmith.domain.errors import DraftsmithError
from draftsmith.platform.files import make_private_folder, replace_file
from draftsmith.platform.locks import FileLock, Holder

log = structlog.get_logger()

IDLE_SECONDS = 1.0
"""Starting again costs less than a process that waits for nobody: what it knew is on disk."""
FIRST_SECONDS = 20.0
"""For whoever started it to connect."""
LOCK_SECONDS = 5.0


async def run(folder: Path, *, idle_seconds: float, workers: int) -> int:
    """Serves until nobody needs it or it is asked to end."""
    make_private_folder(folder)
    # Tables are long-lived and hold no cycles: collecting often would only walk through them.
    gc.set_threshold(50_000, 20, 100)
    log_to(folder / "logs" / "index.log", process="index")
    lock = FileLock(folder / "index.lock")
    held = await lock.acquire_within(LOCK_SECONDS, version=__version__)
    if isinstance(held, Holder):
        return EXIT_TAKEN
    try:
        service = await asyncio.to_thread(IndexService, folder, workers=workers)
        try:
            await _serve(service, folder, idle_seconds)
        finally:
            await asyncio.to_thread(service.close)
    finally:
        lock.release()
    return 0


async def _serve(service: IndexService, folder: Path, idle_seconds: float) -> None:
    token = secrets.token_urlsafe(32)
    first = max(FIRST_SECONDS, idle_seconds)
    server = IndexServer(service, token, idle_seconds=idle_seconds, first_seconds=first)
    listening = await server.start()
    port = listening.sockets[0].getsockname()[1]
    endpoint = {"port": port, "token": token, "version": __version__, "pid": os.getpid()}
    replace_file(endpoint_file(folder), json.dumps(endpoint).encode(), mode=0o600)
    log.info("index_started", pid=os.getpid())
    working = asyncio.create_task(server.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await working
    finally:
        endpoint_file(folder).unlink(missing_ok=True)
        listening.close()
    log.info("index_ended")


def main() -> None:
    parser = argparse.ArgumentParser(prog="draftsmith-index", description="Draftsmith's index of code.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS)
    parser.add_argument("--workers", type=int, default=0, help="processes for reading many files; 0: one per core")
    arguments = parser.parse_args()
    try:
        code = asyncio.run(run(arguments.folder, idle_seconds=arguments.idle_seconds, workers=arguments.workers))
    except DraftsmithError as error:
        print(f"{error.code}: {error}", file=sys.stderr)  # noqa: T201 (the starter reads it)
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
