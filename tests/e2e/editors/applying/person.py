"""An editor with undo and saving on a real `draftsmith lsp`, and a session with a proposal that is to be decided."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

from draftsmith.client.messages import DecideResult, HunkTextsResult
from draftsmith.client.start import connect_hub
from e2e import hubs
from e2e.editors.lsp.editing import Editing, environment, lay_out, script
from harness.lsp_client import WAIT_S, Buffer, Json, LspClient, lsp_client

LINES = "".join(f"line {number} \U0001f600 na\u00efve\n" for number in range(1, 13))


@dataclass
class Person:
    """One editor. `held_back`: it does not answer what it is asked, as if it were busy."""

    client: LspClient
    buffers: dict[str, Buffer] = field(default_factory=dict[str, Buffer])
    steps: dict[str, tuple[list[str], int]] = field(default_factory=dict[str, tuple[list[str], int]])
    edits: list[Json] = field(default_factory=list[Json])
    before_edit: Callable[[], None] | None = None
    refuse: str = ""
    taking_back: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])

    def __post_init__(self) -> None:
        self.client.answers["workspace/applyEdit"] = self.apply

    def open(self, path: Path, text: str | None = None) -> Buffer:
        buffer = Buffer(self.client, path, path.read_bytes().decode() if text is None else text, "text")
        self.buffers[buffer.uri] = buffer
        self.steps[buffer.uri] = ([buffer.text], 0)
        return buffer

    def type(self, buffer: Buffer, old: str, new: str) -> None:
        buffer.replace(old, new)
        self._step(buffer)

    def undo(self, buffer: Buffer) -> None:
        """One step back, as the editor's own undo does."""
        steps, at = self.steps[buffer.uri]
        self._show(buffer, steps[at - 1])
        self.steps[buffer.uri] = steps, at - 1

    def close(self, buffer: Buffer) -> None:
        buffer.close()
        del self.buffers[buffer.uri]

    def apply(self, params: Json) -> Json:
        """`workspace/applyEdit`: all of it in one step, or nothing."""
        self.edits.append(params)
        if self.before_edit is not None:
            act, self.before_edit = self.before_edit, None
            act()
        if self.refuse:
            return {"applied": False, "failureReason": self.refuse}
        edit = params["edit"]
        changes = edit.get("documentChanges") or [
            {"textDocument": {"uri": uri, "version": None}, "edits": edits} for uri, edits in edit["changes"].items()
        ]
        for change in changes:
            if "textDocument" in change and change["textDocument"]["version"] is not None:
                buffer = self.buffers.get(change["textDocument"]["uri"])
                if buffer is not None and change["textDocument"]["version"] != buffer.version:
                    return {"applied": False, "failureReason": "The document has changed."}
        self.taking_back = []
        for change in changes:
            self._do(change)
        return {"applied": True}

    def take_back(self) -> None:
        """One undo of the last edit, in all files that it was about."""
        for step in reversed(self.taking_back):
            step()
        self.taking_back = []

    def _do(self, change: Json) -> None:
        match change.get("kind"):
            case "create":
                # As the extension for VS Code does it: with its text, and undone together with the rest.
                path = _path(change["uri"])
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as file:
                    file.write(change["contents"].encode())
                self.taking_back.append(path.unlink)
            case "delete":
                path = _path(change["uri"])
                self.taking_back.append(partial(path.write_bytes, path.read_bytes()))
                path.unlink()
                if change["uri"] in self.buffers:
                    self.close(self.buffers[change["uri"]])
            case "rename":
                buffer = self.buffers[change["oldUri"]]
                target = _path(change["newUri"])
                target.parent.mkdir(parents=True, exist_ok=True)
                buffer.path.rename(target)
                self.close(buffer)
                self.open(target, buffer.text)
            case _:
                buffer = self.buffers[change["textDocument"]["uri"]]
                buffer.edit(change["edits"])
                self._step(buffer)
                self.taking_back.append(partial(self.undo, buffer))

    def _step(self, buffer: Buffer) -> None:
        steps, at = self.steps[buffer.uri]
        self.steps[buffer.uri] = [*steps[: at + 1], buffer.text], at + 1

    def _show(self, buffer: Buffer, text: str) -> None:
        buffer.text = text
        buffer._changed({"text": text})


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


@dataclass
class Table:
    """A proposal that is to be decided, and who sits around it."""

    ed: Editing
    person: Person
    session_id: str

    @contextlib.asynccontextmanager
    async def terminal(self) -> AsyncIterator[hubs.Talk]:
        """On the hub that there is now: an editor starts another one when it dies."""
        connection = await connect_hub(self.ed.state_dir, client="cli")
        try:
            yield hubs.Talk(connection)
        finally:
            await connection.close()

    async def stop_hub(self) -> None:
        """The hub that the editor started, until it is gone."""
        async with self.terminal() as terminal:
            pid = (await terminal.call("hub/status", {}))["pid"]
            await terminal.call("hub/stop", {})
        await _until(partial(_runs, pid), False)

    async def hunks(self) -> list[Any]:
        async with self.terminal() as terminal:
            page = await terminal.connection.call("proposal/hunks", {"session_id": self.session_id}, HunkTextsResult)
        return list(page["hunks"])

    async def accept(self, *places: int) -> list[str]:
        """As a terminal does; none means all."""
        names = [one["hunk_id"] for one in await self.hunks()]
        chosen = [names[place] for place in places] if places else names
        async with self.terminal() as terminal:
            params = {"session_id": self.session_id, "hunk_ids": chosen}
            result = await terminal.connection.call("proposal/accept", params, DecideResult)
        return [one["status"] for one in result["results"]]

    async def become(self, *statuses: str) -> None:
        """Until the hunks are in these states."""
        await _until(self._statuses, list(statuses))

    async def held(self, count: int) -> None:
        """Until the hub knows of so many open documents."""
        await _until(self._held, count)

    async def unsaved(self, count: int) -> None:
        """Until the hub knows of so many documents that were changed and not saved."""
        await _until(self._unsaved, count)

    async def _statuses(self) -> list[str]:
        return [one["status"] for one in await self.hunks()]

    async def _held(self) -> int:
        async with self.terminal() as terminal:
            return (await terminal.call("hub/status", {}))["held_documents"]

    async def _unsaved(self) -> int:
        async with self.terminal() as terminal:
            return (await terminal.call("hub/status", {}))["unsaved_documents"]


async def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def _until(look: Callable[[], Awaitable[object]], wanted: object) -> None:
    found: object = None
    try:
        async with asyncio.timeout(WAIT_S):
            while (found := await look()) != wanted:  # noqa: ASYNC110  what is waited for is in another process
                await asyncio.sleep(0.05)
    except TimeoutError as late:
        raise AssertionError(f"{found} is not {wanted}") from late


def edits(**files: list[tuple[str, str]]) -> list[Json]:
    """Replies of a coder that replaces texts, file by file; the names have `_` for `.`."""
    calls = [
        {"edit": {"path": name.replace("_", "."), "old": old, "new": new}}
        for name, pairs in files.items()
        for old, new in pairs
    ]
    return [{"calls": calls}, {"finish": {"summary": "Done."}}]


@contextlib.asynccontextmanager
async def table(
    state_dir: Path,
    root: Path,
    files: dict[str, str],
    code: list[Json],
    *,
    capabilities: Json | None = None,
    options: Json | None = None,
    hub: hubs.RunningHub | None = None,
) -> AsyncIterator[Table]:
    """The proposal is there; nothing is open yet."""
    lay_out(root, files)
    async with script(code) as vendor, contextlib.AsyncExitStack() as stack:
        running = hub or stack.enter_context(hubs.running(state_dir))
        async with running.connected() as terminal:
            await terminal.offer(vendor.openai_url)
            session_id = await terminal.start(root)
            await terminal.until(session_id, "proposed")
        client = await stack.enter_async_context(lsp_client(state_dir, environment(vendor)))
        await client.initialize(root, capabilities=capabilities, options=options)
        ed = Editing(state_dir=state_dir, root=root, hub=running, vendor=vendor, client=client)
        made = Table(ed=ed, person=Person(client), session_id=session_id)
        try:
            yield made
        finally:
            if running.process.poll() is not None:
                await client.close()
                await made.stop_hub()
