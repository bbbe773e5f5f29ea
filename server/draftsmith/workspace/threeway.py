"""A file in conflict as three texts side by side, cut into what merges by itself and what a person has to decide.

It reads the user's file and writes nothing. The cuts are those of git's own merge, which decided that it conflicts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from draftsmith.workspace.changes import FileChange, TextHunk, splice
from draftsmith.workspace.merge import Part, merged_parts
from draftsmith.workspace.objects import LINK
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.proposal import is_text
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.userfiles import Place, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreeSides:
    """`version` is the user's file as it is now, empty when there is none. `parts` are empty for what is no text,
    and `reason` says why."""

    exists: bool
    version: str
    parts: tuple[Part, ...]
    reason: str = ""


async def three_sides(
    store: ObjectStore,
    root: Path,
    change: FileChange,
    wanted: Collection[str],
    applied: Collection[str],
) -> ThreeSides:
    """The base with what is `applied`, the user's file on disk, and the same base with the `wanted` hunks, too."""
    return await in_thread(_three_sides, store, root, change, frozenset(wanted), frozenset(applied))


def _three_sides(
    stop: Stop,
    store: ObjectStore,
    root: Path,
    change: FileChange,
    wanted: Collection[str],
    applied: Collection[str],
) -> ThreeSides:
    try:
        with Place(root, change.raw_path) as place:
            current = place.read()
    except Refused as refusal:
        return ThreeSides(exists=False, version="", parts=(), reason=str(refusal))
    version = current.state.blob if current.state is not None else ""
    exists = current.state is not None
    if current.state is not None and current.state.mode == LINK:
        return ThreeSides(exists=exists, version=version, parts=(), reason="A symbolic link stands there now.")
    own = current.content
    base, draft = _sides(store, change, wanted, applied)
    if not all(is_text(side) for side in (own, base, draft)):
        return ThreeSides(exists=exists, version=version, parts=(), reason="The file is no text, or very large.")
    if change.before is None or not exists:
        # Nothing in common to merge on: the whole of each stands against the other.
        parts: tuple[Part, ...] = (Part(conflict=True, base=base, ours=own, theirs=draft),)
    else:
        parts = merged_parts(store.path, own, base, draft, stop)
    return ThreeSides(exists=exists, version=version, parts=parts)


def _sides(
    store: ObjectStore, change: FileChange, wanted: Collection[str], applied: Collection[str]
) -> tuple[bytes, bytes]:
    before = store.read_blob(bytes.fromhex(change.before.blob)) if change.before is not None else b""
    if any(hunk.kind == "whole" for hunk in change.hunks):
        return before, store.read_blob(bytes.fromhex(change.after.blob)) if change.after is not None else b""
    earlier = _texts(change, applied)
    return splice(before, earlier), splice(before, [*earlier, *_texts(change, set(wanted) - set(applied))])


def _texts(change: FileChange, names: Collection[str]) -> Sequence[TextHunk]:
    return [hunk for hunk in change.hunks if hunk.kind == "text" and hunk.hunk_id in names]
