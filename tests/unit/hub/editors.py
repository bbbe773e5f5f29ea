"""A session with a real proposal in a hub of this process, and editors with buffers, undo and saving.

The editors' side is the edge's own code over a socket in memory; only the editor itself is a model.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.websockets import WebSocket
from tests.unit.hub.worlds import TOKEN, WAIT_S, World, world

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import SessionId, TreeId, WorkspaceId
from draftsmith.domain.roots import Root
from draftsmith.domain.session import events as e
from draftsmith.domain.text import EMPTY
from draftsmith.edge import applying as edge_applying
from draftsmith.edge import observing as edge_observing
from draftsmith.edge.applying import Applying
from draftsmith.edge.documents import Documents, Replacement
from draftsmith.edge.features import Features
from draftsmith.edge.observing import Observing
from draftsmith.edge.text import Lines, Position, Range
from draftsmith.edge.uris import path_of, uri_of
from draftsmith.hub import observing as hub_observing
from draftsmith.hub.buffers import Buffers
from draftsmith.hub.host import SessionHost
from draftsmith.hub.http.connection import Connection
from draftsmith.workspace.as_proposal import as_proposal
from draftsmith.workspace.changes import FileChange, encode_changes
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.snapshot import take_snapshot

WORKSPACE = WorkspaceId("w_test")

TEN = "".join(f"line {number}\n" for number in range(1, 11))
NEW = TEN.replace("line 2\n", "two\n").replace("line 8\n", "line 8\nextra\n")


@dataclass
class Desk:
    """A world with one session, its proposal, and the user's folder."""

    world: World
    root: Path
    session_id: SessionId
    changes: tuple[FileChange, ...]

    async def host(self) -> SessionHost:
        return await self.world.hub.host(self.session_id)

    @property
    def hunks(self) -> list[str]:
        return [hunk.hunk_id for change in self.changes for hunk in change.hunks]

    async def statuses(self) -> list[str]:
        state = (await self.host()).state
        assert state.proposal is not None
        return [hunk.status for hunk in state.proposal.hunks]

    async def applying(self, wanted: bool) -> None:
        """Until an apply is under way, or none is."""
        host = await self.host()
        await until(lambda: (host.state.apply is not None) == wanted)

    async def notes(self) -> list[str]:
        state = (await self.host()).state
        assert state.proposal is not None
        return [hunk.note for hunk in state.proposal.hunks]

    def disk(self, name: str = "f") -> bytes:
        return (self.root / name).read_bytes()


@asynccontextmanager
async def desk(
    folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes | None], programs: Collection[str] = ()
) -> AsyncIterator[Desk]:
    """The files before, and what the proposal makes of them; None deletes one. `programs` are made executable."""
    root, draft = folder / "project", folder / "draft"
    for place in (root, draft):
        place.mkdir()
        for name, content in before.items():
            write(place / name, content)
    for name, content in after.items():
        if content is None:
            (draft / name).unlink()
            with contextlib.suppress(OSError):  # not empty
                (draft / name).parent.rmdir()
        else:
            write(draft / name, content)
    for name in programs:
        (draft / name).chmod(0o755)
    async with world(folder) as made:
        store = await made.hub.workspaces.store(WORKSPACE)
        base = (await take_snapshot(store, [root], folder / "maps")).tree
        tree = (await take_snapshot(store, [draft], folder / "maps")).tree
        changes = await propose(store, base, tree)
        document = encode_changes(changes)
        session_id = await made.started(
            base_tree=base, workspace_id=WORKSPACE, roots=(Root(name="project", path=str(root)),), autonomy="ask"
        )
        proposal = as_proposal(changes, base=TreeId(base), tree=TreeId(tree), document=document, summary=EMPTY)
        await made.append(
            session_id, e.ProposalMade(proposal=proposal, verified=(), unverified=()), documents=(document,)
        )
        yield Desk(made, root, session_id, changes)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@dataclass
class Buffer:
    """One open document with its undo steps."""

    uri: str
    path: Path
    steps: list[str]
    at: int = 0
    version: int = 1
    saved: str = ""

    @property
    def text(self) -> str:
        return self.steps[self.at]


@dataclass
class ModelEditor:
    """What a person does in an editor, and what the editor does when it is asked.

    `refuses`: how many edits it refuses; `meanwhile` is done just before an edit is made, as if typed then.
    """

    world: World
    name: str
    features: Features = field(
        default_factory=lambda: Features(
            apply_edit=True, document_changes=True, resource_operations=("create", "rename", "delete")
        )
    )
    refuses: int = 0
    meanwhile: list[Any] = field(default_factory=list[Any])
    edits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    asked: list[str] = field(default_factory=list[str])
    silent: bool = False
    """It answers nothing, and does nothing that it is asked."""
    mute: bool = False
    """It does what it is asked, and its answers are lost."""

    def __post_init__(self) -> None:
        self.documents = Documents()
        self.buffers: dict[Path, Buffer] = {}
        self.taking_back: list[Callable[[], object]] = []
        """What undoing the last edit does to files that are not open."""
        self.applying = Applying(self.documents, cast("Any", self))
        self.observing = Observing(self.documents, cast("Any", self), lambda: self.features)
        self._task: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._number = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- the connection ---

    @property
    def connected(self) -> bool:
        return self._task is not None

    async def connect(self) -> None:
        self._to_hub: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_hub: asyncio.Queue[str] = asyncio.Queue()
        self._gone = False
        await self._to_hub.put({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/api/v1/ws", "headers": [], "query_string": b""}
        socket = WebSocket(scope, self._to_hub.get, self._send)
        self._task = asyncio.create_task(Connection(self.world.hub, socket, lambda given: given == TOKEN).run())
        self._reader = asyncio.create_task(self._read())
        await self.call("hello", {"token": TOKEN, "client": self.name, "versions": [1]}, object)
        await self.observing.connected()

    async def reconnect(self) -> None:
        """To the hub that there is now."""
        await self.cut()
        await self.connect()

    async def cut(self) -> None:
        """The connection breaks. The buffers stay, as they do when only the edge dies."""
        if self._task is None or self._reader is None:
            return
        self._gone = True
        await self._to_hub.put({"type": "websocket.disconnect", "code": 1006})
        task, self._task = self._task, None
        async with asyncio.timeout(WAIT_S):
            await task
        for one in (self._reader, *self._tasks):
            one.cancel()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(AdapterError("The connection broke.", code="hub_lost"))
        self.observing.close()

    async def call(
        self, method: str, params: object, _result: object, *, within: float = WAIT_S, wait: float = 0.0
    ) -> Any:
        self._number += 1
        number = self._number
        self._answers[number] = asyncio.get_running_loop().create_future()
        frame = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        await self._to_hub.put({"type": "websocket.receive", "text": frame})
        async with asyncio.timeout(within):
            return await self._answers[number]

    async def _send(self, message: Any) -> None:
        if self._gone:
            raise OSError
        if message["type"] == "websocket.send":
            self._from_hub.put_nowait(message["text"])

    async def _read(self) -> None:
        while True:
            frame = json.loads(await self._from_hub.get())
            if "method" in frame and "id" in frame:
                self.asked.append(frame["method"])
                if not self.silent:
                    task = asyncio.create_task(self._answer(frame))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            elif frame.get("id") in self._answers:
                answer = self._answers[frame["id"]]
                if answer.done():
                    continue  # who asked was cancelled
                if "error" in frame:
                    answer.set_exception(AdapterError(frame["error"]["message"], code=frame["error"]["data"]["code"]))
                else:
                    answer.set_result(frame["result"])

    async def _answer(self, frame: Any) -> None:
        result = await self.applying.answer(frame["method"], frame["params"])
        if self.mute:
            return
        text = json.dumps({"jsonrpc": "2.0", "id": frame["id"], "result": result})
        await self._to_hub.put({"type": "websocket.receive", "text": text})

    # --- what the person does ---

    def open(self, path: Path, text: str | None = None) -> None:
        """`text` in place of what is on disk: a buffer that was changed before anybody looked."""
        shown = (path.read_bytes().decode() if path.exists() else "") if text is None else text
        buffer = Buffer(uri=uri_of(str(path)), path=path, steps=[shown], saved=shown)
        self.buffers[path] = buffer
        self.documents.open(buffer.uri, "text", buffer.version, shown)

    def type(self, path: Path, text: str) -> None:
        """The whole text as it is after some typing."""
        buffer = self.buffers[path]
        buffer.steps = [*buffer.steps[: buffer.at + 1], text]
        self._go(buffer, buffer.at + 1)

    def undo(self, path: Path) -> None:
        buffer = self.buffers[path]
        if buffer.at > 0:
            self._go(buffer, buffer.at - 1)

    def redo(self, path: Path) -> None:
        buffer = self.buffers[path]
        if buffer.at + 1 < len(buffer.steps):
            self._go(buffer, buffer.at + 1)

    def save(self, path: Path) -> None:
        buffer = self.buffers[path]
        path.write_bytes(buffer.text.encode())
        buffer.saved = buffer.text
        self.documents.save(buffer.uri)

    def close(self, path: Path) -> None:
        self.documents.close(self.buffers.pop(path).uri)

    def text(self, path: Path) -> str:
        return self.buffers[path].text

    def _go(self, buffer: Buffer, at: int) -> None:
        buffer.at = at
        buffer.version += 1
        self.documents.change(buffer.uri, buffer.version, [Replacement(text=buffer.text)])

    # --- what the editor does when it is asked ---

    async def apply_edit(self, label: str, edit: dict[str, Any]) -> tuple[bool, str]:
        self.edits.append(edit)
        for act in self.meanwhile:
            act()
        self.meanwhile.clear()
        if self.refuses:
            self.refuses -= 1
            return False, "The editor does not want to."
        changes = edit["documentChanges"]
        for change in changes:
            if (
                "edits" in change
                and change["textDocument"]["version"] != self._at(change["textDocument"]["uri"]).version
            ):
                return False, "The document has changed."
        self.taking_back = []
        for change in changes:
            match change.get("kind"):
                case "create":
                    if not self._create(_path(change["uri"]), change["contents"].encode()):
                        return False, "There is such a file."
                case "delete":
                    self._delete(_path(change["uri"]))
                case _:
                    buffer = self._at(change["textDocument"]["uri"])
                    self.type(buffer.path, edited(buffer.text, change["edits"]))
                    self.taking_back.append(partial(self.undo, buffer.path))
        return True, ""

    def take_back(self) -> None:
        """One undo of the last edit, in all files that it was about."""
        for step in reversed(self.taking_back):
            step()
        self.taking_back = []

    def _at(self, uri: str) -> Buffer:
        return next(one for one in self.buffers.values() if one.uri == uri)

    def _create(self, path: Path, content: bytes) -> bool:
        if path.exists():
            return False
        write(path, content)
        self.taking_back.append(path.unlink)
        return True

    def _delete(self, path: Path) -> None:
        self.taking_back.append(partial(write, path, path.read_bytes()))
        path.unlink()
        if path in self.buffers:
            self.close(path)


def _path(uri: str) -> Path:
    found = path_of(uri)
    assert found is not None
    return Path(found)


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after LSP edits, which all speak of the text before."""
    lines = Lines(text, "utf-16")
    for edit in sorted(edits, key=lambda one: _start(one["range"]), reverse=True):
        lines.replace(_range(edit["range"]), edit["newText"])
    return lines.text


def _start(span: dict[str, Any]) -> tuple[int, int]:
    return span["start"]["line"], span["start"]["character"]


def _range(span: dict[str, Any]) -> Range:
    return Range(
        Position(span["start"]["line"], span["start"]["character"]),
        Position(span["end"]["line"], span["end"]["character"]),
    )


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.002)


async def settled(there: Desk, *editors: ModelEditor) -> None:
    """Until everything that happened was told and looked at."""
    await until(
        lambda: not there.world.hub.observing.busy and not any(one.connected and one.observing.busy for one in editors)
    )


def quicken(patched: pytest.MonkeyPatch, *, back: float = 0.5) -> None:
    """Nothing here waits for a person; an editor that is gone gets so long to come back."""
    patched.setattr(edge_observing, "QUIET_SECONDS", 0.0)
    patched.setattr(hub_observing, "QUIET_SECONDS", 0.0)
    patched.setattr(Buffers, "return_seconds", back)
    patched.setattr(edge_applying, "SEEN_SECONDS", 0.2)
    patched.setattr(edge_applying, "MOVED_SECONDS", 0.05)


async def accept(there: Desk, by: ModelEditor, *hunks: str) -> list[str]:
    params = {"session_id": there.session_id, "hunk_ids": list(hunks)}
    answer = await by.call("proposal/accept", params, object)
    await settled(there, by)
    return [one["status"] for one in answer["results"]]


async def editor(there: Desk, name: str = "vscode", *, open_it: bool = True) -> ModelEditor:
    made = ModelEditor(there.world, name)
    if open_it:
        made.open(there.root / "f")
    await made.connect()
    return made
