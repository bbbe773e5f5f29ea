"""Planned changes put into editors' buffers: asked of the editor, believed only when the text was seen there.

It asks once. What the editor would not do, or did not show, is told as such; nothing is written past an editor.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from draftsmith.domain.ids import HunkId
from draftsmith.domain.proposal import BufferEdit
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import absolute
from draftsmith.hub.buffers import Buffers, Editor
from draftsmith.hub.peers import PeerFailed
from draftsmith.protocol.methods.buffers import (
    ApplyBuffersParams,
    ApplyBuffersResult,
    BufferChange,
    BufferOutcome,
    TextReplacement,
)
from draftsmith.workspace.apply import FileOutcome
from draftsmith.workspace.applyplan import FilePlan
from draftsmith.workspace.changes import FileState
from draftsmith.workspace.held import hash_of, replacements, shown_text
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.userfiles import remove_emptied_folders

BEGIN_SECONDS = 10
"""How long an editor may take to begin."""
APPLY_SECONDS = 20.0
"""How long the hub waits for it to have ended."""


def buffer_edits(store: ObjectStore, files: Sequence[FilePlan]) -> tuple[BufferEdit, ...]:
    """What the log says of the buffers before they are changed."""
    return tuple(
        BufferEdit(
            client=file.buffer.holder.client,
            holder=file.buffer.holder.name,
            path=file.path,
            root=file.root,
            before="" if file.by_editor and file.before is None else hash_of(_text(store, file, file.before)),
            after="" if file.after is None else hash_of(_text(store, file, file.after)),
            hunks=tuple(HunkId(one) for one in file.hunk_ids),
        )
        for file in files
        if file.buffer is not None
    )


async def apply_in_buffers(
    buffers: Buffers,
    store: ObjectStore,
    state: SessionState,
    files: Sequence[FilePlan],
    apply_id: str,
    label: str,
) -> list[FileOutcome]:
    """Every planned buffer's outcome: `written` when seen, `changed` when it may be tried anew, else `refused`."""
    by_holder: dict[str, list[FilePlan]] = {}
    for file in files:
        if file.buffer is not None:
            by_holder.setdefault(file.buffer.holder.name, []).append(file)
    done: list[FileOutcome] = []
    for name, planned in by_holder.items():
        editor = buffers.editor(name)
        if editor is None:
            done += [_refused(file, f"{_client(file)} is not there any more; accept it again.") for file in planned]
        else:
            done += await _ask(editor, store, state, planned, apply_id, label)
    return done


async def _ask(
    editor: Editor, store: ObjectStore, state: SessionState, planned: list[FilePlan], apply_id: str, label: str
) -> list[FileOutcome]:
    sources = {(file.root, file.moved_from) for file in planned if file.moved_from}
    halves = [file for file in planned if (file.root, file.path) in sources]
    asked = [file for file in planned if (file.root, file.path) not in sources]
    changes = await asyncio.to_thread(_changes, editor, store, state, asked, halves)
    params = ApplyBuffersParams(apply_id=apply_id, label=label, seconds=BEGIN_SECONDS, changes=changes)
    try:
        answer = await editor.peer.ask("buffers/apply", params, ApplyBuffersResult, within=APPLY_SECONDS)
    except PeerFailed as failure:
        words = " It is taken as undone until it is seen there; else accept it again." if failure.gone else ""
        return [_refused(file, f"{failure.message}{words}") for file in planned]
    told = {outcome.path: outcome for outcome in answer.outcomes}
    done: list[FileOutcome] = []
    for file, change in zip(asked, changes, strict=True):
        # What it said with its answer is newer than what it has told of by itself.
        editor.knows(absolute(state, file.root, file.path), told.get(change.path))
        done.append(_outcome(editor, file, told.get(change.path)))
    await asyncio.to_thread(_tidy, state, done)
    moved = {(one.plan.root, one.plan.moved_from): one for one in done}
    return [*done, *(replace(moved[(half.root, half.path)], plan=half) for half in halves)]


def _tidy(state: SessionState, done: Sequence[FileOutcome]) -> None:
    """Folders that a deletion left empty go with it, as they do when the hub deletes."""
    for one in done:
        if one.plan.by_editor and one.plan.after is None and one.state == "written":
            remove_emptied_folders(Path(state.roots[one.plan.root].path), os.fsencode(one.plan.path))


def _changes(
    editor: Editor,
    store: ObjectStore,
    state: SessionState,
    asked: Sequence[FilePlan],
    halves: Sequence[FilePlan],
) -> tuple[BufferChange, ...]:
    sources = {(half.root, half.path): half for half in halves}
    return tuple(
        _rename(editor, store, file, sources[(file.root, file.moved_from)], state)
        if file.moved_from
        else _change(editor, store, file, absolute(state, file.root, file.path))
        for file in asked
    )


def _change(editor: Editor, store: ObjectStore, file: FilePlan, path: str) -> BufferChange:
    if file.by_editor:
        return _whole_file(store, file, path)
    before = _text(store, file, file.before)
    after = _text(store, file, file.after)
    gone = file.after is None and file.before is not None
    return BufferChange(
        path=_spelled(editor, path),
        action="delete" if gone else "edit",
        new_path="",
        before=hash_of(before),
        after="" if gone else hash_of(after),
        edits=() if gone else _edits(before, after),
    )


def _whole_file(store: ObjectStore, file: FilePlan, path: str) -> BufferChange:
    """Of a file that is not open, which is made or deleted; what is made is UTF-8."""
    made = () if file.after is None else (TextReplacement(start=0, end=0, text=_content(store, file.after).decode()),)
    return BufferChange(
        path=path,
        action="delete" if file.after is None else "create",
        new_path="",
        before=_file_hash(store, file.before),
        after=_file_hash(store, file.after),
        edits=made,
        on_disk=True,
    )


def _rename(editor: Editor, store: ObjectStore, file: FilePlan, source: FilePlan, state: SessionState) -> BufferChange:
    before = _text(store, source, source.before)
    after = _text(store, file, file.after)
    old = _spelled(editor, absolute(state, source.root, source.path))
    return BufferChange(
        path=old,
        action="rename",
        new_path=old.removesuffix(source.path) + file.path,
        before=hash_of(before),
        after=hash_of(after),
        edits=_edits(before, after),
    )


def _spelled(editor: Editor, path: str) -> str:
    """The path as the editor has it, which may lead over links."""
    document = editor.documents.get(path)
    return path if document is None else document.path


def _edits(before: str, after: str) -> tuple[TextReplacement, ...]:
    return tuple(TextReplacement(start=one.start, end=one.end, text=one.text) for one in replacements(before, after))


def _text(store: ObjectStore, file: FilePlan, state: FileState | None) -> str:
    """A planned state as the buffer has it."""
    if state is None or file.buffer is None:
        return ""
    return shown_text(_content(store, state), file.buffer.line_end) or ""


def _file_hash(store: ObjectStore, state: FileState | None) -> str:
    """Of the bytes on disk; empty where there is no file."""
    return "" if state is None else hashlib.sha256(_content(store, state)).hexdigest()


def _content(store: ObjectStore, state: FileState) -> bytes:
    return store.read_blob(bytes.fromhex(state.blob))


def _outcome(editor: Editor, file: FilePlan, told: BufferOutcome | None) -> FileOutcome:
    if told is None:
        return _refused(file, f"{editor.client} said nothing of {file.path}.")
    match told.state:
        case "seen":
            return FileOutcome(plan=file, state="written")
        case "moved" | "refused":
            return FileOutcome(plan=file, state="changed", reason=told.reason)
        case "unseen":
            return _refused(file, f"{editor.client} agreed, but the text was not seen there; accept it again.")


def _refused(file: FilePlan, reason: str) -> FileOutcome:
    return FileOutcome(plan=file, state="refused", reason=reason)


def _client(file: FilePlan) -> str:
    return file.buffer.holder.client if file.buffer is not None else "The editor"
