"""Whether an apply of an earlier round can still be taken back: exactly, or not at all.

In the round itself a hunk that cannot be taken back stays and says why; later there is no such hunk to say it.
"""

from __future__ import annotations

from pathlib import Path

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import ApplyId
from draftsmith.domain.proposal import ApplyRecord
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import find_routes, of_plans
from draftsmith.hub.buffers import Buffers, Peer
from draftsmith.hub.projection.names import shown
from draftsmith.hub.workspaces import Workspaces
from draftsmith.ports.events import EventStore
from draftsmith.workspace.apply import plan_undo
from draftsmith.workspace.planrecord import decode_plan

SHOWN_FILES = 5


async def require_exact(
    state: SessionState,
    workspaces: Workspaces,
    store: EventStore,
    buffers: Buffers,
    apply_id: ApplyId | None,
    asked_by: Peer | None,
) -> None:
    """Raises UserError (`undo_not_exact`) for an apply of an earlier round that cannot be taken out whole."""
    record = _earlier(state, apply_id)
    if record is None:
        return
    document = await store.document(record.document)
    if document is None:
        raise AdapterError(f"Document {record.document} is missing from the store.", code="unknown_document")
    files = decode_plan(document).files
    objects = await workspaces.store(state.workspace_id)
    routes = await find_routes(buffers, objects, state, of_plans(files), asked_by)
    roots = [Path(root.path) for root in state.roots]
    _, rest = await plan_undo(objects, roots, files, held=routes.held, blocked=routes.blocked)
    stays = [outcome for outcome in rest if outcome.state != "already"]
    if stays:
        told = "; ".join(f"{shown(one.plan.path)}: {one.reason}" for one in stays[:SHOWN_FILES])
        raise UserError(
            f"What an earlier round wrote cannot be taken back exactly: {told}",
            code="undo_not_exact",
            remedy="Nothing was changed. Undo what was applied since, or change the files by hand.",
        )


def _earlier(state: SessionState, apply_id: ApplyId | None) -> ApplyRecord | None:
    """The apply that is meant, when a newer base has come since it was made."""
    meant = [one for one in state.applies if one.undoes is None and not one.undone and apply_id in (None, one.apply_id)]
    if not meant or state.proposal is None:
        return None
    record = meant[-1]
    known = {hunk.hunk_id for hunk in state.proposal.hunks}
    moved = state.proposal.base != state.base or not known.issuperset(record.hunks)
    return record if moved else None
