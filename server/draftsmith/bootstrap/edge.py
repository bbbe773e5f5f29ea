"""The edge process: an editor starts `draftsmith lsp` and speaks LSP with it on standard input and output.

Ends with `exit`, with its input, or with the editor.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from typing import TYPE_CHECKING

from draftsmith import __version__
from draftsmith.edge.edge import Edge
from draftsmith.edge.log_file import log_to
from draftsmith.edge.routes import dispatch
from draftsmith.edge.rpc.peer import Peer
from draftsmith.edge.rpc.stdio import Stdio
from draftsmith.platform.paths import state_dir
from draftsmith.platform.streams import process_lives, take_standard_streams

if TYPE_CHECKING:
    from draftsmith.edge.rpc.errors import RpcError
    from draftsmith.edge.values import JsonObject

log = logging.getLogger(__name__)

PARENT_SECONDS = 5.0
"""Between two looks whether the editor still lives: its end of the pipe may be held by somebody else."""


def assemble(source: int, target: int) -> tuple[Edge, Peer, Stdio]:
    """An edge that will read and write these descriptors once its `Stdio` is started."""

    def receive(message: JsonObject | RpcError | None) -> None:
        if message is None:
            edge.ending.set()
        else:
            peer.receive(message)

    stdio = Stdio(receive, lambda: edge.passing.drained(), source=source, target=target)
    peer = Peer(lambda method, params, wanted: dispatch(edge, method, params, wanted), stdio.send)
    edge = Edge(peer, state_dir(), lambda: stdio.congested)
    return edge, peer, stdio


async def run(source: int, target: int) -> int:
    """Serve one client until it ends; the exit code that LSP wants."""
    edge, peer, stdio = assemble(source, target)
    stdio.start()
    await _until_the_end(edge)
    await peer.close()
    await edge.close()
    await asyncio.to_thread(stdio.close)
    log.info("edge_ended", extra={"in_order": edge.shut_down})
    return 0 if edge.shut_down else 1


async def _until_the_end(edge: Edge) -> None:
    while not edge.ending.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PARENT_SECONDS):
                await edge.ending.wait()
        if edge.parent is not None and not process_lives(edge.parent):
            return


def main() -> int:
    """Serve this process's standard input and output."""
    source, target = take_standard_streams()
    telling = logging.StreamHandler(sys.stderr)
    telling.setLevel(logging.WARNING)
    telling.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[telling])
    log_to(state_dir() / "edge" / "logs")
    log.info("edge_started", extra={"version": __version__})
    try:
        return asyncio.run(run(source, target))
    except KeyboardInterrupt:
        return 1


def serve() -> None:
    """As `main`, and end the process at once: threads that wait for the client are not waited for."""
    code = main()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
