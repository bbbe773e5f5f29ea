"""Reading one file of a snapshot or of the workspace, for people who compare."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.workspace.changes import FileChange, TextHunk, split_lines
from draftsmith.workspace.objects import FOLDER, LINK, check_path
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import open_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import entry_at
from draftsmith.workspace.userfiles import Place, Refused

MAX_SHOWN = 8 * 1024 * 1024
"""Bytes of a file beyond which it is not shown."""


async def read_tree_file(store: ObjectStore, tree: str, root: int, path: str) -> bytes | None:
    """The file's bytes in a snapshot, or None when it is not there. Raises UserError (`file_too_large`)."""

    def read(_stop: Stop) -> bytes | None:
        raw = os.fsencode(path)
        check_path(raw)
        roots = open_snapshot(store, tree)
        entry = entry_at(store, roots[root].tree, raw) if root < len(roots) else None
        if entry is None or entry.mode == FOLDER:
            return None
        return _bounded(store.read_blob(entry.oid), path)

    return await in_thread(read)


async def read_workspace_file(root: Path, path: str) -> bytes | None:
    """The file's bytes as they are now; links that lead out of the folder are not followed."""

    def read(_stop: Stop) -> bytes | None:
        raw = os.fsencode(path)
        check_path(raw)
        try:
            with Place(root, raw) as place:
                current = place.read()
        except Refused as refusal:
            raise UserError(f"{path} cannot be read: {refusal}", code="unknown_file") from refusal
        return None if current.state is None else _bounded(current.content, path)

    return await in_thread(read)


async def read_current(root: Path, path: str) -> bytes | None:
    """The file's bytes as they are now, however many; None when it is not there or is nothing that can be changed."""

    def read(_stop: Stop) -> bytes | None:
        try:
            with Place(root, os.fsencode(path)) as place:
                current = place.read()
        except Refused:
            return None
        return None if current.state is None or current.state.mode == LINK else current.content

    return await in_thread(read)


def _bounded(content: bytes, path: str) -> bytes:
    if len(content) > MAX_SHOWN:
        raise UserError(f"{path} has {len(content):,} bytes; at most {MAX_SHOWN:,} are shown.", code="file_too_large")
    return content


async def context_lines(
    store: ObjectStore, hunks: Sequence[tuple[FileChange, TextHunk]], count: int
) -> list[tuple[bytes, bytes]]:
    """For each hunk up to `count` lines of the base before and after it; none for what is no text."""

    def read(stop: Stop) -> list[tuple[bytes, bytes]]:
        lines: dict[str, list[bytes]] = {}
        found: list[tuple[bytes, bytes]] = []
        for change, hunk in hunks:
            stop.check()
            if hunk.kind != "text" or change.before is None:
                found.append((b"", b""))
                continue
            blob = change.before.blob
            if blob not in lines:
                lines[blob] = split_lines(store.read_blob(bytes.fromhex(blob)))
            start = hunk.base_start - 1
            end = start + hunk.base_length
            found.append(
                (b"".join(lines[blob][max(0, start - count) : start]), b"".join(lines[blob][end : end + count]))
            )
        return found

    return await in_thread(read)
