"""Which files of a folder count: tracked and untracked ones, without what is ignored.

The walk goes by descriptors, so a link put in a folder's place is never followed. Nested repositories and
submodules are plain folders. It reads names and stat data, never content.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from draftsmith.platform.files import is_temporary, open_beneath, open_folder
from draftsmith.workspace.bounds import Bounds, too_big, too_many
from draftsmith.workspace.dependencies import ENVIRONMENT_MARK
from draftsmith.workspace.ignores import ignored_below, remove_special_rules
from draftsmith.workspace.objects import MAX_PATH, is_reserved
from draftsmith.workspace.offload import Stop

SkipReason = Literal[
    "unreadable", "special", "too_large", "unstable", "other_root", "too_deep", "reserved_name", "vanished"
]
"""`special` is a socket, fifo or device; `unstable` kept changing while it was read."""


_SUSPECT = frozenset(b".gG")
"""First bytes of all names that may be git's or ours."""

_KIND = 0o170000
_KEPT_KINDS = frozenset({stat.S_IFREG, stat.S_IFLNK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that is in the folder and not in the snapshot. `path` keeps odd bytes by surrogate escapes."""

    root: int
    path: str
    reason: SkipReason
    detail: str = ""


Stat = tuple[int, int, int, int, int]
"""Size, mtime and ctime in ns, inode, mode with type: what tells that a file is unchanged.

A bare tuple, for a named one takes ten times as long to make and a scan makes one per file.
"""


def stat_of(found: os.stat_result) -> Stat:
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_mode)


@dataclass(slots=True, kw_only=True)
class Listing:
    """A folder's content by path, relative to it. Folders are listed only if empty or of unusual mode."""

    files: dict[bytes, Stat] = field(default_factory=dict[bytes, Stat])
    empty_folders: list[bytes] = field(default_factory=list[bytes])
    folder_modes: dict[bytes, int] = field(default_factory=dict[bytes, int])
    ignored_folders: list[bytes] = field(default_factory=list[bytes])
    skipped: list[tuple[bytes, SkipReason, str]] = field(default_factory=list[tuple[bytes, SkipReason, str]])
    ignored: set[bytes] = field(default_factory=set[bytes])

    def is_ignored(self, path: bytes) -> bool:
        """Whether an existing file at `path`, or a folder above it, was left out as ignored."""
        if path in self.ignored:
            return True
        cut = path.find(b"/")
        while cut >= 0:
            if path[: cut + 1] in self.ignored:
                return True
            cut = path.find(b"/", cut + 1)
        return False


def list_root(
    store: Path,
    root: Path,
    bounds: Bounds,
    stop: Stop,
    *,
    rules: bytes,
    ignored: frozenset[bytes],
    keep: Collection[bytes] = (),
    other_roots: Collection[Path] = (),
    alone: bool = False,
) -> Listing:
    """List `root`. `keep` are paths that count although they may be ignored, as tracked files do for git. With
    `alone`, as for a draft, a `.git` that a command made in it is no repository that anybody is asked about.

    `ignored` is what `ignored_below` says of `root`; nested repositories are asked about here.

    Raises `UserError` past the bounds. `store` is the object store's folder, git's empty repository.
    """
    walk = _Walk(store, root, bounds, stop, rules, alone)
    walk.found.ignored.update(ignored)
    walk.others = {os.fsencode(other.relative_to(root)) for other in other_roots if root in other.parents}
    handle = open_folder(root)
    try:
        walk.folder(handle, b"", 0)
        walk.keep(handle, keep)
    finally:
        os.close(handle)
    return walk.found


class _Walk:
    """One walk; its state is what the recursion shares."""

    def __init__(self, store: Path, root: Path, bounds: Bounds, stop: Stop, rules: bytes, alone: bool) -> None:
        self._alone = alone
        self._store = store
        self._root = root
        self._bounds = bounds
        self._stop = stop
        self._rules = rules
        self._total = 0
        self.others: set[bytes] = set()
        self.found = Listing()
        self._ignored = self.found.ignored

    def _nested_rules(self, prefix: bytes) -> None:
        """Take over the ignore rules of the repository at `prefix`; those above it do not reach into it."""
        folder = self._root / os.fsdecode(prefix)
        if self._alone:
            remove_special_rules(folder, self._stop)
        below = ignored_below(self._store, folder, self._rules, self._stop, alone=self._alone)
        self._ignored.update(prefix + path for path in below)

    def folder(self, handle: int, prefix: bytes, depth: int) -> None:
        """List one open folder; `prefix` is its path with a final `/`, or empty.

        One loop and no calls for a plain file, because a scan's time is spent here.
        """
        self._stop.check()
        below: list[bytes] = []
        files, ignored = self.found.files, self._ignored
        limit, most = self._bounds.file_bytes, MAX_PATH - len(prefix)
        names = 0
        with os.scandir(handle) as entries:
            for entry in entries:
                names += 1
                name = entry.name.encode("utf-8", "surrogateescape")
                path = prefix + name
                if path in ignored or (name[0] in _SUSPECT and self._is_left_out(name, path)):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(name)
                    continue
                try:
                    found = entry.stat(follow_symlinks=False)
                except OSError as failure:
                    self._no_stat(path, failure)
                    continue
                mode, size = found.st_mode, found.st_size
                if mode & _KIND not in _KEPT_KINDS or size > limit or len(name) > most:
                    self._leave_out(path, mode, size)
                    continue
                files[path] = (size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, mode)
                self._total += size
        self._check_bounds()
        if not names and prefix:
            self.found.empty_folders.append(prefix[:-1])
        for name in below:
            self._below(handle, name, prefix + name, depth)

    def _check_bounds(self) -> None:
        if len(self.found.files) > self._bounds.files:
            raise too_many(os.fsencode(self._root), self._bounds.files)
        if self._total > self._bounds.total_bytes:
            raise too_big(os.fsencode(self._root), self._bounds.total_bytes)

    def _no_stat(self, path: bytes, failure: OSError) -> None:
        if not isinstance(failure, FileNotFoundError):
            self._skip(path, "unreadable", failure.strerror or "")

    def _leave_out(self, path: bytes, mode: int, size: int) -> None:
        if mode & _KIND not in _KEPT_KINDS:
            self._skip(path, "special")
        elif size > self._bounds.file_bytes:
            self._skip(path, "too_large", f"{size} bytes")
        else:
            self._skip(path, "too_deep")

    def _is_left_out(self, name: bytes, path: bytes) -> bool:
        if name == b".git" or is_temporary(name):
            return True
        if is_reserved(name):
            self._skip(path, "reserved_name")
            return True
        return False

    def _below(self, handle: int, name: bytes, path: bytes, depth: int) -> None:
        if path + b"/" in self._ignored:
            self.found.ignored_folders.append(path)
        elif path in self.others:
            self._skip(path, "other_root")
        elif depth >= self._bounds.depth:
            self._skip(path, "too_deep")
        else:
            try:
                inner = open_beneath(handle, [name])
            except OSError as failure:
                self._skip(path, "unreadable", failure.strerror or "")
                return
            try:
                if _holds(inner, ENVIRONMENT_MARK):
                    self._ignored.add(path + b"/")
                    self.found.ignored_folders.append(path)
                    return
                self.found.folder_modes[path] = stat.S_IMODE(os.fstat(inner).st_mode)
                if _holds(inner, ".git"):
                    self._nested_rules(path + b"/")
                self.folder(inner, path + b"/", depth + 1)
            except PermissionError as failure:
                self._skip(path, "unreadable", failure.strerror or "")
            finally:
                os.close(inner)

    def keep(self, handle: int, paths: Collection[bytes]) -> None:
        """Add those of `paths` that the walk left out and that still exist."""
        missing = [path for path in paths if path not in self.found.files]
        if not missing:
            return
        seen = {path for path, _, _ in self.found.skipped}
        for path in missing:
            if path in seen:
                continue
            found = stat_beneath(handle, path)
            if found is None or found.st_mode & _KIND not in _KEPT_KINDS:
                continue
            if found.st_size > self._bounds.file_bytes:
                self._leave_out(path, found.st_mode, found.st_size)
            else:
                self.found.files[path] = stat_of(found)

    def _skip(self, path: bytes, reason: SkipReason, detail: str = "") -> None:
        self.found.skipped.append((path, reason, detail))


def _holds(handle: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=handle, follow_symlinks=False)
    except OSError:
        return False
    return True


def stat_beneath(root: int, path: bytes) -> os.stat_result | None:
    """The stat of a file or link below an open root, no link followed; `None` for folders and what is missing."""
    *folders, name = path.split(b"/")
    try:
        folder = open_beneath(root, folders)
    except OSError:
        return None
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    finally:
        os.close(folder)
    return None if stat.S_ISDIR(found.st_mode) else found
