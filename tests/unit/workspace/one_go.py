"""Applying and undoing in one go: planned and carried out, as the hub does it with a record in between."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from draftsmith.workspace.apply import FileOutcome, carry_out, outcomes_after, plan_hunks, plan_undo
from draftsmith.workspace.applyplan import FilePlan
from draftsmith.workspace.changes import FileChange
from draftsmith.workspace.merge import HunkOutcome
from draftsmith.workspace.store import ObjectStore

REPLANS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """`files` hold what an undo needs; `keeps` are the trees that must stay pinned until then."""

    hunks: tuple[HunkOutcome, ...]
    files: tuple[FileOutcome, ...]
    keeps: tuple[str, ...]


async def apply_hunks(
    store: ObjectStore,
    roots: Sequence[Path],
    changes: Sequence[FileChange],
    wanted: Collection[str],
    already_applied: Collection[str] = (),
) -> ApplyResult:
    """Plan and carry out; files that change in between are planned anew a few times, then they conflict."""
    wanted = set(wanted)
    hunks: dict[str, HunkOutcome] = {}
    files: list[FileOutcome] = []
    keeps: list[str] = []
    for _ in range(REPLANS):
        plan = await plan_hunks(store, roots, changes, wanted, already_applied)
        keeps.append(plan.keep)
        done = await carry_out(store, roots, plan)
        hunks.update((outcome.hunk_id, outcome) for outcome in outcomes_after(plan, done))
        files += (outcome for outcome in done if outcome.state != "changed")
        wanted = {name for outcome in done if outcome.state == "changed" for name in outcome.plan.hunk_ids}
        if not wanted:
            break
    return ApplyResult(hunks=tuple(hunks.values()), files=tuple(files), keeps=tuple(keeps))


async def undo(store: ObjectStore, roots: Sequence[Path], files: Sequence[FilePlan]) -> tuple[FileOutcome, ...]:
    """Take out what was applied; files that change meanwhile are told as `changed`."""
    plan, rest = await plan_undo(store, roots, files)
    return (*await carry_out(store, roots, plan), *rest)
