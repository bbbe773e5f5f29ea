"""A draft brought over to a newer snapshot of the workspace: what the user changed meanwhile, with the draft on top.

Three ways, by hunk. Where both changed the same lines the user's text stands, and the draft's is reported, never lost.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from draftsmith.workspace.changes import FileChange, FileState, TextHunk
from draftsmith.workspace.merge import Conflict, merge_hunks
from draftsmith.workspace.objects import BLOB, FOLDER, LINK, Entry
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.partial import with_hunks
from draftsmith.workspace.proposal import is_text, propose
from draftsmith.workspace.snapshot import compose, open_snapshot
from draftsmith.workspace.store import RECENT, Batch, ObjectStore
from draftsmith.workspace.trees import change_tree, compare, entry_at


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A hunk of the draft that could not be brought over; `conflict` is empty for what is no text."""

    root: int
    path: str
    reason: str
    conflict: Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """`tree` is the new draft. `changed` are the files (root, path) that the user changed since the old base."""

    tree: str
    changed: tuple[tuple[int, str], ...]
    left_out: tuple[LeftOut, ...]


async def rebase(store: ObjectStore, base: str, draft: str, present: str, applied: Collection[str]) -> Rebased:
    """`draft`, made from `base`, on top of `present`. `applied` are hunks between the two that the user has on disk.

    What the user made of an applied hunk is theirs: it is in `present` and stands.
    """
    changes = await propose(store, base, draft)
    expected = await with_hunks(store, base, changes, applied)
    return await in_thread(_rebase, store, tuple(changes), expected, present, frozenset(applied))


def _rebase(
    stop: Stop, store: ObjectStore, changes: Sequence[FileChange], expected: str, present: str, applied: frozenset[str]
) -> Rebased:
    roots = list(open_snapshot(store, present))
    changed = [
        (number, found.path.decode("utf-8", "surrogateescape"))
        for number, (was, now) in enumerate(zip(open_snapshot(store, expected), roots, strict=True))
        for found in compare(store, was.tree, now.tree)
    ]
    left_out: list[LeftOut] = []
    with store.writing() as batch:
        entries: list[dict[bytes, Entry | None]] = [{} for _ in roots]
        # Deletions first: what is created may need a deleted file's place for a folder.
        for change in sorted(changes, key=lambda one: (one.kind != "delete", one.root, one.raw_path)):
            stop.check()
            now = entry_at(store, roots[change.root].tree, change.raw_path)
            file = _File(store, batch, change, None if now is None or now.mode == FOLDER else now)
            made = file.joined(stop, applied)
            left_out += file.left_out
            if made != file.now:
                entries[change.root][change.raw_path] = made
        brought = [
            replace(root, tree=change_tree(batch, root.tree, some)) for root, some in zip(roots, entries, strict=True)
        ]
        tree = compose(batch, [(root.tree, root.manifest) for root in brought])
        batch.pin(RECENT, tree)
    return Rebased(tree=tree.hex(), changed=tuple(changed), left_out=tuple(left_out))


class _File:
    """One file of the draft; `now` is what the user has there."""

    def __init__(self, store: ObjectStore, batch: Batch, change: FileChange, now: Entry | None) -> None:
        self.now = now
        self.left_out: list[LeftOut] = []
        self._store = store
        self._batch = batch
        self._change = change

    def joined(self, stop: Stop, applied: frozenset[str]) -> Entry | None:
        """The user's file with the draft's hunks in it."""
        made = self.now
        texts = [hunk for hunk in self._change.hunks if hunk.kind == "text"]
        if texts:
            made = self._texts(stop, texts, applied)
        for hunk in self._change.hunks:
            if hunk.hunk_id in applied:
                continue
            if hunk.kind == "whole":
                made = self._whole(hunk)
            elif hunk.kind == "mode":
                made = self._mode(made)
        return made

    def _texts(self, stop: Stop, texts: Sequence[TextHunk], applied: frozenset[str]) -> Entry | None:
        earlier = [hunk for hunk in texts if hunk.hunk_id in applied]
        wanted = [hunk for hunk in texts if hunk.hunk_id not in applied]
        if not wanted:
            return self.now
        if self.now is None or self.now.mode == LINK or self._change.before is None:
            why = "The user deleted the file." if self.now is None else "The user put a symbolic link in its place."
            for hunk in wanted:
                self._leave_out(why, Conflict(base=hunk.old, ours=b"", theirs=hunk.new))
            return self.now
        base = self._blob(self._change.before)
        content, outcomes = merge_hunks(
            self._store.path, self._store.read_blob(self.now.oid), base, earlier, wanted, stop
        )
        for outcome in outcomes:
            if outcome.state == "conflict":
                self._leave_out("The user changed the same lines.", outcome.conflict or _NOTHING)
        return Entry(self.now.mode, self._batch.add(BLOB, content))

    def _whole(self, hunk: TextHunk) -> Entry | None:
        before, after = _entry(self._change.before), _entry(self._change.after)
        if _same(self.now, after):
            return self.now
        if _same(self.now, before):
            keeps_mode = self.now is not None and after is not None and LINK not in (self.now.mode, after.mode)
            return Entry(self.now.mode, after.oid) if self.now and after and keeps_mode else after
        theirs = b"" if after is None else self._store.read_blob(after.oid)
        ours = b"" if self.now is None else self._store.read_blob(self.now.oid)
        shown = is_text(ours) and is_text(theirs)
        conflict = Conflict(base=hunk.old, ours=ours, theirs=theirs) if shown else _NOTHING
        self._leave_out(_why(before, self.now), conflict)
        return self.now

    def _mode(self, made: Entry | None) -> Entry | None:
        after = self._change.after
        if made is None or made.mode == LINK or after is None:
            self._leave_out("The user deleted the file or put a symbolic link in its place.", _NOTHING)
            return made
        return Entry(after.mode, made.oid)

    def _leave_out(self, reason: str, conflict: Conflict) -> None:
        change = self._change
        self.left_out.append(LeftOut(root=change.root, path=change.path, reason=reason, conflict=conflict))

    def _blob(self, state: FileState) -> bytes:
        return self._store.read_blob(bytes.fromhex(state.blob))


_NOTHING = Conflict(base=b"", ours=b"", theirs=b"")


def _entry(state: FileState | None) -> Entry | None:
    return None if state is None else Entry(state.mode, bytes.fromhex(state.blob))


def _same(now: Entry | None, other: Entry | None) -> bool:
    """Equal but for the executable bit, which is a hunk of its own."""
    if now is None or other is None:
        return now is other
    return now.oid == other.oid and (now.mode == LINK) == (other.mode == LINK)


def _why(before: Entry | None, now: Entry | None) -> str:
    if before is None:
        return "The user made another file there."
    return "The user deleted the file." if now is None else "The user changed the file."
