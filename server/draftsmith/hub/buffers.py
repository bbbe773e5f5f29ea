"""Which editor holds which file, as the editors say it, and their text, read when it is needed.

Nothing here is recorded: after a restart the editors say it again. Paths are compared with links resolved.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from draftsmith.hub.peers import Peer, PeerFailed
from draftsmith.protocol.methods.buffers import (
    MAX_PAGE,
    BufferOutcome,
    HeldDocument,
    HeldParams,
    ObservedDocument,
    ObservedParams,
    Operation,
    ReadParams,
    ReadResult,
)
from draftsmith.workspace.held import hash_of

log = structlog.get_logger()

READ_SECONDS = 10.0
MAX_TEXT = 32 * 1024 * 1024
"""UTF-16 code units of a buffer beyond which it is not read."""
_TRIES = 3


@dataclass(slots=True, kw_only=True)
class OpenDocument:
    """`path` as the editor spells it."""

    path: str
    dirty: bool
    sha256: str


@dataclass(slots=True, kw_only=True, eq=False)
class Editor:
    """A client that holds documents. `name` is its own, the same after a reconnect. `diagnoses`: it tells what it
    shows as wrong. `makes_files`: its undo takes back files that it made or deleted."""

    peer: Peer
    name: str
    operations: frozenset[Operation]
    diagnoses: bool = False
    makes_files: bool = False
    documents: dict[str, OpenDocument] = field(default_factory=dict[str, OpenDocument])

    @property
    def client(self) -> str:
        return self.peer.client

    def knows(self, path: str, outcome: BufferOutcome | None) -> None:
        """Takes the document's text as the outcome of an apply told it; one without a text is open no more."""
        document = self.documents.get(path)
        if document is None or outcome is None:
            return
        if outcome.sha256 is not None:
            document.sha256 = outcome.sha256
        elif outcome.state == "moved":
            del self.documents[path]  # the editor closed it, and will tell that, too


Noticed = Callable[[Iterable[str]], None]
"""Files of which something was seen, with links resolved."""


class Buffers:
    """`noticed` is called whenever a file may have another text than before, `lost` when the connection to an editor
    ended: it may come back."""

    return_seconds = 10.0
    """How long an editor may take to come back after its connection or the hub ended."""

    def __init__(self, *, noticed: Noticed, lost: Noticed) -> None:
        self._noticed = noticed
        self._lost = lost
        self._editors: dict[Peer, Editor] = {}
        self._arrived = asyncio.Event()
        self._taking = asyncio.Lock()
        """What a client says is taken in the order in which it came."""

    async def hold(self, peer: Peer, params: HeldParams) -> None:
        """Everything that the client holds, in place of what it said before."""
        async with self._taking:
            await self._hold(peer, params)

    async def _hold(self, peer: Peer, params: HeldParams) -> None:
        editor = self._editors.get(peer)
        paths = await _resolved(one.path for one in params.documents)
        if not peer.connected:
            return
        if editor is None:
            for other, known in list(self._editors.items()):
                if known.name == params.holder:
                    del self._editors[other]  # the same editor, before its connection broke
            editor = Editor(
                peer=peer,
                name=params.holder,
                operations=frozenset(params.operations),
                diagnoses=params.diagnostics,
                makes_files=params.undoable_files,
            )
            self._editors[peer] = editor
            peer.on_leaving(lambda: self._left(peer))
        before = set(editor.documents)
        editor.documents = {path: _document(one) for path, one in zip(paths, params.documents, strict=True)}
        self._arrived.set()
        self._noticed(before | editor.documents.keys())

    async def observe(self, peer: Peer, params: ObservedParams) -> None:
        """What happened to documents of a client that has said what it holds."""
        async with self._taking:
            await self._observe(peer, params)

    async def _observe(self, peer: Peer, params: ObservedParams) -> None:
        editor = self._editors.get(peer)
        if editor is None:
            return  # it has not said what it holds, and will
        paths = await _resolved(one.path for one in params.documents)
        for path, one in zip(paths, params.documents, strict=True):
            if one.happened == "closed":
                editor.documents.pop(path, None)
            else:
                editor.documents[path] = _document(one)
        self._noticed(paths)

    def look_again(self, paths: Iterable[str]) -> None:
        """Something was done to these files from here."""
        self._noticed(paths)

    def holding(self, path: str) -> list[Editor]:
        """The editors that have the file open; `path` with links resolved."""
        return [editor for editor in self._editors.values() if path in editor.documents]

    def within(self, folder: str) -> list[str]:
        """The files below a folder that editors hold."""
        start = folder.rstrip("/") + "/"
        return sorted(
            {path for editor in self._editors.values() for path in editor.documents if path.startswith(start)}
        )

    @property
    def held(self) -> int:
        """How many documents all editors hold."""
        return sum(len(editor.documents) for editor in self._editors.values())

    @property
    def unsaved(self) -> int:
        """How many of them were changed and not saved."""
        return sum(one.dirty for editor in self._editors.values() for one in editor.documents.values())

    def diagnosing(self) -> list[Editor]:
        """The editors that tell what they show as wrong."""
        return [editor for editor in self._editors.values() if editor.diagnoses]

    def editor(self, name: str) -> Editor | None:
        return next((editor for editor in self._editors.values() if editor.name == name), None)

    def of(self, peer: Peer | None) -> Editor | None:
        """The editor that asks: by this connection, or by a second one under the same name that holds nothing."""
        if peer is None or peer in self._editors:
            return None if peer is None else self._editors[peer]
        named = [editor for editor in self._editors.values() if editor.client == peer.client]
        return named[0] if len(named) == 1 else None

    async def wait_for(self, names: Iterable[str]) -> None:
        """Until all of these editors are here, or have had their time to come back."""
        wanted = set(names)
        try:
            async with asyncio.timeout(self.return_seconds):
                while not wanted <= {editor.name for editor in self._editors.values()}:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            log.info("editors_not_back", missing=len(wanted), seconds=self.return_seconds)

    async def text(self, editor: Editor, path: str) -> str | None:
        """The document's text as the editor has it now; None when it is closed, too long, or not told in time."""
        document = editor.documents.get(path)
        if document is None:
            return None
        for _ in range(_TRIES):
            try:
                found = await _read(editor.peer, document.path)
            except _Closed:
                editor.documents.pop(path, None)
                return None
            except PeerFailed as failure:
                log.warning("buffer_not_read", client=editor.client, error=failure.message)
                return None
            if found is not None:
                document.sha256 = hash_of(found)
                return found
        return None

    def _left(self, peer: Peer) -> None:
        editor = self._editors.pop(peer, None)
        if editor is not None:
            self._lost(editor.documents.keys())


class _Closed(Exception):
    """The editor holds the document no more."""


async def _read(peer: Peer, path: str) -> str | None:
    """The whole text from pages of one state; None when it changed meanwhile, or is too long. Raises _Closed."""
    pieces: list[str] = []
    offset, sha256 = 0, None
    while True:
        params = ReadParams(path=path, offset=offset, limit=MAX_PAGE)
        page = await peer.ask("buffers/read", params, ReadResult, within=READ_SECONDS)
        if not page.held:
            raise _Closed
        if page.length > MAX_TEXT or (sha256 is not None and page.sha256 != sha256):
            return None
        sha256 = page.sha256
        pieces.append(page.text)
        offset += len(page.text.encode("utf-16-le", "surrogatepass")) // 2
        if offset >= page.length:
            return "".join(pieces)
        if not page.text:
            return None


def _document(told: HeldDocument | ObservedDocument) -> OpenDocument:
    return OpenDocument(path=told.path, dirty=told.dirty, sha256=told.sha256 or "")


async def _resolved(paths: Iterable[str]) -> list[str]:
    return await asyncio.to_thread(lambda: [resolved(path) for path in paths])


def resolved(path: str) -> str:
    """The path with links in its folders resolved, as the folders of a session are. A link itself stays."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)
