"""The base that a round's proposal will be measured against: gates and review have to look at the same."""

from __future__ import annotations

from draftsmith.domain.ids import TreeId
from draftsmith.domain.proposal import APPLIED
from draftsmith.pipeline.desk import Desk
from draftsmith.workspace.changes import decode_changes
from draftsmith.workspace.partial import with_hunks


async def present_base(desk: Desk) -> TreeId | None:
    """The session's base, with what the user has on disk of a proposal that was made from it; None before there is one.

    A further round has a base of its own, in which all of this is already: only work that is resumed needs it.
    """
    state = desk.log.state
    if state.base is None or state.proposal is None or state.proposal.base != state.base:
        return state.base
    applied = [hunk.hunk_id for hunk in state.proposal.hunks if hunk.status in APPLIED]
    if not applied:
        return state.base
    changes = decode_changes(await desk.log.document(state.proposal.document))
    return TreeId(await with_hunks(desk.store, state.base, changes, applied))
