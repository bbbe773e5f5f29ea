"""Whether a proposal's hunks, put onto the base, give the draft to the byte."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.workspace.changes import FileChange, splice
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.store import ObjectStore


async def reproduces(store: ObjectStore, changes: Sequence[FileChange]) -> list[str]:
    """Paths of files whose text hunks do not give the draft's bytes; empty when all do."""

    def check(stop: Stop) -> list[str]:
        wrong: list[str] = []
        for change in changes:
            stop.check()
            texts = [hunk for hunk in change.hunks if hunk.kind == "text"]
            if not texts or change.before is None or change.after is None:
                continue
            made = splice(store.read_blob(bytes.fromhex(change.before.blob)), texts)
            if made != store.read_blob(bytes.fromhex(change.after.blob)):
                wrong.append(change.path)
        return wrong

    return await in_thread(check)
