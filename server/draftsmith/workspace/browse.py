"""What stands in one folder of a workspace or a snapshot, by pages, for people who look around.

It reads names and stat data, never content. No link is followed, and git's own folders do not show.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from draftsmith.domain.errors import UserError
from draftsmith.platform.files import is_temporary, open_beneath, open_folder
from draftsmith.workspace.objects import FOLDER, LINK, MAX_PATH, Entry, is_reserved
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import open_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import entry_at

EntryKind = Literal["folder", "file", "link", "other"]
"""`other`: a socket, fifo or device, or a name that is not UTF-8; it is shown and cannot be opened."""

MOST_NAMES = 200_000
"""Names of one folder beyond which it is not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """`size` in bytes, where it is known without reading the file."""

    name: str
    kind: EntryKind
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPage:
    """Folders first, each kind by name. `more`: there are entries after the last one."""

    entries: tuple[FolderEntry, ...]
    total: int
    more: bool


def safe_path(path: str) -> bytes:
    """A relative path from outside as bytes. Raises UserError (`unknown_file`) for what could lead elsewhere."""
    raw = os.fsencode(path) if _encodable(path) else b"\0"
    parts = raw.split(b"/")
    if len(raw) > MAX_PATH or b"\0" in raw or any(part in (b"", b".", b"..") or is_reserved(part) for part in parts):
        raise UserError(
            f"{path[:200]!r} is no path of a file in the workspace.",
            code="unknown_file",
            remedy="Give a path relative to the folder, without `..`.",
        )
    return raw


def _encodable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


async def workspace_folder(root: Path, path: str, after: str | None, limit: int) -> FolderPage:
    """One page of a folder on disk; `path` is empty for the root. Raises UserError (`unknown_file`)."""
    return await in_thread(_workspace_folder, root, safe_path(path) if path else b"", after, limit)


def _workspace_folder(stop: Stop, root: Path, path: bytes, after: str | None, limit: int) -> FolderPage:
    try:
        handle = open_folder(root)
        try:
            folder = open_beneath(handle, path.split(b"/") if path else [])
        finally:
            os.close(handle)
    except OSError as failure:
        raise _no_folder(path, failure.strerror or str(failure)) from failure
    try:
        with os.scandir(folder) as found:
            entries: list[FolderEntry] = []
            for entry in found:
                if len(entries) >= MOST_NAMES:
                    raise UserError(
                        f"The folder {_shown(path)} holds more than {MOST_NAMES:,} names and is not listed.",
                        code="folder_too_large",
                        remedy="Open a file in it by its path, or search.",
                    )
                if len(entries) % 1_000 == 0:
                    stop.check()
                name = os.fsencode(entry.name)
                if not is_reserved(name) and not is_temporary(name):
                    entries.append(_on_disk(entry, name))
    except OSError as failure:
        raise _no_folder(path, failure.strerror or str(failure)) from failure
    finally:
        os.close(folder)
    return _page(entries, after, limit)


def _on_disk(entry: os.DirEntry[str], name: bytes) -> FolderEntry:
    text = _utf8(name)
    if text is None:
        return FolderEntry(name=name.decode("utf-8", "backslashreplace"), kind="other")
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return FolderEntry(name=text, kind="other")
    if stat.S_ISDIR(found.st_mode):
        return FolderEntry(name=text, kind="folder")
    if stat.S_ISLNK(found.st_mode):
        return FolderEntry(name=text, kind="link")
    if stat.S_ISREG(found.st_mode):
        return FolderEntry(name=text, kind="file", size=found.st_size)
    return FolderEntry(name=text, kind="other")


async def snapshot_folder(
    store: ObjectStore, tree: str, root: int, path: str, after: str | None, limit: int
) -> FolderPage:
    """One page of a folder of a snapshot; `path` is empty for the root. Raises UserError (`unknown_file`)."""
    return await in_thread(_snapshot_folder, store, tree, root, safe_path(path) if path else b"", after, limit)


def _snapshot_folder(
    _stop: Stop, store: ObjectStore, tree: str, root: int, path: bytes, after: str | None, limit: int
) -> FolderPage:
    roots = open_snapshot(store, tree)
    top = roots[root].tree if root < len(roots) else None
    if not path:
        entries = store.read_tree(top) if top is not None else {}
    else:
        found = entry_at(store, top, path)
        if found is None or found.mode != FOLDER:
            raise _no_folder(path, "no such folder there")
        entries = store.read_tree(found.oid)
    return _page((_in_tree(name, entry) for name, entry in entries.items()), after, limit)


def _in_tree(name: bytes, entry: Entry) -> FolderEntry:
    text = _utf8(name)
    if text is None:
        return FolderEntry(name=name.decode("utf-8", "backslashreplace"), kind="other")
    kind: EntryKind = "folder" if entry.mode == FOLDER else "link" if entry.mode == LINK else "file"
    return FolderEntry(name=text, kind=kind)


def _page(entries: Iterable[FolderEntry], after: str | None, limit: int) -> FolderPage:
    every = list(entries)
    start = None if after is None else _order_of_cursor(after)
    rest = every if start is None else [one for one in every if _order(one) > start]
    first = heapq.nsmallest(limit, rest, key=_order)
    return FolderPage(entries=tuple(first), total=len(every), more=len(rest) > len(first))


_Order = tuple[bool, str, str]


def _order(entry: FolderEntry) -> _Order:
    return entry.kind != "folder", entry.name.casefold(), entry.name


def cursor_of(entry: FolderEntry) -> str:
    """By which the page after this entry is asked for."""
    return ("d" if entry.kind == "folder" else "f") + entry.name


def _order_of_cursor(cursor: str) -> _Order:
    if cursor[:1] not in ("d", "f"):
        raise UserError(
            "The cursor is not one that this list gave.", code="bad_cursor", remedy="Begin without a cursor."
        )
    return cursor[0] != "d", cursor[1:].casefold(), cursor[1:]


def _utf8(name: bytes) -> str | None:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "replace") or "of the workspace"


def _no_folder(path: bytes, why: str) -> UserError:
    return UserError(
        f"The folder {_shown(path)} cannot be listed: {why}.",
        code="unknown_file",
        remedy="It may have been removed or renamed; look at the folder above.",
    )
