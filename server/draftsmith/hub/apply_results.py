"""What an apply or an undo came to, hunk by hunk, from what became of the files."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.ids import HunkId
from draftsmith.domain.proposal import APPLIED, HunkResult, HunkStatus
from draftsmith.domain.session.state import OpenApply, SessionState
from draftsmith.workspace.apply import FileOutcome, outcomes_after
from draftsmith.workspace.applyplan import ApplyPlan
from draftsmith.workspace.merge import HunkOutcome

CHANGED_NOTE = "The file changed while it was written."


def of_apply(opened: OpenApply, plan: ApplyPlan, done: Sequence[FileOutcome], *, last: bool) -> tuple[HunkResult, ...]:
    """`last`: it is not tried again, so an editor that would not is shown as a conflict."""
    moved = {hunk: outcome for outcome in done if outcome.state == "changed" for hunk in outcome.plan.hunk_ids}
    by_id: dict[str, HunkOutcome] = {outcome.hunk_id: outcome for outcome in outcomes_after(plan, done)}
    in_buffers = {
        hunk: file.buffer.holder.client
        for file in plan.files
        if file.buffer and not file.by_editor
        for hunk in file.hunk_ids
    }
    return tuple(
        _moved(hunk, moved[hunk], last=last) if hunk in moved else _result(hunk, by_id.get(hunk), in_buffers.get(hunk))
        for hunk in opened.hunks
    )


def _moved(hunk: HunkId, outcome: FileOutcome, *, last: bool) -> HunkResult:
    buffer = outcome.plan.buffer
    if not last or buffer is None:
        return HunkResult(hunk_id=hunk, status="pending", note=CHANGED_NOTE)
    reason = f"{buffer.holder.client} did not take the change, tried several times. {outcome.reason}".strip()
    return HunkResult(hunk_id=hunk, status="conflicted", note=reason)


def _result(hunk: HunkId, outcome: HunkOutcome | None, client: str | None) -> HunkResult:
    if outcome is None:
        return HunkResult(hunk_id=hunk, status="pending", note="The proposal has no such change.")
    match outcome.state:
        case "applied" | "already_there" if client is not None:
            return HunkResult(hunk_id=hunk, status="in_buffer", note=unsaved_note(client))
        case "applied" | "already_there":
            return HunkResult(hunk_id=hunk, status="on_disk")
        case "conflict":
            return HunkResult(hunk_id=hunk, status="conflicted", note=outcome.reason)
        case "refused":
            return HunkResult(hunk_id=hunk, status="pending", note=outcome.reason)


def unsaved_note(client: str) -> str:
    return f"Not saved yet in {client}."


def of_undo(
    state: SessionState, opened: OpenApply, plan: ApplyPlan, done: Sequence[FileOutcome]
) -> tuple[HunkResult, ...]:
    """Hunks that could not be taken back stay where they are."""
    stay = {outcome.hunk_id: outcome.reason for outcome in plan.outcomes if outcome.state == "refused"}
    for outcome in done:
        if outcome.state not in ("written", "already"):
            reason = CHANGED_NOTE if outcome.state == "changed" else outcome.reason
            stay |= dict.fromkeys(outcome.plan.hunk_ids, reason)
    known: dict[str, HunkStatus] = (
        {hunk.hunk_id: hunk.status for hunk in state.proposal.hunks} if state.proposal else {}
    )
    return tuple(
        HunkResult(hunk_id=hunk, status=_where(known.get(hunk)), note=stay[hunk])
        if hunk in stay
        else HunkResult(hunk_id=hunk, status="reverted")
        for hunk in opened.hunks
    )


def _where(status: HunkStatus | None) -> HunkStatus:
    return status if status is not None and status in APPLIED else "on_disk"
