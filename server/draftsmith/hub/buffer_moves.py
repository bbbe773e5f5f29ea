"""Files that an editor renames, instead of deleting one and being left with another: buffer, marks and undo go along.

Only where the editor can do it and nothing is in the way; else the two halves are carried out as they are.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import absolute
from draftsmith.hub.buffers import Buffers
from draftsmith.workspace.applyplan import ApplyPlan, FilePlan
from draftsmith.workspace.changes import FileChange, split_lines
from draftsmith.workspace.objects import LINK

Moves = Mapping[tuple[int, str], str]
"""By root and new path: the old path in the same root."""

LIKE = 0.6
_COMPARED_PAIRS = 400


def moves_of(changes: Iterable[FileChange]) -> Moves:
    """The renames of a proposal: a deleted file with the created one that has the same, or nearly the same, lines."""
    known = tuple(changes)
    deleted = [one for one in known if one.kind == "delete"]
    created = [one for one in known if one.kind == "create"]
    if len(deleted) * len(created) > _COMPARED_PAIRS:
        deleted = [one for one in deleted if one.linked]
    pairs = sorted(
        ((likeness(old, new), old.path, new) for old in deleted for new in created if old.root == new.root),
        key=lambda pair: -pair[0],
    )
    moves: dict[tuple[int, str], str] = {}
    taken: set[tuple[int, str]] = set()
    for like, path, new in pairs:
        if like >= LIKE and (new.root, new.path) not in moves and (new.root, path) not in taken:
            moves[(new.root, new.path)] = path
            taken.add((new.root, path))
    return moves


def likeness(old: FileChange, new: FileChange) -> float:
    """How much of both files is the same lines, from 0 to 1."""
    if old.linked and old.linked == new.linked:
        return 1.0
    before, after = Counter(split_lines(old.hunks[0].old)), Counter(split_lines(new.hunks[0].new))
    common = (before & after).total()
    return 2 * common / max(1, before.total() + after.total())


def moves_back(files: Iterable[FilePlan]) -> Moves:
    """The renames that an undo would make."""
    return {(one.root, one.moved_from): one.path for one in files if one.moved_from}


async def with_moves(buffers: Buffers, state: SessionState, plan: ApplyPlan, moves: Moves) -> ApplyPlan:
    """The plan, its pairs of files marked that the editor which holds the old one is to rename."""
    if not moves:
        return plan
    files = await asyncio.to_thread(_marked, buffers, state, plan.files, moves)
    return replace(plan, files=tuple(files))


def _marked(buffers: Buffers, state: SessionState, files: Sequence[FilePlan], moves: Moves) -> list[FilePlan]:
    gone = {(one.root, one.path): one for one in files if one.after is None and one.buffer is not None}
    made: list[FilePlan] = []
    for file in files:
        old = gone.get((file.root, moves.get((file.root, file.path), "")))
        movable = old is not None and old.buffer is not None and file.before is None and file.buffer is None
        if movable and old is not None and old.buffer is not None and _can(buffers, state, old, file):
            made.append(replace(file, buffer=old.buffer, moved_from=old.path))
        else:
            made.append(file)
    return made


def _can(buffers: Buffers, state: SessionState, old: FilePlan, new: FilePlan) -> bool:
    editor = buffers.editor(old.buffer.holder.name) if old.buffer is not None else None
    target = absolute(state, new.root, new.path)
    plain = all(one is None or one.mode != LINK for one in (old.before, new.after))
    return (
        editor is not None
        and "rename" in editor.operations
        and plain
        and not buffers.holding(target)
        and Path(target).parent.is_dir()
    )
