"""A proposal with one hunk, or one file, written differently by a person: a new tree, and the difference anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from draftsmith.domain.errors import ToolFailure, UserError
from draftsmith.workspace.applyplan import blob_id
from draftsmith.workspace.changes import FileChange, TextHunk, splice
from draftsmith.workspace.objects import BLOB, FILE, FOLDER, LINK, Entry
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.saving import NotPlanned, as_content, why_not_editable
from draftsmith.workspace.snapshot import RootContent, compose, open_snapshot
from draftsmith.workspace.store import RECENT, ObjectStore
from draftsmith.workspace.trees import change_tree, entry_at


async def amend(
    store: ObjectStore, base: str, tree: str, changes: Sequence[FileChange], hunk_id: str, text: bytes
) -> tuple[str, tuple[FileChange, ...]]:
    """The tree in which the hunk writes `text`, and its difference from `base`.

    Raises UserError: `unknown_hunk`, `hunk_not_text` (binary files, mode changes, bytes that are not UTF-8).
    """
    change, hunk = _find(changes, hunk_id)
    amended = await in_thread(_amend, store, tree, change, hunk, text)
    return amended, await propose(store, base, amended)


def _find(changes: Sequence[FileChange], hunk_id: str) -> tuple[FileChange, TextHunk]:
    for change in changes:
        for hunk in change.hunks:
            if hunk.hunk_id == hunk_id:
                if not _is_text(change, hunk):
                    raise UserError(
                        f"Hunk {hunk_id} of {change.path} is no text that can be edited here.",
                        code="hunk_not_text",
                        remedy="Accept or reject it, and edit the file itself.",
                    )
                return change, hunk
    raise UserError(f"The proposal has no hunk {hunk_id}.", code="unknown_hunk", remedy="Read the hunks again.")


def _is_text(change: FileChange, hunk: TextHunk) -> bool:
    if hunk.kind == "mode" or change.after is None or change.kind not in ("modify", "create"):
        return False
    if hunk.kind == "whole" and not hunk.new:
        return False
    try:
        hunk.new.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _amend(_stop: Stop, store: ObjectStore, tree: str, change: FileChange, hunk: TextHunk, text: bytes) -> str:
    roots = list(open_snapshot(store, tree))
    if change.after is None:
        raise ValueError("a deleted file has no text to edit")
    if hunk.kind == "whole" or change.before is None:
        content = text
    else:
        texts = [one for one in change.hunks if one.kind == "text"]
        edited = [replace(one, new=text) if one.hunk_id == hunk.hunk_id else one for one in texts]
        content = splice(store.read_blob(bytes.fromhex(change.before.blob)), edited)
    return _with_file(store, roots, change.root, change.raw_path, change.after.mode, content)


def _with_file(
    store: ObjectStore, roots: list[RootContent], number: int, path: bytes, mode: int, content: bytes
) -> str:
    with store.writing() as batch:
        entry = Entry(mode, batch.add(BLOB, content))
        root = roots[number]
        roots[number] = replace(root, tree=change_tree(batch, root.tree, {path: entry}))
        made = compose(batch, [(one.tree, one.manifest) for one in roots])
        batch.pin(RECENT, made)
    return made.hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendedFile:
    """`version` tells the file's new content apart."""

    tree: str
    changes: tuple[FileChange, ...]
    version: str


async def amend_file(
    store: ObjectStore, base: str, tree: str, root: int, path: bytes, text: str, version: str
) -> AmendedFile | NotPlanned:
    """The tree in which a file reads as `text`, which was made from `version` (empty: from nothing)."""
    made = await in_thread(_amend_file, store, tree, root, path, text, version)
    if isinstance(made, NotPlanned):
        return made
    amended, written = made
    return AmendedFile(tree=amended, changes=await propose(store, base, amended), version=written)


def _amend_file(
    _stop: Stop, store: ObjectStore, tree: str, root: int, path: bytes, text: str, version: str
) -> tuple[str, str] | NotPlanned:
    roots = list(open_snapshot(store, tree))
    entry = entry_at(store, roots[root].tree, path)
    if entry is not None and entry.mode in (FOLDER, LINK):
        return NotPlanned(state="refused", reason="A folder or a symbolic link stands there.", version="")
    content = store.read_blob(entry.oid) if entry is not None else None
    has = blob_id(content) if content is not None else ""
    if content is not None and (why := why_not_editable(content)):
        return NotPlanned(state="refused", reason=why, version=has)
    try:
        written = as_content(content, text)
    except (ToolFailure, UnicodeEncodeError) as failure:
        return NotPlanned(state="refused", reason=str(failure), version=has)
    if written == content:
        return NotPlanned(state="same", reason="", version=has)
    if has != version:
        return NotPlanned(state="changed", reason="The draft's file was changed meanwhile.", version=has)
    mode = entry.mode if entry is not None else FILE
    return _with_file(store, roots, root, path, mode, written), blob_id(written)
