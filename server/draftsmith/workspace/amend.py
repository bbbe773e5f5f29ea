"""A proposal with one hunk written differently by a person: a new tree, and the difference anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from draftsmith.domain.errors import UserError
from draftsmith.workspace.changes import FileChange, TextHunk, splice
from draftsmith.workspace.objects import BLOB, Entry
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.snapshot import compose, open_snapshot
from draftsmith.workspace.store import RECENT, ObjectStore
from draftsmith.workspace.trees import change_tree


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
    with store.writing() as batch:
        entry = Entry(change.after.mode, batch.add(BLOB, content))
        root = roots[change.root]
        changed = replace(root, tree=change_tree(batch, root.tree, {change.raw_path: entry}))
        roots[change.root] = changed
        made = compose(batch, [(one.tree, one.manifest) for one in roots])
        batch.pin(RECENT, made)
    return made.hex()
