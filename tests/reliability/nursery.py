"""A process that has imported the product once and forks hubs and runners from itself.

`python -m reliability.nursery ADDRESS [MODULE]`, with a further module to import. What it forks are processes of their
own, as real to `kill -9` as any; what is saved is a second of imports for each. Orphans become its children.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import alembic.command
import alembic.config  # noqa: F401 (the same)

from draftsmith.models import prices
from draftsmith.models.litellm_library import _ENVIRONMENT
from isolation import become_subreaper
from reliability import killable

REQUEST_BYTES = 1 << 16
NURSERY_GONE = 70


class Nursery:
    """The side of the process: one connection for each process that it forks."""

    def __init__(self, address: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(address)
        self._listening.listen(16)
        self._forked: dict[int, socket.socket] = {}

    def run(self) -> None:
        """Until standard input is closed."""
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for source in (self._listening, wake, 0):
            self._selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj == 0:
                    return
                if key.fileobj == wake:
                    os.read(wake, 4096)
                    self._reap()
                elif key.fileobj is self._listening:
                    self._fork(self._listening.accept()[0])
                elif self._forked.get(key.data) is key.fileobj:  # not one that was reaped a moment ago
                    self._hear(key.data, self._forked[key.data])

    def _fork(self, connection: socket.socket) -> None:
        body, descriptors, *_ = socket.recv_fds(connection, REQUEST_BYTES, 3)
        while not body.endswith(b"\n"):
            body += connection.recv(REQUEST_BYTES)
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            self._listening.close()
            for other in (*self._forked.values(), connection):
                other.close()
            _become(json.loads(body), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._forked[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ, pid)

    def _hear(self, pid: int, connection: socket.socket) -> None:
        """Anything said means the end in order; a closed connection means the end at once."""
        said = b""
        with contextlib.suppress(ConnectionError):
            said = connection.recv(4096)
        if not said:
            self._selector.unregister(connection)
        os.kill(pid, signal.SIGTERM if said else signal.SIGKILL)

    def _reap(self) -> None:
        for pid, status in _ended():
            connection = self._forked.pop(pid, None)
            if connection is None:
                continue
            with contextlib.suppress(KeyError):
                self._selector.unregister(connection)
            with contextlib.suppress(OSError):
                connection.sendall(f"exit {os.waitstatus_to_exitcode(status)}\n".encode())
            connection.close()


def _ended() -> Iterator[tuple[int, int]]:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found


def _become(request: dict[str, object], descriptors: list[int]) -> None:
    """The forked process from here on; never returns."""
    code = 1
    try:
        os.setsid()
        for place, descriptor in enumerate(descriptors):
            os.dup2(descriptor, place)
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(request["environment"])  # pyright: ignore[reportArgumentType,reportCallIssue] (our own request)
        os.chdir(str(request["folder"]))
        try:
            killable.run(str(request["program"]), list(request["arguments"]))  # pyright: ignore[reportArgumentType,reportCallIssue] (the same)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


class Forked:
    """A process that a nursery made, as its maker sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._end = asyncio.create_task(self._wait(reader))

    async def _wait(self, reader: asyncio.StreamReader) -> int:
        line: list[bytes] = []
        with contextlib.suppress(ConnectionError):
            line = (await reader.readline()).split()
        self._writer.close()
        return int(line[1]) if len(line) == 2 else NURSERY_GONE

    @property
    def ended(self) -> bool:
        return self._end.done()

    async def wait(self) -> int:
        """Its exit code, negative for a signal."""
        return await asyncio.shield(self._end)

    def kill(self) -> None:
        if not self.ended:
            self._writer.close()


async def fork(
    address: str, program: str, arguments: list[str], environment: dict[str, str], folder: Path, output: Path
) -> Forked:
    """Asks the nursery at `address` for a process; what it writes goes to the file `output`."""
    connection = socket.socket(socket.AF_UNIX)
    await asyncio.to_thread(connection.connect, address)
    request = {"program": program, "arguments": arguments, "environment": environment, "folder": str(folder)}
    with output.open("ab") as log, open(os.devnull, "rb") as nothing:  # noqa: PTH123 (a device, not a file)
        handles = [nothing.fileno(), log.fileno(), log.fileno()]
        socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], handles)
    return Forked(*await asyncio.open_unix_connection(sock=connection))


if __name__ == "__main__":
    become_subreaper()
    prices.load_prices()
    os.environ.update(_ENVIRONMENT)  # before LiteLLM may be imported: it reads these then, and would ask the network
    for module in sys.argv[2:]:
        importlib.import_module(module)
    assert threading.active_count() == 1, "a process with threads cannot be forked safely"
    gc.collect()
    gc.freeze()
    nursery = Nursery(sys.argv[1])
    print("ready", flush=True)
    nursery.run()
