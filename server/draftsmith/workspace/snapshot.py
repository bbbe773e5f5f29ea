"""Snapshots: one git tree that says everything about a workspace at one moment.

The tree holds `roots/<n>/…` for each root and `manifest.json`; equal content has the equal id. Unsaved editor text is
laid over what is on disk. The user's folders are read, never written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from draftsmith.platform.files import disk_errors, make_private_folder
from draftsmith.workspace.bounds import Bounds, check_root
from draftsmith.workspace.dependencies import kinds_of
from draftsmith.workspace.ignores import ignored_below, outside_rules
from draftsmith.workspace.listing import Listing, Skipped, SkipReason
from draftsmith.workspace.manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST,
    ROOTS_NAME,
    RootManifest,
    decode_manifest,
    encode_manifest,
)
from draftsmith.workspace.objects import BLOB, FILE, FOLDER, LINK, TREE, Entry, bad_object, check_path, encode_tree
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.reader import entry_of
from draftsmith.workspace.rootscan import RootState, ScanResult, scan_fully
from draftsmith.workspace.statmap import StatMap, load_map, save_map
from draftsmith.workspace.store import RECENT, Batch, ObjectStore
from draftsmith.workspace.trees import change_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`tree` names it. `changed` counts files that differ from the snapshot taken before of the same folders."""

    tree: str
    skipped: tuple[Skipped, ...]
    files: int
    changed: int
    ignored_folders: tuple[tuple[str, ...], ...]
    """For each root the topmost ignored folders (dependencies, build output), relative to it."""

    ignored_kinds: tuple[str, ...] = ()
    """What is ignored and no dependency, by kinds in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Unsaved text of an editor; `path` is relative to the root, odd bytes by surrogate escapes."""

    root: int
    path: str
    content: bytes


async def take_snapshot(
    store: ObjectStore,
    roots: Sequence[Path],
    maps: Path,
    *,
    overlays: Sequence[Overlay] = (),
    bounds: Bounds | None = None,
) -> Snapshot:
    """Snapshot the folders as they are; `maps` is the state folder where their stat maps are kept.

    Raises `UserError`: `workspace_missing`, `workspace_is_home`, `workspace_is_git`, `workspace_is_state`,
    `workspace_too_large`, `git_missing`; and `AdapterError`: `disk_full`. The snapshot stays
    pinned for `RECENT_SECONDS`; pin it to keep it longer.
    """
    return await in_thread(_take, store, tuple(roots), maps, tuple(overlays), bounds or Bounds())


def _take(
    stop: Stop,
    store: ObjectStore,
    roots: Sequence[Path],
    maps: Path,
    overlays: Sequence[Overlay],
    bounds: Bounds,
) -> Snapshot:
    make_private_folder(maps)
    real = [check_root(root, bounds) for root in roots]
    own = () if bounds.own is None else (bounds.own.resolve(),)
    taken: list[_Taken] = []
    with store.writing() as batch, disk_errors("taking a snapshot"):
        for number, root in enumerate(real):
            others = [other for other in (*real, *own) if other != root]
            one = _take_root(batch, root, maps, others, bounds, stop)
            over = [overlay for overlay in overlays if overlay.root == number]
            one.tree = _lay_over(batch, one.state, one.result.listing, over)
            taken.append(one)
        tree = compose(batch, [(one.tree, one.state.described()) for one in taken])
        batch.pin(RECENT, tree)
    for one in taken:
        _save_state(store, one)
    return Snapshot(
        tree=tree.hex(),
        skipped=tuple(_skipped(number, item) for number, one in enumerate(taken) for item in one.result.skipped),
        files=sum(len(one.result.listing.files) for one in taken),
        changed=sum(one.result.changed for one in taken),
        ignored_folders=tuple(
            tuple(sorted(os.fsdecode(path) for path in one.result.listing.ignored_folders)) for one in taken
        ),
        ignored_kinds=kinds_of(path for one in taken for path in one.result.listing.ignored),
    )


@dataclass(slots=True, kw_only=True)
class _Taken:
    """One root while its snapshot is made; `before` is the tree its map had."""

    map_path: Path
    holder: str
    before: bytes | None
    state: RootState
    result: ScanResult
    tree: bytes | None = None


def _take_root(batch: Batch, root: Path, maps: Path, others: Sequence[Path], bounds: Bounds, stop: Stop) -> _Taken:
    store = batch.store
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:24]
    map_path, holder = maps / f"{key}.map", f"scan-{key}"
    rules = outside_rules(store.path, root, stop)
    with ThreadPoolExecutor(1, thread_name_prefix="ignored") as pool:
        asked = pool.submit(ignored_below, store.path, root, rules, stop)  # git answers while the map is read
        found = load_map(map_path)
        if found.tree is None or not store.has(found.tree):
            found = StatMap()  # its blobs may be gone with the tree
        ignored = asked.result()
    state = RootState(path=root, name=root.name or "root", rules=rules, map=found)
    before = found.tree
    result = scan_fully(batch, state, bounds, stop, other_roots=others, ignored=ignored)
    if state.map.tree is not None and state.map.tree != before:
        batch.pin(holder, state.map.tree)
    return _Taken(map_path=map_path, holder=holder, before=before, state=state, result=result)


def _save_state(store: ObjectStore, taken: _Taken) -> None:
    if taken.result.captured:
        save_map(taken.map_path, taken.state.map)
    tree = taken.state.map.tree
    if tree is not None and tree != taken.before:
        store.keep_only(taken.holder, tree.hex())


def _skipped(root: int, item: tuple[bytes, SkipReason, str]) -> Skipped:
    path, reason, detail = item
    return Skipped(root=root, path=os.fsdecode(path), reason=reason, detail=detail)


def _lay_over(batch: Batch, state: RootState, listing: Listing, overlays: Sequence[Overlay]) -> bytes | None:
    """The root's tree with unsaved text in place of what is on disk; ignored files stay out."""
    changes: dict[bytes, Entry | None] = {}
    for overlay in overlays:
        path = os.fsencode(overlay.path)
        check_path(path)
        known = state.map.known.get(path)
        if known is None and listing.is_ignored(path):
            continue
        entry = entry_of(known) if known is not None else None
        mode = entry.mode if entry is not None and entry.mode != LINK else FILE
        changes[path] = Entry(mode, batch.add(BLOB, overlay.content))
    return change_tree(batch, state.map.tree, changes) if changes else state.map.tree


def compose(batch: Batch, parts: Sequence[tuple[bytes | None, RootManifest]]) -> bytes:
    """Store the tree of a whole snapshot from its roots' trees and manifests."""
    numbered = {b"%d" % number: Entry(FOLDER, tree) for number, (tree, _) in enumerate(parts) if tree is not None}
    manifest = batch.add(BLOB, encode_manifest(part for _, part in parts))
    top = {MANIFEST_NAME: Entry(FILE, manifest)}
    if numbered:
        top[ROOTS_NAME] = Entry(FOLDER, batch.add(TREE, encode_tree(numbered)))
    return batch.add(TREE, encode_tree(top))


@dataclass(frozen=True, slots=True, kw_only=True)
class RootContent:
    """One root of a stored snapshot; `tree` is `None` when it holds no file."""

    tree: bytes | None
    manifest: RootManifest


def open_snapshot(store: ObjectStore, tree: str) -> tuple[RootContent, ...]:
    """The roots of a stored snapshot; raises `AdapterError`: `object_missing`, `bad_object`."""
    top = store.read_tree(bytes.fromhex(tree))
    manifest = top.get(MANIFEST_NAME)
    if manifest is None or manifest.mode != FILE or top.keys() - {MANIFEST_NAME, ROOTS_NAME}:
        raise bad_object(f"{tree} is not a snapshot")
    content = store.read_blob(manifest.oid)
    if len(content) > MAX_MANIFEST:
        raise bad_object("a manifest over its bound")
    numbered = store.read_tree(top[ROOTS_NAME].oid) if ROOTS_NAME in top else {}
    described: Mapping[int, RootManifest] = dict(enumerate(decode_manifest(content)))
    if numbered.keys() - {b"%d" % number for number in described}:
        raise bad_object(f"{tree} holds more roots than its manifest names")
    found = [numbered.get(b"%d" % number) for number in described]
    if any(entry is not None and entry.mode != FOLDER for entry in found):
        raise bad_object(f"{tree} holds a root that is no folder")
    return tuple(
        RootContent(tree=entry.oid if entry is not None else None, manifest=described[number])
        for number, entry in enumerate(found)
    )
