"""The difference between base and draft, cut into hunks that can be taken one by one.

Lines are compared by git (histogram) in one process for all files, and end at `\\n` bytes only. What is no text, or
too large to look at line by line, is one hunk of the whole file. It reads the object store and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from draftsmith.workspace.changes import ChangeKind, FileChange, FileState, TextHunk, hunk_id, split_lines
from draftsmith.workspace.git import run_git
from draftsmith.workspace.objects import FILE, LINK, TREE, Entry, encode_tree
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import open_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import Difference, compare

MAX_TEXT = 2 * 1024 * 1024
"""Bytes of a file beyond which it is one hunk without shown text."""

MAX_HUNKS = 500
"""Hunks of one file beyond which it is one hunk of the whole file."""

_HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_INDEX = re.compile(rb"index ([0-9a-f]{40})\.\.([0-9a-f]{40})")

Pair = tuple[bytes, bytes]
"""The blobs before and after."""


@dataclass(frozen=True, slots=True)
class _Range:
    """Lines `start`, counted from 0, up to `start + length` in each version."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int


async def propose(store: ObjectStore, base: str, draft: str) -> tuple[FileChange, ...]:
    """Every file that differs between two snapshots; raises `AdapterError` (`object_missing`)."""
    return await in_thread(_propose, store, base, draft)


def _propose(stop: Stop, store: ObjectStore, base: str, draft: str) -> tuple[FileChange, ...]:
    olds = [root.tree for root in open_snapshot(store, base)]
    found: list[tuple[int, Difference]] = []
    for number, root in enumerate(open_snapshot(store, draft)):
        before = olds[number] if number < len(olds) else None
        found += ((number, item) for item in compare(store, before, root.tree))
    texts: dict[Pair, tuple[bytes, bytes]] = {}
    for _, item in found:
        stop.check()
        pair = _text_pair(item)
        if pair is not None and pair not in texts:
            contents = store.read_blob(pair[0]), store.read_blob(pair[1])
            if all(is_text(content) for content in contents):
                texts[pair] = contents
    ranges = _line_ranges(store, list(texts), stop)
    changes = [_change(store, number, item, texts, ranges) for number, item in found]
    return tuple(_link_renames(changes))


def is_text(content: bytes) -> bool:
    """Whether content is shown and merged by lines."""
    return len(content) <= MAX_TEXT and b"\0" not in content


def _text_pair(item: Difference) -> Pair | None:
    before, after = item.before, item.after
    if before is None or after is None or before.oid == after.oid or LINK in (before.mode, after.mode):
        return None
    return before.oid, after.oid


def _line_ranges(store: ObjectStore, pairs: Sequence[Pair], stop: Stop) -> dict[Pair, list[_Range]]:
    """Where the versions differ, of all pairs by one process: two made-up trees that hold them side by side."""
    if not pairs:
        return {}
    with store.writing() as batch:
        before = {b"%08d" % number: Entry(FILE, pair[0]) for number, pair in enumerate(pairs)}
        after = {b"%08d" % number: Entry(FILE, pair[1]) for number, pair in enumerate(pairs)}
        trees = [batch.add(TREE, encode_tree(side)).hex() for side in (before, after)]
    arguments = ["diff-tree", "-r", "-p", "-U0", "--histogram", "--full-index", "--text", "--no-renames", "--no-color"]
    arguments += ["--no-ext-diff", "--no-textconv", *trees]
    output = run_git(store.path, arguments, stop=stop)[1]
    found: dict[Pair, list[_Range]] = {}
    current: list[_Range] = []
    for line in output.split(b"\n"):
        if line.startswith(b"@@ ") and (header := _HEADER.match(line)):
            current.append(_range(header))
        elif line.startswith(b"index ") and (index := _INDEX.match(line)):
            pair = bytes.fromhex(index[1].decode()), bytes.fromhex(index[2].decode())
            current = found.setdefault(pair, [])
    return found


def _range(header: re.Match[bytes]) -> _Range:
    old_length = int(header[2]) if header[2] is not None else 1
    new_length = int(header[4]) if header[4] is not None else 1
    # With no lines on a side, git names the line before the place; else the first line, from 1.
    old_start = int(header[1]) - (1 if old_length else 0)
    new_start = int(header[3]) - (1 if new_length else 0)
    return _Range(old_start, old_length, new_start, new_length)


def _change(
    store: ObjectStore,
    root: int,
    item: Difference,
    texts: Mapping[Pair, tuple[bytes, bytes]],
    ranges: Mapping[Pair, list[_Range]],
) -> FileChange:
    kind, pair = _kind(item), _text_pair(item)
    hunks: list[TextHunk] = []
    if pair is not None and pair in texts:
        hunks += _text_hunks(root, item.path, texts[pair], ranges.get(pair, []))
    elif kind in ("create", "delete", "symlink", "modify"):
        if kind == "modify":
            kind = "binary"
        hunks.append(_whole(store, root, item))
    if item.before is not None and item.after is not None and LINK not in (item.before.mode, item.after.mode):
        hunks += _mode_hunk(root, item.path, item.before, item.after)
    return FileChange(
        root=root,
        path=os.fsdecode(item.path),
        kind=kind,
        before=_state(item.before),
        after=_state(item.after),
        hunks=tuple(hunks),
    )


def _kind(item: Difference) -> ChangeKind:
    if item.before is None:
        return "create"
    if item.after is None:
        return "delete"
    if LINK in (item.before.mode, item.after.mode):
        return "symlink"
    return "mode" if item.before.oid == item.after.oid else "modify"


def _state(entry: Entry | None) -> FileState | None:
    return None if entry is None else FileState(mode=entry.mode, blob=entry.oid.hex())


def _text_hunks(root: int, path: bytes, texts: tuple[bytes, bytes], ranges: Sequence[_Range]) -> list[TextHunk]:
    old, new = split_lines(texts[0]), split_lines(texts[1])
    if not 0 < len(ranges) <= MAX_HUNKS:
        ranges = [_Range(0, len(old), 0, len(new))]
    return [
        _hunk(
            root,
            path,
            part,
            b"".join(old[part.old_start : part.old_start + part.old_length]),
            b"".join(new[part.new_start : part.new_start + part.new_length]),
        )
        for part in ranges
    ]


def _hunk(root: int, path: bytes, part: _Range, old: bytes, new: bytes) -> TextHunk:
    start = part.old_start + 1
    return TextHunk(
        hunk_id=hunk_id(root, path, "text", start, part.old_length, new),
        kind="text",
        base_start=start,
        base_length=part.old_length,
        old=old,
        new=new,
    )


def _whole(store: ObjectStore, root: int, item: Difference) -> TextHunk:
    before, after = (store.read_blob(entry.oid) if entry is not None else b"" for entry in (item.before, item.after))
    shown = is_text(before) and is_text(after)
    tag = b"" if item.after is None else b"%o %s" % (item.after.mode, item.after.oid)
    length = len(split_lines(before)) if shown else 0
    return TextHunk(
        hunk_id=hunk_id(root, item.path, "whole", 1, length, tag),
        kind="whole",
        base_start=1,
        base_length=length,
        old=before if shown else b"",
        new=after if shown else b"",
    )


def _mode_hunk(root: int, path: bytes, before: Entry, after: Entry) -> list[TextHunk]:
    if before.mode == after.mode:
        return []
    old, new = b"%o" % before.mode, b"%o" % after.mode
    identity = hunk_id(root, path, "mode", 0, 0, new)
    return [TextHunk(hunk_id=identity, kind="mode", base_start=0, base_length=0, old=old, new=new)]


def _link_renames(changes: Sequence[FileChange]) -> list[FileChange]:
    """Link a deleted file with the created one of the same bytes, in the order of paths."""
    deleted: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        if change.kind == "delete" and change.before is not None and change.before.blob != _EMPTY_BLOB:
            deleted.setdefault(change.before.blob, []).append(number)
    out = list(changes)
    for number, change in enumerate(changes):
        sources = deleted.get(change.after.blob) if change.kind == "create" and change.after is not None else None
        if sources:
            source = sources.pop(0)
            linked = hunk_id(change.root, change.raw_path, "whole", 0, 0, changes[source].raw_path)
            out[number] = replace(change, linked=linked)
            out[source] = replace(changes[source], linked=linked)
    return out


_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
