"""The draft: a plain folder made from a snapshot, in which a session works.

Every checkpoint is a snapshot, so a draft can be made again from any of them on another machine. Restoring deletes
only what a checkpoint has recorded, and checkpoints first, so it can itself be undone.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.platform.files import disk_errors, make_private_folder, open_folder, read_file, replace_file
from draftsmith.workspace.bounds import Bounds
from draftsmith.workspace.draftroot import load_root, new_root, restore_root
from draftsmith.workspace.listing import Skipped, SkipReason
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.rootscan import NeedsFullScan, RootState, ScanResult, scan_fully, scan_paths
from draftsmith.workspace.snapshot import compose, open_snapshot
from draftsmith.workspace.statmap import save_map
from draftsmith.workspace.store import RECENT, Batch, ObjectStore
from draftsmith.workspace.trees import compare


def _bounds() -> Bounds:
    return Bounds(allow_home=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathInRoot:
    """A path relative to a root; odd bytes are kept by surrogate escapes."""

    root: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`tree` names the draft's state; `skipped` keep the content they had in the checkpoint before.

    `ignored` is what else lies there, topmost paths, folders with a final `/`; only of a draft looked at as a whole.
    """

    tree: str
    changed: int
    skipped: tuple[Skipped, ...]
    ignored: tuple[PathInRoot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`before` undoes the restore; `blocked` are files that what is not ours stands in the way of."""

    before: str
    after: str
    written: int
    deleted: int
    blocked: tuple[PathInRoot, ...]


class Draft:
    """One per session and runner; let its methods run one after another."""

    def __init__(self, store: ObjectStore, folder: Path, holder: str, roots: Sequence[RootState], tree: str) -> None:
        self.store = store
        self.folder = folder
        self.tree = tree
        self.recording = threading.Lock()
        """Held while the draft is recorded: a cancelled checkpoint's thread may live on for a moment."""

        self._holder = holder
        self._roots = tuple(roots)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The draft's folder for each root of the workspace, in their order."""
        return tuple(state.path for state in self._roots)

    @classmethod
    async def create(cls, store: ObjectStore, tree: str, folder: Path, *, holder: str = RECENT) -> Draft:
        """Make the draft in the new or empty `folder`; its checkpoints are pinned for `holder`.

        Raises `UserError` (`draft_exists`, `git_missing`) and `AdapterError` (`object_missing`, `disk_full`).
        """
        return await in_thread(_create, store, tree, folder, holder)

    @classmethod
    async def open(cls, store: ObjectStore, folder: Path, *, holder: str = RECENT) -> Draft | None:
        """The draft that an earlier process made in `folder`, or `None`: then make it anew from the last tree."""
        return await in_thread(_open, store, folder, holder)

    async def checkpoint(self, touched: Sequence[PathInRoot] | None = None) -> Checkpoint:
        """Record the draft. With `touched`, only those files are looked at, and no process is started.

        Without, the whole draft is compared. Files named once are recorded even when they are ignored.
        """
        return await in_thread(_checkpoint, self, touched)

    async def restore(self, tree: str) -> Restored:
        """Bring the draft's files to the state of `tree`. Ignored files that no checkpoint recorded are left alone."""
        return await in_thread(_restore, self, tree)

    async def changed_paths(self, base: str) -> tuple[PathInRoot, ...]:
        """The files in which the last checkpoint differs from `base`."""
        return await in_thread(_changed_paths, self.store, base, self.tree)

    async def save(self) -> None:
        """Keep what a later `open` needs; losing it costs only the time to make the draft anew."""
        await in_thread(_save, self)

    # For this module's functions

    @property
    def states(self) -> Sequence[RootState]:
        return self._roots

    @property
    def holder(self) -> str:
        return self._holder

    def accept(self, states: Sequence[RootState], tree: str) -> None:
        """Take over what a checkpoint found, now that it is stored."""
        self._roots = tuple(states)
        self.tree = tree


def _create(stop: Stop, store: ObjectStore, tree: str, folder: Path, holder: str) -> Draft:
    if folder.exists() and any(folder.iterdir()):
        raise UserError(
            f"The folder {folder} is not empty, so no draft can be made in it.",
            code="draft_exists",
            remedy="Remove it, or open the draft that is there.",
        )
    contents = open_snapshot(store, tree)
    try:
        make_private_folder(folder / "state")
        with disk_errors("making a draft"):
            roots = [new_root(store, folder, number, content, stop) for number, content in enumerate(contents)]
        store.pin(holder, tree)
        draft = Draft(store, folder, holder, roots, tree)
        _save(stop, draft)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # it was empty, so all in it is ours; half a draft is none
        raise
    return draft


def _open(stop: Stop, store: ObjectStore, folder: Path, holder: str) -> Draft | None:
    try:
        tree = read_file(folder / "state" / "tree").decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    if len(tree) != 40 or not store.has(bytes.fromhex(tree)):
        return None
    roots: list[RootState] = []
    for number, content in enumerate(open_snapshot(store, tree)):
        stop.check()
        state = load_root(folder, number, content)
        if state is None:
            return None
        roots.append(state)
    return Draft(store, folder, holder, roots, tree)


def _save(_stop: Stop, draft: Draft) -> None:
    for number, state in enumerate(draft.states):
        save_map(draft.folder / "state" / f"{number}.map", state.map)
    replace_file(draft.folder / "state" / "tree", draft.tree.encode())


def _checkpoint(stop: Stop, draft: Draft, touched: Sequence[PathInRoot] | None) -> Checkpoint:
    named: dict[int, list[bytes]] | None = None
    if touched is not None:
        named = {}
        for item in touched:
            named.setdefault(item.root, []).append(os.fsencode(item.path))
    skipped: list[Skipped] = []
    ignored: list[PathInRoot] = []
    changed = 0
    with draft.recording:
        looked_at = {number: state.copied() for number, state in enumerate(draft.states) if _is_due(number, named)}
        with draft.store.writing() as batch, disk_errors("recording a checkpoint"):
            for number, state in looked_at.items():
                result = _scan(batch, state, named[number] if named is not None else None, stop)
                changed += result.changed
                skipped += _listed(number, result)
                ignored += (
                    PathInRoot(root=number, path=os.fsdecode(path))
                    for path in sorted(result.listing.ignored)
                    if path not in state.map.known
                )
            states = [looked_at.get(number, state) for number, state in enumerate(draft.states)]
            if all(_is_as_before(*pair) for pair in zip(draft.states, states, strict=True)):
                tree = bytes.fromhex(draft.tree)
            else:
                tree = compose(batch, [(state.map.tree, state.described()) for state in states])
            batch.pin(draft.holder, tree)
        draft.accept(states, tree.hex())
    return Checkpoint(tree=draft.tree, changed=changed, skipped=tuple(skipped), ignored=tuple(ignored))


def _is_due(number: int, named: Mapping[int, list[bytes]] | None) -> bool:
    return named is None or number in named


def _is_as_before(before: RootState, now: RootState) -> bool:
    """Nothing that a snapshot says of the root was found to have changed."""
    return before is now or (
        now.manifest is not None and (before.manifest, before.map.tree) == (now.manifest, now.map.tree)
    )


def _scan(batch: Batch, state: RootState, paths: list[bytes] | None, stop: Stop) -> ScanResult:
    if paths is not None:
        try:
            return scan_paths(batch, state, paths, _bounds(), stop)
        except NeedsFullScan:
            pass  # nothing of `state` was changed yet
    return scan_fully(batch, state, _bounds(), stop)


def _listed(root: int, result: ScanResult) -> list[Skipped]:
    def one(path: bytes, reason: SkipReason, detail: str) -> Skipped:
        return Skipped(root=root, path=os.fsdecode(path), reason=reason, detail=detail)

    return [one(*item) for item in result.skipped]


def _restore(stop: Stop, draft: Draft, tree: str) -> Restored:
    targets = open_snapshot(draft.store, tree)
    _checkpoint(stop, draft, None)
    if len(targets) != len(draft.states):
        raise UserError(
            f"The checkpoint has {len(targets)} folders and the draft {len(draft.states)}.",
            code="other_workspace",
            remedy="Restore a checkpoint of this session.",
        )
    differences = [
        list(compare(draft.store, state.map.tree, target.tree))
        for state, target in zip(draft.states, targets, strict=True)
    ]
    # A file that is about to be written may stand there unrecorded (ignored): record it, so that it can come back.
    overwritten = [
        PathInRoot(root=number, path=os.fsdecode(item.path))
        for number, found in enumerate(differences)
        for item in found
        if item.before is None
    ]
    before = _checkpoint(stop, draft, overwritten).tree
    written = deleted = 0
    blocked: list[PathInRoot] = []
    with disk_errors("restoring a checkpoint"):
        for number, (state, target) in enumerate(zip(draft.states, targets, strict=True)):
            found = list(compare(draft.store, state.map.tree, target.tree))
            root = open_folder(state.path)
            try:
                counts = restore_root(draft.store, root, state, target, found, stop)
            finally:
                os.close(root)
            written += counts.written
            deleted += counts.deleted
            blocked += (PathInRoot(root=number, path=os.fsdecode(path)) for path in counts.blocked)
    after = _checkpoint(stop, draft, None).tree
    return Restored(before=before, after=after, written=written, deleted=deleted, blocked=tuple(blocked))


def _changed_paths(_stop: Stop, store: ObjectStore, base: str, tree: str) -> tuple[PathInRoot, ...]:
    olds: Mapping[int, bytes | None] = {n: root.tree for n, root in enumerate(open_snapshot(store, base))}
    return tuple(
        PathInRoot(root=number, path=os.fsdecode(found.path))
        for number, root in enumerate(open_snapshot(store, tree))
        for found in compare(store, olds.get(number), root.tree)
    )
