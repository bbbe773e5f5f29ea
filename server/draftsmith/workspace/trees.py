"""Trees as a whole: change some paths, compare two, list one.

Cost follows what differs: equal subtrees are never opened. Knows objects, not files on disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from draftsmith.workspace.objects import FOLDER, TREE, Entry, encode_tree


class TreeReader(Protocol):
    def read_tree(self, oid: bytes) -> dict[bytes, Entry]: ...


class TreeWriter(TreeReader, Protocol):
    def add(self, kind: int, content: bytes, oid: bytes | None = None) -> bytes: ...


class Difference(NamedTuple):
    """One path that differs; `None` where it does not exist. Never a folder."""

    path: bytes
    before: Entry | None
    after: Entry | None


class _Node:
    """Changes below one folder."""

    __slots__ = ("below", "here")

    def __init__(self) -> None:
        self.here: dict[bytes, Entry | None] = {}
        self.below: dict[bytes, _Node] = {}


def change_tree(writer: TreeWriter, base: bytes | None, changes: Mapping[bytes, Entry | None]) -> bytes | None:
    """The tree `base` with files set or (`None`) removed; `None` when nothing is left in it.

    A file set in place of a folder removes what was below it, and the other way round.
    """
    top = _Node()
    for path, entry in changes.items():
        node = top
        *folders, name = path.split(b"/")
        for folder in folders:
            below = node.below.get(folder)
            if below is None:
                below = node.below[folder] = _Node()
            node = below
        node.here[name] = entry
    return _write(writer, base, top)


def _write(writer: TreeWriter, base: bytes | None, node: _Node) -> bytes | None:
    entries = writer.read_tree(base) if base is not None else {}
    for name, entry in node.here.items():
        if entry is not None:
            entries[name] = entry
        elif name in entries and entries[name].mode != FOLDER:
            del entries[name]
    for name, below in node.below.items():
        if node.here.get(name) is not None:
            continue  # a file took the folder's place
        old = entries.get(name)
        tree = _write(writer, old.oid if old is not None and old.mode == FOLDER else None, below)
        if tree is not None:
            entries[name] = Entry(FOLDER, tree)
        elif old is not None and old.mode == FOLDER:
            del entries[name]
    return writer.add(TREE, encode_tree(entries)) if entries else None


def compare(reader: TreeReader, before: bytes | None, after: bytes | None) -> Iterator[Difference]:
    """Every file that differs between two trees, in the order of paths within each folder."""
    yield from _compare(reader, before, after, b"")


def _compare(reader: TreeReader, before: bytes | None, after: bytes | None, prefix: bytes) -> Iterator[Difference]:
    if before == after:
        return
    old = reader.read_tree(before) if before is not None else {}
    new = reader.read_tree(after) if after is not None else {}
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        path = prefix + name
        was_folder = was is not None and was.mode == FOLDER
        now_folder = now is not None and now.mode == FOLDER
        was_file = None if was_folder else was
        now_file = None if now_folder else now
        if was_file is not None or now_file is not None:
            yield Difference(path, was_file, now_file)
        if was_folder or now_folder:
            yield from _compare(
                reader,
                was.oid if was is not None and was_folder else None,
                now.oid if now is not None and now_folder else None,
                path + b"/",
            )


def every_file(reader: TreeReader, tree: bytes | None) -> dict[bytes, Entry]:
    """All files of a tree by path."""
    return {found.path: found.after for found in compare(reader, None, tree) if found.after is not None}


def entry_at(reader: TreeReader, tree: bytes | None, path: bytes) -> Entry | None:
    """What stands at `path`, a folder too; `None` when nothing does."""
    found = Entry(FOLDER, tree) if tree is not None else None
    for name in path.split(b"/"):
        if found is None or found.mode != FOLDER:
            return None
        found = reader.read_tree(found.oid).get(name)
    return found
