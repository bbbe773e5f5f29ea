"""How the proposal, its hunks and their applying change the state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from draftsmith.domain.ids import HunkId
from draftsmith.domain.proposal import APPLIED, ApplyRecord, HunkResult, HunkStatus, Proposal
from draftsmith.domain.session.events import (
    ApplyFinished,
    ApplyIntended,
    HunksAccepted,
    HunksObserved,
    HunksRejected,
    ProposalEdited,
    ProposalEvent,
    ProposalMade,
)
from draftsmith.domain.session.state import KEPT, OpenApply, SessionState, SessionStatus

SETTLED: frozenset[HunkStatus] = APPLIED.union(("rejected",))
"""States that need nothing more from the user."""


def evolve_proposal(state: SessionState, event: ProposalEvent) -> SessionState:
    match event:
        case ProposalMade(proposal=proposal, title=title):
            carried = _carried_over(state.proposal, proposal)
            title = title or state.title
            return replace(state, base=proposal.base, proposal=carried, status=_proposed(carried), title=title)
        case ProposalEdited(proposal=proposal):
            carried = _carried_over(state.proposal, proposal)
            return replace(state, proposal=carried, status=_proposed(carried), draft=proposal.tree)
        case HunksAccepted(hunks=hunks):
            return _with_status(state, (HunkResult(hunk_id=hunk, status="accepted") for hunk in hunks))
        case HunksRejected(hunks=hunks):
            return _with_status(state, (HunkResult(hunk_id=hunk, status="rejected") for hunk in hunks))
        case ApplyIntended(apply_id=apply_id, hunks=hunks, document=document, undoes=undoes, buffers=buffers):
            opened = OpenApply(apply_id=apply_id, hunks=hunks, document=document, undoes=undoes, buffers=buffers)
            return replace(state, apply=opened)
        case ApplyFinished(results=results):
            return _apply_finished(_with_status(state, results), results)
        case HunksObserved(results=results):
            return _with_status(state, results)
        case _:
            assert_never(event)


def _apply_finished(state: SessionState, results: Sequence[HunkResult]) -> SessionState:
    """An undo that took nothing back can be tried again."""
    opened = state.apply
    if opened is None:
        return state
    record = ApplyRecord(
        apply_id=opened.apply_id,
        hunks=opened.hunks,
        document=opened.document,
        undoes=opened.undoes,
        buffers=opened.buffers,
    )
    taken_back = opened.undoes if any(result.status == "reverted" for result in results) else None
    applies = tuple(replace(one, undone=True) if one.apply_id == taken_back else one for one in state.applies)
    return replace(state, apply=None, applies=(*applies, record)[-KEPT:])


def _carried_over(old: Proposal | None, new: Proposal) -> Proposal:
    """Hunks that were decided before and are still there keep their state; what a new base holds is no hunk of it."""
    if old is None:
        return new
    in_base = APPLIED if old.base != new.base else frozenset[HunkStatus]()
    known = {hunk.hunk_id: hunk for hunk in old.hunks if hunk.status not in in_base}
    hunks = tuple(
        replace(hunk, status=known[hunk.hunk_id].status, note=known[hunk.hunk_id].note)
        if hunk.hunk_id in known
        else hunk
        for hunk in new.hunks
    )
    return replace(new, hunks=hunks)


def _with_status(state: SessionState, results: Iterable[HunkResult]) -> SessionState:
    """Hunks with their new state. When every hunk is settled and nothing runs, the session is finished."""
    proposal = state.proposal
    if proposal is None:
        return state
    changed: dict[HunkId, HunkResult] = {result.hunk_id: result for result in results}
    hunks = tuple(
        replace(hunk, status=changed[hunk.hunk_id].status, note=changed[hunk.hunk_id].note)
        if hunk.hunk_id in changed
        else hunk
        for hunk in proposal.hunks
    )
    changed_proposal = replace(proposal, hunks=hunks)
    status = _proposed(changed_proposal) if state.status in ("proposed", "finished") else state.status
    return replace(state, proposal=changed_proposal, status=status)


def _proposed(proposal: Proposal) -> SessionStatus:
    return "finished" if all(hunk.status in SETTLED for hunk in proposal.hunks) else "proposed"
