"""One root brought up to date: listed, compared with its map, what changed captured, its tree rewritten.

Both the user's folders and drafts go through here. It reads folders and writes objects only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.platform.files import open_beneath, open_folder
from draftsmith.workspace.bounds import Bounds
from draftsmith.workspace.ignores import ignored_below, remove_special_rules
from draftsmith.workspace.listing import Listing, SkipReason, Stat, list_root, stat_beneath, stat_of
from draftsmith.workspace.manifest import RootManifest, describe_root
from draftsmith.workspace.objects import Entry, is_reserved
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.reader import Captured, capture, entry_of
from draftsmith.workspace.statmap import StatMap
from draftsmith.workspace.store import Batch
from draftsmith.workspace.trees import change_tree

_WALKED_TWICE = 5_000
"""Files of a draft that is looked through before git is asked, and once more when git has to be asked after all."""

_STILL_THERE = frozenset[SkipReason]({"unreadable", "unstable", "too_large"})


class NeedsFullScan(Exception):
    """A touched path is or was a folder, so single paths do not tell what changed."""


@dataclass(slots=True, kw_only=True)
class RootState:
    """What is remembered of a root between scans."""

    path: Path
    name: str
    rules: bytes = b""
    map: StatMap = field(default_factory=StatMap)
    manifest: RootManifest | None = None
    empty_folders: set[bytes] = field(default_factory=set[bytes])
    folder_modes: dict[bytes, int] = field(default_factory=dict[bytes, int])
    asked_modes: dict[bytes, int] = field(default_factory=dict[bytes, int])
    """Folder modes a draft should have; it is given its owner's rights besides, which count as no change."""

    keeps: bool = False
    """Whether what was once captured counts although it is ignored now (a draft), or not (the user's folder)."""

    holds_ignored: bool = False
    """Whether the last answer of git named anything."""

    def copied(self) -> RootState:
        """The same, to be scanned without changing this one: a scan that fails midway must leave no trace."""
        return replace(
            self,
            map=StatMap(tree=self.map.tree, known=dict(self.map.known)),
            empty_folders=set(self.empty_folders),
            folder_modes=dict(self.folder_modes),
        )

    def described(self) -> RootManifest:
        """The manifest of the last scan."""
        if self.manifest is None:
            _describe(self)
        assert self.manifest is not None  # noqa: S101 - it has just been described
        return self.manifest

    def set_folder_mode(self, path: bytes, mode: int) -> None:
        asked = self.asked_modes.get(path)
        self.folder_modes[path] = asked if asked is not None and asked | 0o700 == mode else mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    listing: Listing
    captured: int
    """Files read, or found gone, whether or not their content differs from what was known."""
    changed: int
    skipped: tuple[tuple[bytes, SkipReason, str], ...]


def scan_fully(
    batch: Batch,
    state: RootState,
    bounds: Bounds,
    stop: Stop,
    *,
    other_roots: Collection[Path] = (),
    ignored: frozenset[bytes] | None = None,
) -> ScanResult:
    """Compare the whole folder with the map; afterwards map, tree and manifest describe it as it is."""
    known = state.map.known
    listing = _without_git(batch, state, bounds, stop) if ignored is None and state.keeps else None
    if listing is None:
        if ignored is None:
            if state.keeps:
                remove_special_rules(state.path, stop)
            ignored = ignored_below(batch.store.path, state.path, state.rules, stop, alone=state.keeps)
            state.holds_ignored = bool(ignored)
        listing = list_root(
            batch.store.path,
            state.path,
            bounds,
            stop,
            rules=state.rules,
            ignored=ignored,
            keep=known if state.keeps else (),
            other_roots=other_roots,
            alone=state.keeps,
        )
    skipped = list(listing.skipped)
    wanted = [path for path, found in listing.files.items() if not state.map.is_same(path, found)]
    gone = known.keys() - listing.files.keys()
    if state.keeps:
        gone -= {path for path, reason, _ in skipped if reason in _STILL_THERE}
    root = open_folder(state.path)
    try:
        changes, missed = _capture(batch, root, wanted, bounds, stop, state)
    finally:
        os.close(root)
    skipped += missed
    changes.update((path, None) for path in gone)
    _commit(batch, state, changes)
    folders = (state.empty_folders, state.folder_modes)
    state.empty_folders = set(listing.empty_folders)
    state.folder_modes = {}
    for path, mode in listing.folder_modes.items():
        state.set_folder_mode(path, mode)
    # Most commands change nothing: then it is what it was.
    if wanted or gone or state.manifest is None or folders != (state.empty_folders, state.folder_modes):
        _describe(state)
    return ScanResult(listing=listing, captured=len(wanted) + len(gone), changed=len(changes), skipped=tuple(skipped))


def _without_git(batch: Batch, state: RootState, bounds: Bounds, stop: Stop) -> Listing | None:
    """The listing of a draft that holds no file unknown so far: none is left to be ignored, so git need not be asked.

    None when it does. A command that changes nothing, or files known already, is what most commands are.
    """
    known = state.map.known
    if state.holds_ignored or len(known) > _WALKED_TWICE:
        return None
    try:
        listing = list_root(
            batch.store.path, state.path, bounds, stop, rules=state.rules, ignored=frozenset(), keep=known, alone=True
        )
    except UserError:  # beyond a bound, perhaps by what is ignored
        return None
    new = (
        listing.skipped
        or listing.files.keys() - known.keys()
        or set(listing.empty_folders) - state.empty_folders
        or listing.folder_modes.keys() - state.folder_modes.keys()
    )
    rules = (path for path in listing.files if path.rpartition(b"/")[2] == b".gitignore")
    if new or not all(state.map.is_same(path, listing.files[path]) for path in rules):
        return None
    return listing


def scan_paths(batch: Batch, state: RootState, paths: Sequence[bytes], bounds: Bounds, stop: Stop) -> ScanResult:
    """Look at single files only; costs nothing for the rest. Named files count even when ignored.

    Raises `NeedsFullScan` when one of them is or was a folder.
    """
    wanted: list[bytes] = []
    gone: list[bytes] = []
    modes_differ = False
    root = open_folder(state.path)
    try:
        for path in dict.fromkeys(paths):
            if any(is_reserved(name) for name in path.split(b"/")):
                continue
            found = _file_stat(root, path)
            known = state.map.known.get(path)
            if found is None:
                if known is None and _held_files(state, path):
                    raise NeedsFullScan
                gone += [path] if known is not None else []
            elif not state.map.is_same(path, found):
                wanted.append(path)
                modes_differ |= known is None or known.mode != found[4]
        changes, missed = _capture(batch, root, wanted, bounds, stop, state)
        changes.update((path, None) for path in gone)
        if gone or modes_differ:
            _look_at_folders(root, state, [*gone, *wanted])
    finally:
        os.close(root)
    _commit(batch, state, changes)
    if gone or modes_differ or state.manifest is None:
        _describe(state)
    return ScanResult(listing=Listing(), captured=len(wanted) + len(gone), changed=len(changes), skipped=tuple(missed))


def _file_stat(root: int, path: bytes) -> Stat | None:
    found = stat_beneath(root, path)
    if found is not None:
        return stat_of(found)
    try:
        os.close(open_beneath(root, path.split(b"/")))
    except OSError:
        return None
    raise NeedsFullScan


def _held_files(state: RootState, path: bytes) -> bool:
    prefix = path + b"/"
    return any(known.startswith(prefix) for known in state.map.known)


def _capture(
    batch: Batch, root: int, wanted: Sequence[bytes], bounds: Bounds, stop: Stop, state: RootState
) -> tuple[dict[bytes, Entry | None], list[tuple[bytes, SkipReason, str]]]:
    changes: dict[bytes, Entry | None] = {}
    missed: list[tuple[bytes, SkipReason, str]] = []
    known = state.map.known
    for item in capture(batch, root, wanted, bounds.file_bytes, stop):
        old = known.get(item.path)
        if isinstance(item, Captured):
            known[item.path] = item.known
            if old is None or entry_of(old) != item.entry:
                changes[item.path] = item.entry
            continue
        if item.reason != "vanished":
            missed.append((item.path, item.reason, item.detail))
        if old is not None and not (state.keeps and item.reason in _STILL_THERE):
            changes[item.path] = None  # an old version must not pass for the present one
    return changes, missed


def _commit(batch: Batch, state: RootState, changes: dict[bytes, Entry | None]) -> None:
    if not changes:
        return
    state.map.tree = change_tree(batch, state.map.tree, changes)
    for path, entry in changes.items():
        if entry is None:
            state.map.known.pop(path, None)


def _look_at_folders(root: int, state: RootState, paths: Iterable[bytes]) -> None:
    """Bring emptiness and modes of the folders above `paths` up to date."""
    for path in paths:
        *parts, _ = path.split(b"/")
        for depth in range(len(parts), 0, -1):
            folder = b"/".join(parts[:depth])
            state.empty_folders.discard(folder)
            try:
                handle = open_beneath(root, parts[:depth])
            except OSError:
                state.folder_modes.pop(folder, None)
                continue
            try:
                state.set_folder_mode(folder, stat.S_IMODE(os.fstat(handle).st_mode))
                with os.scandir(handle) as entries:
                    if next(entries, None) is None:
                        state.empty_folders.add(folder)
            finally:
                os.close(handle)


def _describe(state: RootState) -> None:
    modes = [
        (path, known.stat[4]) for path, known in state.map.known.items() if known.stat[4] & 0o170000 == stat.S_IFREG
    ]
    state.manifest = describe_root(state.name, modes, state.folder_modes, state.empty_folders, state.rules)
