"""Accepted hunks put into the user's files, and taken out again.

The one place from which a workspace is changed: planned first, carried out file by file, each only if it still is what
the plan saw. The user's text wins: what cannot be merged is a conflict to be shown.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from draftsmith.platform.files import disk_errors
from draftsmith.workspace.applyplan import (
    ApplyPlan,
    Blocked,
    FilePlan,
    buffer_of,
    folders_left,
    in_buffer,
    keep_contents,
    make_plan,
    state_with,
)
from draftsmith.workspace.changes import FileChange, FileState
from draftsmith.workspace.held import Held
from draftsmith.workspace.merge import Conflict, HunkOutcome, merge
from draftsmith.workspace.objects import LINK
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.proposal import is_text
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.userfiles import Changed, Place, Refused, remove_emptied_folders

FileOutcomeState = Literal["written", "already", "changed", "refused", "conflict"]
"""`changed`: the file was no longer what the plan saw, and nothing was done to it."""

_NOT_HELD: Held = {}
_NOT_BLOCKED: Mapping[tuple[int, str], str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one planned file."""

    plan: FilePlan
    state: FileOutcomeState
    reason: str = ""
    conflict: Conflict | None = None


async def plan_hunks(
    store: ObjectStore,
    roots: Sequence[Path],
    changes: Sequence[FileChange],
    wanted: Collection[str],
    already_applied: Collection[str] = (),
    *,
    held: Held = _NOT_HELD,
    blocked: Blocked = _NOT_BLOCKED,
) -> ApplyPlan:
    """What applying the hunks would do to the files as they are now; changes none of them.

    Files in `held` are planned for the editor that holds their text.
    """
    return await in_thread(
        make_plan, store, tuple(roots), tuple(changes), frozenset(wanted), frozenset(already_applied), held, blocked
    )


async def carry_out(store: ObjectStore, roots: Sequence[Path], plan: ApplyPlan) -> tuple[FileOutcome, ...]:
    """Do what was planned to files on disk. Repeating it changes nothing more, so it is safe after a crash at any
    point. What is planned for an editor's buffer is left to who can ask the editor.

    Raises `AdapterError` (`disk_full`); the files written before stay, none is half written.
    """
    return await in_thread(_carry_out, store, tuple(roots), [one for one in plan.files if one.buffer is None])


def outcomes_after(plan: ApplyPlan, done: Sequence[FileOutcome]) -> tuple[HunkOutcome, ...]:
    """The hunks' outcomes once the plan was carried out: planned as applied is not yet applied."""
    failed = {name: outcome for outcome in done for name in outcome.plan.hunk_ids}
    out: list[HunkOutcome] = []
    for hunk in plan.outcomes:
        outcome = failed.get(hunk.hunk_id)
        if hunk.state != "applied" or outcome is None or outcome.state in ("written", "already"):
            out.append(hunk)
        elif outcome.state == "changed":
            reason = "The file changed while the hunk was being applied."
            out.append(HunkOutcome(hunk_id=hunk.hunk_id, state="conflict", reason=reason, conflict=_no_text()))
        else:
            out.append(HunkOutcome(hunk_id=hunk.hunk_id, state="refused", reason=outcome.reason))
    return tuple(out)


def _no_text() -> Conflict:
    return Conflict(base=b"", ours=b"", theirs=b"")


def _carry_out(
    stop: Stop, store: ObjectStore, roots: Sequence[Path], files: Sequence[FilePlan]
) -> tuple[FileOutcome, ...]:
    done: list[FileOutcome] = []
    for plan in files:
        stop.check()
        with disk_errors(f"changing {plan.path}"):
            done.append(_carry_out_file(store, roots[plan.root], plan))
    return tuple(done)


def _carry_out_file(store: ObjectStore, root: Path, plan: FilePlan) -> FileOutcome:
    path = os.fsencode(plan.path)
    try:
        with Place(root, path, create=plan.after is not None) as place:
            current = place.read()
            if current.state == plan.after:
                return FileOutcome(plan=plan, state="already")
            if current.state != plan.before:
                return FileOutcome(plan=plan, state="changed", reason="The file is no longer what it was.")
            if plan.after is None:
                place.delete(current)
            else:
                place.replace(current, plan.after, store.read_blob(bytes.fromhex(plan.after.blob)))
    except Changed:
        return FileOutcome(plan=plan, state="changed", reason="The file is no longer what it was.")
    except Refused as refusal:
        return FileOutcome(plan=plan, state="refused", reason=str(refusal))
    except PermissionError as failure:
        return FileOutcome(plan=plan, state="refused", reason=f"Not permitted: {failure.strerror}.")
    if plan.after is None:
        remove_emptied_folders(root, path)
    return FileOutcome(plan=plan, state="written")


async def plan_undo(
    store: ObjectStore,
    roots: Sequence[Path],
    files: Sequence[FilePlan],
    *,
    held: Held = _NOT_HELD,
    blocked: Blocked = _NOT_BLOCKED,
) -> tuple[ApplyPlan, tuple[FileOutcome, ...]]:
    """Plan to take out what was applied to `files`, keeping what the user did since.

    It is taken out where the newest text is now, whatever it was applied to. Returns the plan and the files for which
    there is none: `already` as before, `conflict` or `refused`.
    """
    return await in_thread(_plan_undo, store, tuple(roots), tuple(files), held, blocked)


def _plan_undo(
    stop: Stop, store: ObjectStore, roots: Sequence[Path], files: Sequence[FilePlan], held: Held, blocked: Blocked
) -> tuple[ApplyPlan, tuple[FileOutcome, ...]]:
    planned: list[FilePlan] = []
    rest: list[FileOutcome] = []
    contents: dict[str, bytes] = {}
    leaving = folders_left((one.root, os.fsencode(one.path)) for one in files if one.before is None)
    for file in sorted(files, key=lambda one: one.before is not None):
        stop.check()
        path, key = os.fsencode(file.path), (file.root, file.path)
        if key in blocked:
            rest.append(FileOutcome(plan=file, state="conflict", reason=blocked[key], conflict=_no_text()))
            continue
        try:
            with Place(roots[file.root], path, vacated=(file.root, path) in leaving) as place:
                current = place.read()
        except Refused as refusal:
            rest.append(FileOutcome(plan=file, state="refused", reason=str(refusal)))
            continue
        text = None if _only_mode(file) else held.get(key)
        on_disk = current.state
        if text is not None:
            current = in_buffer(current, text)
        found = _undone(stop, store, file, current.state, current.content)
        if isinstance(found, FileOutcome):
            rest.append(found)
            continue
        state, content = found
        if state is None and text is not None and on_disk is None:
            state = state_with(None, content)  # in a buffer only: emptied, for there is nothing to delete
        now = replace(file, before=current.state, after=state, buffer=buffer_of(text), moved_from="", by_editor=False)
        planned.append(now)
        if current.state is not None:
            contents[current.state.blob] = current.content
        if state is not None:
            contents[state.blob] = content
    return ApplyPlan(files=tuple(planned), outcomes=(), keep=keep_contents(store, contents)), tuple(rest)


def _only_mode(file: FilePlan) -> bool:
    return file.before is not None and file.after is not None and file.before.blob == file.after.blob


def _undone(
    stop: Stop, store: ObjectStore, file: FilePlan, now: FileState | None, content: bytes
) -> tuple[FileState | None, bytes] | FileOutcome:
    """What the file becomes, or why it stays."""
    if now == file.before:
        return FileOutcome(plan=file, state="already")
    before = store.read_blob(bytes.fromhex(file.before.blob)) if file.before is not None else b""
    if now == file.after:
        return file.before, before
    if now is None or file.before is None or file.after is None:
        return FileOutcome(plan=file, state="conflict", reason="The file was changed since.", conflict=_no_text())
    after = store.read_blob(bytes.fromhex(file.after.blob))
    if LINK in (now.mode, file.before.mode, file.after.mode) or not all(map(is_text, (before, after, content))):
        return FileOutcome(plan=file, state="conflict", reason="The file was changed since.", conflict=_no_text())
    merged = merge(store.path, content, after, before, stop)
    if merged.conflict is not None:
        reason = "The file was changed since in the same place."
        return FileOutcome(plan=file, state="conflict", reason=reason, conflict=merged.conflict)
    mode = file.before.mode if now.mode == file.after.mode else now.mode
    return state_with(now, merged.content, mode), merged.content
