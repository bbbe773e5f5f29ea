"""A plain LSP client over standard input and output, and an editor of ours on top of it that holds documents.

It answers what servers ask as an editor does, keeps everything that came, and fails on what makes no sense.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]
WAIT_S = 40.0

PLAIN: Json = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
        "workspaceFolders": True,
        "codeLens": {"refreshSupport": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
        "codeLens": {},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "synchronization": {"didSave": True},
    },
    "window": {"workDoneProgress": True, "showMessage": {}, "showDocument": {"support": True}},
}
"""Capabilities of a good client without a plugin."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']} {error.get('data') or ''}")
        self.number: int = error["code"]
        self.data: Json = error.get("data") or {}


class LspClient:
    """`answers` gives what this client answers to a request of the server, by method."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.notifications: list[tuple[str, Json]] = []
        self.requests: list[tuple[str, Json]] = []
        self.answers: dict[str, Callable[[Json], Any]] = {
            "window/workDoneProgress/create": lambda _: None,
            "workspace/codeLens/refresh": lambda _: None,
            "client/registerCapability": lambda _: None,
            "client/unregisterCapability": lambda _: None,
            "workspace/configuration": lambda params: [None for _ in params["items"]],
            "window/showDocument": lambda _: {"success": True},
        }
        self.unanswered: dict[str, int | str] = {}
        """Requests that nothing here answers, by method: a person would."""
        self.initialized: Json = {}
        self.withdrawn: list[int | str] = []
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._came = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())
        self.ended = False

    # --- messages ---

    def write(self, message: Any) -> None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.write_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def write_raw(self, content: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(content)

    def notify(self, method: str, params: Any = None) -> None:
        self.write({"jsonrpc": "2.0", "method": method, "params": params or {}})

    def send(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        """The request's id and its answer to come."""
        self._number += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        self.write({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}})
        return self._number, answer

    async def request(self, method: str, params: Any = None) -> Any:
        """Raises Refused."""
        async with asyncio.timeout(WAIT_S):
            return await self.send(method, params)[1]

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    def answer(self, method: str, result: Any) -> None:
        """Give the answer that a person gives to the open request of this method."""
        self.write({"jsonrpc": "2.0", "id": self.unanswered.pop(method), "result": result})

    async def until(self, found: Callable[[], Any], what: str = "") -> Any:
        """What `found` gives once it is true; looked at whenever a message came."""
        try:
            async with asyncio.timeout(WAIT_S), self._came:
                await self._came.wait_for(lambda: found() or self.ended)
        except TimeoutError as late:
            raise AssertionError(f"{what or 'it'} never came; the last messages:\n{self.describe()}") from late
        result = found()
        assert result, f"the server ended before {what or 'it happened'}"
        return result

    def describe(self) -> str:
        """What came last, for a failing test's report."""
        came = [
            f"{name} {json.dumps(params)[:300]}" for name, params in (*self.requests[-6:], *self.notifications[-12:])
        ]
        return "\n".join(came)

    async def notified(self, method: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """The first notification of the method that fits, come or to come."""
        return (await self.until(lambda: [one for name, one in self.notifications if name == method and fits(one)]))[0]

    async def asked(self, method: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        return (await self.until(lambda: [one for name, one in self.requests if name == method and fits(one)]))[0]

    # --- life ---

    async def initialize(
        self, *roots: Path, capabilities: Json | None = None, options: Json | None = None, **more: Any
    ) -> Json:
        folders = [{"uri": root.as_uri(), "name": root.name} for root in roots]
        params = {
            "processId": os.getpid(),
            "rootUri": roots[0].as_uri() if roots else None,
            "workspaceFolders": folders,
            "capabilities": PLAIN if capabilities is None else capabilities,
            **({"initializationOptions": options} if options is not None else {}),
            **more,
        }
        self.initialized = await self.request("initialize", params)
        self.notify("initialized")
        return self.initialized

    async def shut_down(self) -> int:
        """The exit code after an orderly end."""
        await self.request("shutdown")
        self.notify("exit")
        async with asyncio.timeout(WAIT_S):
            return await self.process.wait()

    async def close_output(self) -> None:
        """Read no more, as a client whose reading half died: from the return on nobody holds the pipe."""
        transport: Any = getattr(self.process, "_transport")  # noqa: B009 - the only way to the pipe
        reading = transport.get_pipe_transport(1)
        pipe = reading.get_extra_info("pipe")
        reading.close()
        async with asyncio.timeout(WAIT_S):
            # The loop closes the descriptor in a later turn; what the server writes before that would not fail.
            while not pipe.closed:  # noqa: ASYNC110  asyncio tells nobody when it has closed it
                await asyncio.sleep(0)

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    # --- inside ---

    async def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                header = await self.process.stdout.readuntil(b"\r\n\r\n")
                length = int(header.split(b":", 1)[1].split(b"\r\n", 1)[0])
                self._take(json.loads(await self.process.stdout.readexactly(length)))
                async with self._came:
                    self._came.notify_all()
        except asyncio.IncompleteReadError:
            self.ended = True
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the server ended"))
            async with self._came:
                self._came.notify_all()

    def _take(self, message: Json) -> None:
        assert message["jsonrpc"] == "2.0"
        if "method" in message and "id" in message:
            self.requests.append((message["method"], message["params"]))
            if message["method"] in self.answers:
                result = self.answers[message["method"]](message["params"])
                self.write({"jsonrpc": "2.0", "id": message["id"], "result": result})
            else:
                self.unanswered[message["method"]] = message["id"]
        elif "method" in message:
            if message["method"] == "$/cancelRequest":
                self.withdrawn.append(message["params"]["id"])
            self.notifications.append((message["method"], message["params"]))
        elif message["id"] is None:
            self.notifications.append(("error without id", message["error"]))
        else:
            answer = self._waiting.pop(message["id"])
            if answer.cancelled():
                return
            if "error" in message:
                answer.set_exception(Refused(message["error"]))
                answer.exception()
            else:
                answer.set_result(message["result"])


@contextlib.asynccontextmanager
async def lsp_client(state_dir: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[LspClient]:
    """`draftsmith lsp` on this state folder, killed at the end unless it ended by itself."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "draftsmith.cli.main", "lsp"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DRAFTSMITH_STATE_DIR": str(state_dir), **(environment or {})},
        limit=1 << 26,
    )
    client = LspClient(process)
    try:
        yield client
    finally:
        await client.close()


class Buffer:
    """An open document of the client: what a person types goes to the server as increments."""

    def __init__(self, client: LspClient, path: Path, text: str, language: str = "python") -> None:
        self.client = client
        self.path = path
        self.uri = path.as_uri()
        self.text = text
        self.version = 1
        item = {"uri": self.uri, "languageId": language, "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": item})

    def replace(self, old: str, new: str) -> None:
        """Put `new` where `old` stands, which must be there once; positions in UTF-16."""
        assert self.text.count(old) == 1, f"{old!r} stands {self.text.count(old)} times in {self.text!r}"
        at = self.text.index(old)
        span = {"start": self.position(at), "end": self.position(at + len(old))}
        self.text = self.text.replace(old, new)
        self._changed({"range": span, "text": new})

    def edit(self, edits: list[Json]) -> None:
        """Text edits of LSP, all counted in the text before them."""
        places = sorted(
            ((self.offset(one["range"]["start"]), self.offset(one["range"]["end"]), one["newText"]) for one in edits),
            reverse=True,
        )
        for start, end, text in places:
            self.text = self.text[:start] + text + self.text[end:]
        self._changed({"text": self.text})

    def save(self) -> None:
        self.path.write_bytes(self.text.encode())
        self.client.notify("textDocument/didSave", {"textDocument": {"uri": self.uri}})

    def close(self) -> None:
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def position(self, offset: int) -> Json:
        before = self.text[:offset]
        line = before.count("\n")
        last = before[before.rfind("\n") + 1 :]
        return {"line": line, "character": len(last.encode("utf-16-le")) // 2}

    def offset(self, position: Json) -> int:
        lines = self.text.split("\n")
        if position["line"] >= len(lines):
            return len(self.text)
        line = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]].decode("utf-16-le")
        return sum(len(one) + 1 for one in lines[: position["line"]]) + len(line)

    def at(self, text: str) -> Json:
        """The range of a text that stands there once."""
        at = self.text.index(text)
        return {"start": self.position(at), "end": self.position(at + len(text))}

    async def actions(self, span: Json, *diagnostics: Json, only: list[str] | None = None) -> list[Json]:
        context: Json = {"diagnostics": list(diagnostics)}
        if only is not None:
            context["only"] = only
        params = {"textDocument": {"uri": self.uri}, "range": span, "context": context}
        return await self.client.request("textDocument/codeAction", params)

    async def lenses(self) -> list[Json]:
        return await self.client.request("textDocument/codeLens", {"textDocument": {"uri": self.uri}})

    async def hover(self, position: Json) -> Json | None:
        params = {"textDocument": {"uri": self.uri}, "position": position}
        return await self.client.request("textDocument/hover", params)

    def _changed(self, change: Json) -> None:
        self.version += 1
        identity = {"uri": self.uri, "version": self.version}
        self.client.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [change]})


async def run(client: LspClient, action: Json) -> Any:
    """Choose a code action or a lens."""
    command = action["command"] if isinstance(action["command"], dict) else action
    return await client.command(command["command"], *command.get("arguments", []))
