"""Where a change of a file belongs: into the buffer of the editor that holds it, or onto the disk.

It reads and never changes anything. Unsaved text of one editor is not overtaken by an apply through another.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffers import Buffers, Editor
from draftsmith.hub.peers import Peer
from draftsmith.workspace.applyplan import FilePlan
from draftsmith.workspace.changes import FileChange
from draftsmith.workspace.held import HeldText, Holder, decoded, hash_of, hashes_of_file, held_text, shown_text
from draftsmith.workspace.sides import read_current
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.text import LineEnd

Key = tuple[int, str]

LOOKS = 4
"""At a file whose editors close it while it is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to be changed. `reference` is a blob in the file's form, by which its encoding is known."""

    root: int
    path: str
    reference: str | None
    deletes: bool
    is_text: bool


@dataclass(slots=True)
class Routes:
    """Files of neither are written to disk."""

    held: dict[Key, HeldText] = field(default_factory=dict[Key, HeldText])
    blocked: dict[Key, str] = field(default_factory=dict[Key, str])


def of_changes(changes: Iterable[FileChange], hunks: Iterable[str]) -> list[Wanted]:
    wanted = set(hunks)
    return [
        Wanted(
            root=change.root,
            path=change.path,
            reference=change.before.blob if change.before else None,
            deletes=change.after is None,
            is_text=change.kind not in ("binary", "symlink"),
        )
        for change in changes
        if any(hunk.hunk_id in wanted and hunk.kind != "mode" for hunk in change.hunks)
    ]


def of_plans(files: Iterable[FilePlan]) -> list[Wanted]:
    """The files that an undo brings back to what they were."""
    return [
        Wanted(
            root=file.root,
            path=file.path,
            reference=known.blob if (known := file.after or file.before) else None,
            deletes=file.before is None,
            is_text=True,
        )
        for file in files
    ]


async def find_routes(
    buffers: Buffers, store: ObjectStore, state: SessionState, wanted: Sequence[Wanted], asked_by: Peer | None
) -> Routes:
    """The newest text of files that editors hold, and the files that must wait."""
    routes = Routes()
    for file in wanted:
        found = await _settled_route(buffers, store, state, file, buffers.of(asked_by))
        if isinstance(found, str):
            routes.blocked[(file.root, file.path)] = found
        elif found is not None:
            routes.held[(file.root, file.path)] = found
    return routes


async def _settled_route(
    buffers: Buffers, store: ObjectStore, state: SessionState, file: Wanted, asking: Editor | None
) -> HeldText | str | None:
    """As `_route`, looked at anew when a document turns out to be closed already: the editor's word was under way."""
    path = absolute(state, file.root, file.path)
    found: HeldText | str | None = None
    for _ in range(LOOKS):
        editors = buffers.holding(path)
        if not editors:
            return None
        disk = await on_disk(state, file.root, file.path)
        found = await _route(buffers, store, file, path, editors, disk, asking)
        if editors == buffers.holding(path):
            break
    return found


def absolute(state: SessionState, root: int, path: str) -> str:
    return os.path.join(state.roots[root].path, path)


async def _route(
    buffers: Buffers,
    store: ObjectStore,
    file: Wanted,
    path: str,
    editors: list[Editor],
    disk: OnDisk,
    asking: Editor | None,
) -> HeldText | str | None:
    """The text, the reason why nothing is to be done, or None for the disk."""
    differing = [editor for editor in editors if differs(editor, path, disk)]
    owner = asking if asking is not None and asking in editors else [*differing, *editors][0]
    for other in (editor for editor in differing if editor is not owner):
        await buffers.text(other, path)  # it may have been closed or undone a moment ago
        if path in other.documents and differs(other, path, disk):
            return _unsaved(other, "and another editor has the file open too")
    text = None
    if file.is_text and (not file.deletes or "delete" in owner.operations or disk.content is None):
        text = await text_of(buffers, owner, path, disk)
    held = None
    if text is not None:
        reference = disk.content if file.reference is None else store.read_blob(bytes.fromhex(file.reference))
        held = await asyncio.to_thread(held_text, Holder(client=owner.client, name=owner.name), reference, text)
    if held is None and owner in differing and path in owner.documents:
        return _unsaved(owner, "which cannot be merged where they are")
    return held


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """A file, and the hashes that a buffer has which holds it unchanged. `content` is None where there is no file."""

    content: bytes | None
    hashes: Mapping[str, LineEnd | None]
    unicode: bool


async def on_disk(state: SessionState, root: int, path: str) -> OnDisk:
    content = await read_current(Path(state.roots[root].path), path)
    return await asyncio.to_thread(_hashed, content)


def _hashed(content: bytes | None) -> OnDisk:
    if content is None:
        return OnDisk(content=None, hashes={hash_of(""): None}, unicode=True)
    found = decoded(content)
    unicode = found is not None and found.encoding.startswith("utf")
    return OnDisk(content=content, hashes=hashes_of_file(content), unicode=unicode)


def differs(editor: Editor, path: str, disk: OnDisk) -> bool:
    """Whether the editor's text is not the file's. Of files that we cannot decode the editor's word is taken."""
    document = editor.documents.get(path)
    if document is None:
        return False  # it was closed while the disk was read
    return document.sha256 not in disk.hashes and (document.dirty or disk.unicode)


async def text_of(buffers: Buffers, editor: Editor, path: str, disk: OnDisk) -> str | None:
    """Read from the editor only where the disk does not have the same."""
    document = editor.documents.get(path)
    if document is not None and disk.content is not None and document.sha256 in disk.hashes:
        return await asyncio.to_thread(shown_text, disk.content, disk.hashes[document.sha256])
    return await buffers.text(editor, path)


def _unsaved(editor: Editor, words: str) -> str:
    return f"{editor.client} has unsaved changes of this file, {words}; save or discard them there, then accept again."
