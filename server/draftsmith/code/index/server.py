"""The index process's socket: answers several clients at once, works in threads, ends when nobody is connected.

Nothing here parses or ranks; a slow question delays nobody's connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from typing import Any

import structlog

from draftsmith.code.index.service import IndexService
from draftsmith.code.index.wire import MAX_LINE, METHODS, answer_line, error_line, parse_line, question
from draftsmith.domain.errors import AdapterError, DraftsmithError

log = structlog.get_logger()

TOKEN_SECONDS = 5.0
QUIET_SECONDS = 1.0
"""After so long without a question what changed is written to disk."""
AT_ONCE = 2
WRITE_SECONDS = 30.0


class IndexServer:
    """Serves until `run` is cancelled, or until `idle_seconds` went by without a connection; for the first one it
    waits `first_seconds`."""

    def __init__(self, service: IndexService, token: str, *, idle_seconds: float, first_seconds: float) -> None:
        self._service = service
        self._token = token.encode()
        self._idle_seconds = idle_seconds
        self._patience = first_seconds
        self._connections = 0
        self._busy = asyncio.Semaphore(AT_ONCE)
        self._asked = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> asyncio.Server:
        """Listens on a free port of the loopback."""
        return await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=MAX_LINE)

    async def run(self) -> None:
        """Returns when nobody has been connected for long enough."""
        saving = asyncio.create_task(self._save_when_quiet())
        try:
            while True:
                self._changed.clear()
                try:
                    async with asyncio.timeout(self._patience):
                        await self._changed.wait()
                except TimeoutError:
                    if self._connections == 0:
                        return
        finally:
            saving.cancel()
            for task in list(self._tasks):
                task.cancel()

    async def _save_when_quiet(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await asyncio.sleep(QUIET_SECONDS)
            if not self._asked.is_set():
                await asyncio.to_thread(self._service.save)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                token = await reader.readline()
            if not hmac.compare_digest(token.strip(), self._token):
                log.warning("index_wrong_token")
                return
            self._connections += 1
            self._patience = self._idle_seconds
            self._changed.set()
            try:
                await self._serve(reader, writer)
            finally:
                self._connections -= 1
                self._changed.set()
        except (TimeoutError, ConnectionError, ValueError) as lost:
            log.info("index_connection_ended", reason=str(lost))
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            message = parse_line(line)
            task = asyncio.create_task(self._answer(message, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        number = int(message["id"])
        try:
            async with self._busy:
                reply = answer_line(number, await asyncio.to_thread(self._ask, message))
        except DraftsmithError as error:
            reply = error_line(number, error)
        except Exception as error:
            # The outermost edge of a question: a bug answers with an error and the process goes on.
            log.exception("index_question_crashed", method=message.get("method"))
            told = f"The index failed with {type(error).__name__}; its log has the details."
            reply = error_line(number, AdapterError(told, code="index_failed"))
        self._asked.set()
        # The other end may be gone, or no longer read.
        with contextlib.suppress(ConnectionError, TimeoutError):
            writer.write(reply)
            async with asyncio.timeout(WRITE_SECONDS):
                await writer.drain()

    def _ask(self, message: dict[str, Any]) -> object:
        method = message["method"]
        if method not in METHODS:
            raise AdapterError(f"The index has no method {method!r}.", code="index_failed")
        return getattr(self._service, method)(**question(message["params"]))
