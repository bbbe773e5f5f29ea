"""The snapshot that some of a proposal's hunks, and only those, make of its base."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from draftsmith.workspace.changes import FileChange, TextHunk, splice
from draftsmith.workspace.objects import BLOB, Entry
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import compose, open_snapshot
from draftsmith.workspace.store import RECENT, Batch, ObjectStore
from draftsmith.workspace.trees import change_tree


async def with_hunks(store: ObjectStore, base: str, changes: Sequence[FileChange], wanted: Collection[str]) -> str:
    """The tree of `base` with the wanted hunks of `changes` in it; what `changes` does not name stays."""
    return await in_thread(_with_hunks, store, base, tuple(changes), frozenset(wanted))


def _with_hunks(
    stop: Stop, store: ObjectStore, base: str, changes: Sequence[FileChange], wanted: frozenset[str]
) -> str:
    roots = list(open_snapshot(store, base))
    with store.writing() as batch:
        entries: list[dict[bytes, Entry | None]] = [{} for _ in roots]
        for change in changes:
            stop.check()
            chosen = [hunk for hunk in change.hunks if hunk.hunk_id in wanted]
            if chosen:
                entries[change.root][change.raw_path] = _entry(store, batch, change, chosen)
        made = [
            replace(root, tree=change_tree(batch, root.tree, some)) for root, some in zip(roots, entries, strict=True)
        ]
        tree = compose(batch, [(root.tree, root.manifest) for root in made])
        batch.pin(RECENT, tree)
    return tree.hex()


def _entry(store: ObjectStore, batch: Batch, change: FileChange, chosen: Sequence[TextHunk]) -> Entry | None:
    """The file with these of its hunks; None when it is gone."""
    before, after = change.before, change.after
    if after is None:
        return None
    if before is None:
        return Entry(after.mode, bytes.fromhex(after.blob))
    left_out = {hunk.kind for hunk in change.hunks if hunk not in chosen}
    mode = before.mode if "mode" in left_out else after.mode
    if any(hunk.kind == "whole" for hunk in chosen):
        return Entry(mode, bytes.fromhex(after.blob))
    texts = [hunk for hunk in chosen if hunk.kind == "text"]
    blob = bytes.fromhex(before.blob)
    return Entry(mode, batch.add(BLOB, splice(store.read_blob(blob), texts)) if texts else blob)
