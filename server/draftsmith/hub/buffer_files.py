"""Files that nobody holds, made and deleted by the editor that asks, so that its undo takes back the whole apply.

Only what that undo brings back as it was: plain files of plain text. Everything else is left to the disk.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import absolute
from draftsmith.hub.buffers import Buffers, Editor
from draftsmith.hub.peers import Peer
from draftsmith.workspace.applyplan import ApplyPlan, Buffer, FilePlan
from draftsmith.workspace.changes import FileState
from draftsmith.workspace.held import Holder
from draftsmith.workspace.objects import FILE, parents
from draftsmith.workspace.store import ObjectStore

MAX_BYTES = 500_000
"""Of all files that one edit makes or deletes: they travel in one message, and the editor keeps them for its undo."""

_USUAL_MODES = (0o644, 0o664, 0o666)
"""What an editor gives a file that it makes, and so also one that it brings back."""


async def with_files(
    buffers: Buffers, store: ObjectStore, state: SessionState, plan: ApplyPlan, asked_by: Peer | None
) -> ApplyPlan:
    """The plan, its files marked that the asking editor is to make or delete."""
    editor = buffers.of(asked_by)
    if editor is None or not editor.makes_files:
        return plan
    files = await asyncio.to_thread(_marked, editor, store, state, plan.files)
    return replace(plan, files=tuple(files))


def _marked(editor: Editor, store: ObjectStore, state: SessionState, files: Sequence[FilePlan]) -> list[FilePlan]:
    if any(_takes_a_place(state, file) for file in files if file.after is not None):
        return list(files)
    buffer = Buffer(holder=Holder(client=editor.client, name=editor.name))
    left = MAX_BYTES
    made: list[FilePlan] = []
    for file in files:
        size = _size(store, state, file)
        if size is not None and size <= left:
            left -= size
            made.append(replace(file, buffer=buffer, by_editor=True))
        else:
            made.append(file)
    return made


def _takes_a_place(state: SessionState, file: FilePlan) -> bool:
    """Whether a file becomes a folder, or a folder a file: then the order counts, which only one writer can keep."""
    root = Path(state.roots[file.root].path)
    folders = [root / os.fsdecode(one) for one in parents([os.fsencode(file.path)])]
    return (root / file.path).is_dir() or any(os.path.lexists(one) and not one.is_dir() for one in folders)


def _size(store: ObjectStore, state: SessionState, file: FilePlan) -> int | None:
    """Of a file that the editor can make or delete; None for any other."""
    if file.buffer is not None or (file.before is None) == (file.after is None):
        return None
    known: FileState | None = file.after or file.before
    if known is None or known.mode != FILE or not _is_usual(absolute(state, file.root, file.path)):
        return None
    content = store.read_blob(bytes.fromhex(known.blob))
    if b"\0" in content:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return len(content)


def _is_usual(path: str) -> bool:
    """Whether nothing is there, or a file with nothing about it that would be lost."""
    try:
        path.encode("utf-8")
        found = os.lstat(path)
    except FileNotFoundError:
        return True
    except (OSError, UnicodeEncodeError):
        return False
    return stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) in _USUAL_MODES and found.st_nlink == 1
