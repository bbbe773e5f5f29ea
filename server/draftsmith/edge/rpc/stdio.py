"""Standard input and output, read and written by threads of their own: the loop never waits for the other side.

Messages are taken in only as long as the client takes ours, so that what waits stays bounded.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from draftsmith.edge.rpc.errors import INVALID_REQUEST, PARSE_ERROR, RpcError
from draftsmith.edge.rpc.frames import Body, Garbage, read_frames

if TYPE_CHECKING:
    from draftsmith.client.messages import JsonValue

BACKLOG_HIGH = 8 * 1024 * 1024
"""Bytes that wait to be written from which on `Stdio.congested`."""
BACKLOG_FULL = 4 * BACKLOG_HIGH
"""From here on nothing more is read, either."""
_UNHANDLED = 256
"""Messages that may be read and not yet handled."""
_FLUSH_SECONDS = 2.0


class Stdio:
    """`receive` and `drained` are called in the loop; `receive` gets None when the client is gone."""

    def __init__(
        self,
        receive: Callable[[dict[str, JsonValue] | RpcError | None], None],
        drained: Callable[[], None],
        *,
        source: int,
        target: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._drained = drained
        self._source = source
        self._target = target
        self._room = threading.Semaphore(_UNHANDLED)
        self._lock = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._backlog = 0
        self._closed = False
        self._was_congested = False
        self._reader = threading.Thread(target=self._read, name="stdin", daemon=True)
        self._writer = threading.Thread(target=self._write, name="stdout", daemon=True)

    def start(self) -> None:
        self._reader.start()
        self._writer.start()

    @property
    def congested(self) -> bool:
        """The client reads more slowly than we write: leave out what it can do without."""
        return self._was_congested

    def send(self, message: dict[str, JsonValue]) -> None:
        """Queue a message; never waits."""
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        frame = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        with self._lock:
            if self._closed:
                return
            self._waiting.append(frame)
            self._backlog += len(frame)
            if self._backlog > BACKLOG_HIGH:
                self._was_congested = True
            self._lock.notify_all()

    def close(self) -> None:
        """Write what waits, for a short time, and no more."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        if self._writer.is_alive():
            self._writer.join(_FLUSH_SECONDS)

    # --- the reader's thread ---

    def _read(self) -> None:
        for frame in read_frames(self._bytes):
            self._wait_for_room()
            self._in_loop(self._handle, parse(frame))
        self._in_loop(self._receive, None)

    def _bytes(self, count: int) -> bytes:
        try:
            return os.read(self._source, count)
        except OSError:
            return b""

    def _wait_for_room(self) -> None:
        self._room.acquire()
        with self._lock:
            self._lock.wait_for(lambda: self._backlog < BACKLOG_FULL or self._closed)

    def _handle(self, message: dict[str, JsonValue] | RpcError) -> None:
        self._room.release()
        self._receive(message)

    # --- the writer's thread ---

    def _write(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                frame = self._waiting.popleft()
            if not self._put(frame):
                with self._lock:
                    self._closed = True
                    self._waiting.clear()
                    self._backlog = 0
                    self._lock.notify_all()
                self._in_loop(self._receive, None)
                return
            self._written(len(frame))

    def _put(self, frame: bytes) -> bool:
        rest = memoryview(frame)
        try:
            while rest:
                rest = rest[os.write(self._target, rest) :]
        except OSError:
            return False
        return True

    def _written(self, count: int) -> None:
        with self._lock:
            self._backlog -= count
            freed = self._was_congested and self._backlog < BACKLOG_HIGH // 8
            if freed:
                self._was_congested = False
            self._lock.notify_all()
        if freed:
            self._in_loop(self._drained)

    def _in_loop(self, function: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed: nobody listens any more
            return


def parse(frame: Body | Garbage) -> dict[str, JsonValue] | RpcError:
    """The message in a frame, or the error that its sender is told."""
    if isinstance(frame, Garbage):
        return RpcError(PARSE_ERROR, frame.reason)
    try:
        message = json.loads(frame.content)
    except (ValueError, RecursionError):
        return RpcError(PARSE_ERROR, "The message is not JSON text in UTF-8.")
    if not isinstance(message, dict):
        return RpcError(INVALID_REQUEST, "A message is one JSON object; LSP has no batches.")
    return message
