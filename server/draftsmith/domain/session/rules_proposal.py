"""When the proposal, its hunks and their applying may change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from draftsmith.domain.ids import ApplyId, HunkId
from draftsmith.domain.proposal import APPLIED, DECIDABLE, OBSERVABLE, Hunk, HunkResult, Proposal
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
from draftsmith.domain.session.readiness import busy, working
from draftsmith.domain.session.state import SessionState


def proposal_refusal(state: SessionState, event: ProposalEvent) -> str | None:
    match event:
        case ProposalMade(proposal=proposal):
            # Once hunks were applied, a further round is measured against the base with them in it.
            if proposal.base != state.base and not state.applies:
                return "The proposal was made against another base."
            return working(state) or busy(state)
        case ProposalEdited(hunk_id=hunk_id, proposal=proposal):
            return _edited(state, hunk_id, proposal)
        case HunksAccepted(hunks=hunks):
            return _applying(state) or _hunks(state, hunks, "accepted")
        case HunksRejected(hunks=hunks):
            return _applying(state) or _hunks(state, hunks, "rejected")
        case ApplyIntended(hunks=hunks, undoes=None):
            return _applying(state) or _hunks(state, hunks, None) or _unaccepted(state, hunks)
        case ApplyIntended(hunks=hunks, undoes=undoes):
            return _applying(state) or _undoing(state, hunks, undoes)
        case ApplyFinished(apply_id=apply_id):
            known = state.apply is not None and state.apply.apply_id == apply_id
            return None if known else f"Apply {apply_id} is not under way."
        case HunksObserved(results=results):
            return _hunks(state, (result.hunk_id for result in results), None) or _observed(state, results)
        case _:
            assert_never(event)


def _applying(state: SessionState) -> str | None:
    return None if state.apply is None else "Other hunks are being written; try again in a moment."


def _edited(state: SessionState, hunk_id: HunkId, proposal: Proposal) -> str | None:
    if proposal.base != state.base:
        return "The proposal was made against another base."
    if state.status not in ("proposed", "finished"):
        return f"The session is {state.status}; hunks can be edited once there is a proposal."
    if not hunk_id:
        return _applying(state) or _losing(state, proposal)
    return _applying(state) or _hunks(state, (hunk_id,), "edited")


def _losing(state: SessionState, edited: Proposal) -> str | None:
    """A file edited as a whole: what was brought to the user's files stays a hunk, or it could not be undone."""
    kept = {hunk.hunk_id for hunk in edited.hunks}
    before = state.proposal.hunks if state.proposal else ()
    lost = next((hunk for hunk in before if hunk.status not in DECIDABLE and hunk.hunk_id not in kept), None)
    if lost is None:
        return None
    return f"Hunk {lost.hunk_id} is {lost.status.replace('_', ' ')} and cannot be edited; undo it first."


def _unaccepted(state: SessionState, hunks: tuple[HunkId, ...]) -> str | None:
    known = {hunk.hunk_id: hunk.status for hunk in state.proposal.hunks} if state.proposal else {}
    other = next((hunk for hunk in hunks if known[hunk] != "accepted"), None)
    return None if other is None else f"Hunk {other} is {known[other].replace('_', ' ')}; accept it first."


def _undoing(state: SessionState, hunks: tuple[HunkId, ...], undoes: ApplyId | None) -> str | None:
    """An apply is undone by what it wrote, also when a newer proposal no longer has its hunks."""
    record = next((one for one in state.applies if one.apply_id == undoes), None)
    if record is None:
        return f"There is no apply {undoes} that can be undone."
    if record.undone:
        return f"Apply {undoes} was already undone."
    foreign = next((hunk for hunk in hunks if hunk not in record.hunks), None)
    return None if foreign is None else f"Apply {undoes} did not write hunk {foreign}."


def _observed(state: SessionState, results: Iterable[HunkResult]) -> str | None:
    """What an apply once brought to a file can be seen there, whatever was decided since; nothing else can."""
    known = {hunk.hunk_id: hunk for hunk in state.proposal.hunks} if state.proposal else {}
    applied = {hunk for record in state.applies for hunk in record.hunks}
    for result in results:
        if reason := _seen(known[result.hunk_id], result, applied):
            return reason
    return None


def _seen(hunk: Hunk, result: HunkResult, applied: set[HunkId]) -> str | None:
    words = hunk.status.replace("_", " ")
    if result.status not in OBSERVABLE:
        return f"Hunk {hunk.hunk_id} cannot be seen to be {result.status.replace('_', ' ')}."
    if hunk.status == "accepted":
        return f"Hunk {hunk.hunk_id} is being written; what is seen of it is the outcome of the apply."
    if hunk.hunk_id not in applied:
        return f"Hunk {hunk.hunk_id} was never written anywhere."
    if result.status == "pending" and hunk.status not in APPLIED:
        return f"Hunk {hunk.hunk_id} is {words}; it cannot go from where it is not."
    return None


def _hunks(state: SessionState, hunks: Iterable[HunkId], wish: str | None) -> str | None:
    if state.proposal is None:
        return "The session has no proposal yet."
    known = {hunk.hunk_id: hunk for hunk in state.proposal.hunks}
    for hunk_id in hunks:
        hunk = known.get(hunk_id)
        if hunk is None:
            return f"The proposal has no hunk {hunk_id}."
        if wish and hunk.status not in DECIDABLE:
            return f"Hunk {hunk_id} is {hunk.status.replace('_', ' ')} and cannot be {wish}."
    return None
