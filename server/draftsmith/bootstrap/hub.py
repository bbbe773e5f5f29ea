"""The hub process: `python -m draftsmith.bootstrap.hub --state-dir DIR`.

One for each state folder: a lock holds it. Ends by SIGTERM, SIGINT or `hub/stop`, at a step's border.
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
import socket
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
import structlog
import uvicorn
from starlette.types import ASGIApp

from draftsmith import __version__
from draftsmith.bootstrap.logs import log_to
from draftsmith.code.index.client import INDEX_VARIABLE, IndexClient, index_environment
from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.hub.child import ChildRunner, runner_command, runner_environment
from draftsmith.hub.http.app import make_app
from draftsmith.hub.http.frames import QuickProtocol
from draftsmith.hub.http.guard import MAX_HEAD, public_place
from draftsmith.hub.http.repeat_journal import RepeatJournal
from draftsmith.hub.http.repeats import Repeats
from draftsmith.hub.http.settings import Elsewhere, WebSettings, web_settings
from draftsmith.hub.http.wire import BoundedProtocol
from draftsmith.hub.rebuild import rows_of
from draftsmith.hub.runner_service import RunnerService, TokenCheck
from draftsmith.hub.service import Hub
from draftsmith.hub.settings_book import SettingsBook
from draftsmith.hub.sign_ins import SignIns
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id
from draftsmith.platform.files import make_private_folder, replace_file
from draftsmith.platform.locks import FileLock, Holder
from draftsmith.platform.paths import (
    endpoint_file,
    hub_dir,
    opening_page,
    repeats_file,
    signed_in_file,
    state_dir,
    web_port_file,
)
from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.protocol.generated import runner_pb2_grpc as services
from draftsmith.protocol.jsonrpc import MAX_FRAME
from draftsmith.store.database import OpenReport
from draftsmith.store.event_store import SqlEventStore

log = structlog.get_logger()

EXIT_TAKEN = 3
"""Another hub holds this state folder."""
EXIT_UNUSABLE = 4
"""The state folder or the database cannot be used; the last line on standard error says why."""

Serving = tuple[uvicorn.Server, socket.socket]

MAX_GRPC_MESSAGE = 96 * 1024 * 1024
LOCK_SECONDS = 3.0


async def run(state: Path, *, start_runner: bool) -> int:
    """Runs the hub until it is asked to stop."""
    folder = hub_dir(state)
    make_private_folder(state)
    make_private_folder(folder)
    log_to(folder / "logs" / "hub.log", process="hub")
    lock = FileLock(folder / "hub.lock")
    held = await lock.acquire_within(LOCK_SECONDS, version=__version__)
    if isinstance(held, Holder):
        print(f"Another hub runs here: process {held.pid}, version {held.version}.", file=sys.stderr)  # noqa: T201 (the starter reads it)
        return EXIT_TAKEN
    # Of a hub that was killed: its port is ours again soon, its token is not.
    endpoint_file(state).unlink(missing_ok=True)
    try:
        return await _serve(state, folder, start_runner=start_runner)
    finally:
        lock.release()


async def _serve(state: Path, folder: Path, *, start_runner: bool) -> int:
    database = folder / "draftsmith.db"
    store = await SqlEventStore.open(database, application_version=__version__)
    try:
        epoch = new_id("h")
        workspaces = Workspaces(folder / "objects", own=state)
        settings_book = SettingsBook(state, os.environ)
        trouble = settings_book.load()
        hub = Hub(store, workspaces, epoch=epoch, state_dir=state, database=str(database))
        hub.index = IndexClient(state / "index", index_environment())
        hub.settings = settings_book
        hub.settings.renew = lambda: _renew_child(hub)
        hub.notices.extend((*_notices(store.report), *trouble))
        await hub.models.load()
        if store.report.reads_stale:
            log.info("reads_rebuilt", sessions=await store.rebuild_reads(rows_of))
        await hub.record.load()
        token, runner_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        grpc_server, grpc_port = await _start_grpc(hub, runner_token)
        settings = web_settings()
        listening = await asyncio.to_thread(_on_loopback, state, settings.port)
        web_port = int(listening.getsockname()[1])
        repeats = Repeats(RepeatJournal(repeats_file(state)))
        web = [(_web_server(hub, token, web_port, settings, repeats), listening)]
        if settings.elsewhere is not None:
            web.append(_web_server_elsewhere(hub, settings.elsewhere, settings, repeats))
        _write_endpoint(state, epoch, token, runner_token, web_port, grpc_port)
        try:
            await _until_stopped(hub, web, _child(state, grpc_port, runner_token) if start_runner else None)
        finally:
            endpoint_file(state).unlink(missing_ok=True)
            await grpc_server.stop(grace=2.0)
            await hub.close()
    finally:
        await store.close()
    log.info("hub_stopped")
    return 0


def _notices(report: OpenReport) -> list[str]:
    """What happened while the database was opened, in words for the user."""
    found: list[str] = []
    if report.quarantined is not None:
        found.append(
            f"The database was damaged ({report.damage}); it was moved to {report.quarantined} and a new one begun."
        )
    if report.migrated_from:
        found.append(f"The database was brought up to date from {report.migrated_from}; a copy is {report.backup}.")
    return found


async def _start_grpc(hub: Hub, token: str) -> tuple[grpc.aio.Server, int]:
    options = [
        ("grpc.max_receive_message_length", MAX_GRPC_MESSAGE),
        ("grpc.max_send_message_length", MAX_GRPC_MESSAGE),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.aio.server(interceptors=[TokenCheck(token)], options=options)
    services.add_HubServicer_to_server(RunnerService(hub), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


def _on_loopback(state: Path, wished: int) -> socket.socket:
    """On the port that was asked for; else on that of the last hub, which open browsers know, if it is free.

    Raises UserError (`web_port_taken`).
    """
    if wished:
        return _listening(wished)
    remembered = web_port_file(state)
    with contextlib.suppress(OSError, ValueError, UserError):
        return _listening(int(remembered.read_text("ascii")))
    found = _listening(0)
    replace_file(remembered, str(found.getsockname()[1]).encode(), mode=0o600)
    return found


def _listening(port: int, host: str = "127.0.0.1") -> socket.socket:
    """`port` 0 takes any that is free. Raises UserError (`web_port_taken`)."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    # Also for a port that is found now: only then can the next hub have it while connections to this one still end.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1_024)
    except OSError as taken:
        listening.close()
        raise UserError(
            f"{host} with port {port} cannot be listened on: {taken.strerror}.",
            code="web_port_taken",
            remedy="Give DRAFTSMITH_WEB_PORT or DRAFTSMITH_WEB_LISTEN another port, or none.",
        ) from taken
    return listening


def _web_server(hub: Hub, token: str, port: int, settings: WebSettings, repeats: Repeats) -> uvicorn.Server:
    used = opening_page(hub.state_dir)
    place = public_place(settings.url, port)
    app = make_app(
        hub,
        token=token,
        port=port,
        public=place,
        repeats=repeats,
        identity=settings.identity,
        web=SignIns(signed_in_file(hub.state_dir), hub.spawn).access(place.address),
        signed_in=lambda: used.unlink(missing_ok=True),
    )
    return _served(app)


def _web_server_elsewhere(hub: Hub, elsewhere: Elsewhere, settings: WebSettings, repeats: Repeats) -> Serving:
    """For named users, beyond this machine. Raises UserError (`bad_web_certificate`, `web_port_taken`)."""
    context = elsewhere.context()
    app = make_app(
        hub,
        token=None,
        port=elsewhere.port,
        public=elsewhere.place,
        web=hub.web,
        repeats=repeats,
        identity=settings.identity,
    )
    if context is None:
        log.warning("listening_without_tls", host=elsewhere.host, port=elsewhere.port)
        hub.notices.append(
            f"Beyond this machine the hub is reached at {elsewhere.place.address} without TLS, as you set it."
        )
    if not len(hub.users):
        hub.notices.append(
            f"Nobody can sign in at {elsewhere.place.address} yet: `draftsmith users add NAME --role ROLE`."
        )
    return _served(app, context), _listening(elsewhere.port, elsewhere.host)


def _served(app: ASGIApp, context: ssl.SSLContext | None = None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        h11_max_incomplete_event_size=MAX_HEAD,
        ws=QuickProtocol,
        # On loopback it costs more than it spares; beyond, it spares.
        ws_per_message_deflate=context is not None,
        ws_max_size=MAX_FRAME,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        backlog=1_024,
        timeout_graceful_shutdown=2,
        ssl_context_factory=None if context is None else lambda config, default: context,
    )
    return uvicorn.Server(config)


def _child(state: Path, grpc_port: int, token: str) -> ChildRunner:
    folder = state / "runner"
    # On this machine one index serves both; a runner elsewhere has its own.
    index = {INDEX_VARIABLE: str(state / "index")}
    log_file = folder / "logs" / "start.log"
    return ChildRunner(runner_command(grpc_port, folder), token, log_file, lambda: runner_environment(folder) | index)


def _renew_child(hub: Hub) -> None:
    """What the child reads of its environment has changed."""

    def drain(pid: int) -> bool:
        runner = next((one for one in hub.leases.runners.values() if one.pid == pid), None)
        if runner is not None:
            runner.send(wire.HubMessage(drain=wire.Drain()))
        return runner is not None

    if hub.child is not None:
        hub.child.renew(drain)


def _write_endpoint(state: Path, epoch: str, token: str, runner_token: str, web_port: int, grpc_port: int) -> None:
    """How clients and runners find and open this hub; for the user's eyes alone."""
    endpoint = {
        "pid": os.getpid(),
        "application_version": __version__,
        "protocol_versions": list(range(PROTOCOL_VERSION, OLDEST_PROTOCOL_VERSION - 1, -1)),
        "websocket_port": web_port,
        "grpc_port": grpc_port,
        "token": token,
        "runner_token": runner_token,
        "epoch": epoch,
    }
    replace_file(endpoint_file(state), json.dumps(endpoint).encode(), mode=0o600)


async def _until_stopped(hub: Hub, web: Sequence[Serving], child: ChildRunner | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, hub.stopping.set)
    serving = [asyncio.create_task(server._serve(sockets=[listening])) for server, listening in web]
    await hub.recover()
    hub.child = child
    watching = None if child is None else asyncio.create_task(child.watch())
    # What is there now stays to the end: looking through it again and again would stop all streams meanwhile.
    gc.freeze()
    log.info("hub_started", epoch=hub.epoch, pid=os.getpid())
    stopping = asyncio.create_task(hub.stopping.wait())
    await asyncio.wait((stopping, *serving), return_when=asyncio.FIRST_COMPLETED)
    if child is not None:
        child.let_end()
    await hub.drain()
    if watching is not None:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    for server, _ in web:
        server.should_exit = True
    await asyncio.gather(*serving)


def main() -> None:
    parser = argparse.ArgumentParser(prog="draftsmith-hub", description="The Draftsmith hub.")
    parser.add_argument("--state-dir", type=Path, default=None)
    parser.add_argument("--no-runner", action="store_true", help="start no child runner")
    arguments = parser.parse_args()
    try:
        code = asyncio.run(run(arguments.state_dir or state_dir(), start_runner=not arguments.no_runner))
    except DraftsmithError as error:
        print(f"{error.code}: {error}", file=sys.stderr)  # noqa: T201 (the starter reads it)
        code = EXIT_UNUSABLE
    sys.exit(code)


if __name__ == "__main__":
    main()
