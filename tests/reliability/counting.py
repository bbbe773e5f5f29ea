"""What is counted in place of time: modules imported, calls on a gRPC connection, commits in a write-ahead log.

Each is read from outside of the product: from the interpreter's own report, the bytes on the wire, the file.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from draftsmith.client.connection import HubConnection

REPORT_IMPORTS = ("-X", "importtime")
"""Options of Python that write a line for every module imported to standard error."""

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME_HEAD = 9
_HEADERS_FRAME = 1
_DATA_FRAME = 0
_MESSAGE_HEAD = 5
_WAL_HEAD, _WAL_FRAME_HEAD = 32, 24


def imported(report: str) -> set[str]:
    """Names of modules in the interpreter's report."""
    lines = (line for line in report.splitlines() if line.startswith("import time:") and "imported package" not in line)
    return {line.rpartition("|")[2].strip() for line in lines}


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def commits_in(log: Path) -> int:
    """Transactions in SQLite's write-ahead log (file format, section 4.1): a commit's last frame tells the size."""
    content = log.read_bytes()
    page = int.from_bytes(content[8:12], "big")
    salts, found = content[16:24], 0
    for at in range(_WAL_HEAD, len(content) - _WAL_FRAME_HEAD, _WAL_FRAME_HEAD + page):
        if content[at + 8 : at + 16] != salts:
            break
        found += content[at + 4 : at + 8] != b"\0\0\0\0"
    return found


class CountedCalls:
    """Calls (HTTP/2 streams opened), the messages in each (gRPC's, by the number of the stream) and bytes of one
    direction of a connection, fed in pieces of any size."""

    def __init__(self) -> None:
        self.calls = 0
        self.bytes = 0
        self.messages: Counter[int] = Counter()
        self._parts: dict[int, bytearray] = {}
        self._waiting = bytearray()
        self._began = False

    def feed(self, data: bytes) -> None:
        self.bytes += len(data)
        self._waiting += data
        if not self._began:
            if len(self._waiting) < len(_PREFACE):
                return
            assert self._waiting.startswith(_PREFACE), "not an HTTP/2 connection"
            del self._waiting[: len(_PREFACE)]
            self._began = True
        while len(self._waiting) >= _FRAME_HEAD:
            length = _FRAME_HEAD + int.from_bytes(self._waiting[:3], "big")
            if len(self._waiting) < length:
                return
            self.calls += self._waiting[3] == _HEADERS_FRAME
            if self._waiting[3] == _DATA_FRAME:
                stream = int.from_bytes(self._waiting[5:_FRAME_HEAD], "big")
                self._data(stream, bytes(self._waiting[_FRAME_HEAD:length]))
            del self._waiting[:length]

    def _data(self, stream: int, data: bytes) -> None:
        """Each message has five bytes before it: whether it is compressed, and its length."""
        part = self._parts.setdefault(stream, bytearray())
        part += data
        while len(part) >= _MESSAGE_HEAD:
            length = _MESSAGE_HEAD + int.from_bytes(part[1:_MESSAGE_HEAD], "big")
            if len(part) < length:
                return
            self.messages[stream] += 1
            del part[:length]


@contextlib.contextmanager
def counting_proxy(port: int) -> Iterator[tuple[int, CountedCalls]]:
    """A port that leads one client on to `port` of this machine, and what that client asks."""
    counted = CountedCalls()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=_serve, args=(listening, port, counted), daemon=True)
        serving.start()
        yield listening.getsockname()[1], counted
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    serving.join(10)


def _serve(listening: socket.socket, port: int, counted: CountedCalls) -> None:
    with contextlib.suppress(OSError):
        near, _ = listening.accept()
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=_pump, args=(far, near, None), daemon=True)
            back.start()
            _pump(near, far, counted)
            back.join(10)


def _pump(source: socket.socket, target: socket.socket, counted: CountedCalls | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            if counted is not None:
                counted.feed(data)
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class CountingConnection(HubConnection):
    """A client's connection that keeps the size of every frame it received."""

    received: list[int]

    def _take(self, frame: str | bytes) -> None:
        self.__dict__.setdefault("received", []).append(len(frame))
        super()._take(frame)
