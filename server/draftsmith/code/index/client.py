"""The `CodeIndex` port over the index process of a state folder, which is started when it is first needed.

Whoever loses the race to start it uses the winner's. When it dies it is started again and asked once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from draftsmith import __version__
from draftsmith.code.index.wire import (
    MAX_LINE,
    map_of,
    outline_of,
    parse_line,
    raised,
    request_line,
    symbols_of,
    uses_of,
)
from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import disk_errors, make_private_folder
from draftsmith.ports.code_index import (
    DEFAULT_LIMIT,
    CodeFolder,
    CodeMap,
    Focus,
    Outline,
    SymbolPage,
    UseKind,
    UsePage,
)

INDEX_VARIABLE = "DRAFTSMITH_RUNNER_INDEX_DIR"
"""The folder of the index that a runner uses; a hub names its own to the runner that it starts."""

_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "LOGNAME", "SYSTEMROOT")

START_SECONDS = 15.0
ANSWER_SECONDS = 300.0
"""A very large tree that was never read takes minutes; whoever asks has a shorter patience of his own."""
UNUSED_SECONDS = 300.0
"""After so long without a question the connection is let go, and the process ends if nobody else has one."""
_POLL = 0.005
_PAUSES = (0.0, 0.1, 0.5)
"""Before each new try after the process was lost: one that is ending still takes connections for a moment."""
_SHOWN_BYTES = 2_000


def index_environment() -> dict[str, str]:
    """What the process sees of ours: an allow-list, so that no key gets there."""
    return {name: value for name, value in os.environ.items() if name in _KEPT_VARIABLES or name.startswith("PYTHON")}


def endpoint_file(folder: Path) -> Path:
    """Where a running index process says how it is reached."""
    return folder / "endpoint.json"


class IndexClient:
    """Implements `ports.code_index.CodeIndex`. `environment` is what a process started from here gets."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._unused: asyncio.TimerHandle | None = None

    async def map(
        self, folders: Sequence[CodeFolder], *, words: str, focus: Sequence[Focus] = (), budget: int
    ) -> CodeMap:
        params = {"folders": list(folders), "words": words, "focus": list(focus), "budget": budget}
        return map_of(await self._ask("map", params))

    async def symbols(
        self, folders: Sequence[CodeFolder], query: str, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
    ) -> SymbolPage:
        params = {"folders": list(folders), "query": query, "limit": limit, "cursor": cursor}
        return symbols_of(await self._ask("symbols", params))

    async def uses(
        self,
        folders: Sequence[CodeFolder],
        kind: UseKind,
        name: str,
        *,
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> UsePage:
        params = {"folders": list(folders), "kind": kind, "name": name, "limit": limit, "cursor": cursor}
        return uses_of(await self._ask("uses", params))

    async def similar(
        self,
        folders: Sequence[CodeFolder],
        *,
        path: str = "",
        line: int = 0,
        text: str = "",
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> SymbolPage:
        where = {"path": path, "line": line, "text": text}
        return symbols_of(
            await self._ask("similar", {"folders": list(folders), **where, "limit": limit, "cursor": cursor})
        )

    async def structure(
        self,
        folders: Sequence[CodeFolder],
        *,
        language: str,
        query: str,
        glob: str = "",
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> UsePage:
        asked = {"language": language, "query": query, "glob": glob}
        return uses_of(
            await self._ask("structure", {"folders": list(folders), **asked, "limit": limit, "cursor": cursor})
        )

    async def outline(self, path: str, text: str) -> Outline:
        return outline_of(await self._ask("outline", {"path": path, "text": text}))

    async def close(self) -> None:
        if self._unused is not None:
            self._unused.cancel()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        for pause in (*_PAUSES, None):
            connection = await self._connected()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await connection.ask(method, params)
            except TimeoutError as late:
                raise AdapterError(
                    f"The index of code did not answer within {ANSWER_SECONDS:.0f} s.", code="index_unavailable"
                ) from late
            except ConnectionError as lost:
                if pause is None:
                    raise self._unavailable("It ended while it was working.") from lost
                await asyncio.sleep(pause)
                continue
            finally:
                self._used()
            if "error" in answer:
                raise raised(answer["error"])
            return answer["result"]
        raise AssertionError("the last try returns or raises")

    def _used(self) -> None:
        if self._unused is not None:
            self._unused.cancel()
        self._unused = asyncio.get_running_loop().call_later(UNUSED_SECONDS, self._let_go)

    def _let_go(self) -> None:
        if self._connection is not None and not self._connection.waiting:
            self._connection.close()
            self._connection = None

    async def _connected(self) -> _Connection:
        async with self._connecting:
            if self._connection is None or self._connection.lost:
                self._connection = await self._open() or await self._start()
            return self._connection

    async def _open(self) -> _Connection | None:
        """A connection to a process that runs; None when none of this version answers."""
        try:
            content = await asyncio.to_thread(endpoint_file(self._folder).read_bytes)
            endpoint = json.loads(content)
            if endpoint["version"] != __version__:
                return None
            reader, writer = await asyncio.open_connection("127.0.0.1", int(endpoint["port"]), limit=MAX_LINE)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        writer.write(str(endpoint["token"]).encode() + b"\n")
        return _Connection(reader, writer)

    async def _start(self) -> _Connection:
        """Raises AdapterError (`index_unavailable`)."""
        log = self._folder / "start.log"
        process = await asyncio.to_thread(self._spawn, log)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_SECONDS
        while loop.time() < deadline:
            code = process.poll()
            connection = await self._open()
            if connection is not None:
                return connection
            if code is not None and code >= 0 and code != EXIT_TAKEN:
                raise self._unavailable(await asyncio.to_thread(_tail, log))
            if code is not None:
                # Another one holds the folder and is about to listen, or to end; or it was killed as it started.
                process = await asyncio.to_thread(self._spawn, log)
            await asyncio.sleep(_POLL)
        process.kill()
        raise self._unavailable(f"It did not answer within {START_SECONDS:.0f} s.")

    def _spawn(self, log: Path) -> subprocess.Popen[bytes]:
        make_private_folder(self._folder)
        with disk_errors(f"opening {log}"), log.open("wb") as output:
            # A session of its own: it serves others too and ends by itself when nobody is connected.
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "draftsmith.bootstrap.index", "--folder", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
            )
        # Whenever it ends, nothing of it stays.
        threading.Thread(target=process.wait, name="index-process", daemon=True).start()
        return process

    def _unavailable(self, reason: str) -> AdapterError:
        return AdapterError(
            f"The index of code cannot be used. {reason}",
            code="index_unavailable",
            remedy=f"{self._folder} holds its log; removing that folder makes it anew.",
        )


EXIT_TAKEN = 3
"""The process's exit code when another one holds the folder."""


def _tail(log: Path) -> str:
    with contextlib.suppress(OSError):
        return log.read_bytes()[-_SHOWN_BYTES:].decode("utf-8", "replace").strip() or "It ended at once."
    return "It ended at once."


class _Connection:
    """Several questions at once over one socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lost = False
        self.waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._writer = writer
        self._number = 0
        self._reading = asyncio.create_task(self._read(reader))

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Raises ConnectionError when the process is gone."""
        if self.lost:
            raise ConnectionResetError("the index process is gone")
        self._number += 1
        number = self._number
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.waiting[number] = answer
        try:
            self._writer.write(request_line(number, method, params))
            await self._writer.drain()
            return await answer
        finally:
            self.waiting.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                message = parse_line(line)
                answer = self.waiting.get(message["id"])
                if answer is not None and not answer.done():
                    answer.set_result(message)
        except (ConnectionError, ValueError):
            pass  # a process that is gone, or that is none of ours: the same for whoever waits
        finally:
            self.lost = True
            self._writer.close()
            for answer in self.waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the index process is gone"))

    def close(self) -> None:
        self._reading.cancel()
        self._writer.close()
        self.lost = True
