"""A file in conflict, as the three texts between which a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import SessionId
from draftsmith.domain.proposal import APPLIED
from draftsmith.hub.handlers.files import root_of
from draftsmith.hub.projection.names import shown
from draftsmith.protocol.methods.files import ConflictParams, ConflictPart, ConflictResult
from draftsmith.workspace.merge import Part
from draftsmith.workspace.threeway import three_sides

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def conflict(call: Call, params: ConflictParams) -> ConflictResult:
    """Of the file on disk, which is the one that can be saved from here."""
    host = await call.hub.host(SessionId(params.session_id))
    state = host.state
    root = root_of(state, params.root)
    changes = await call.hub.applying.changes(state)
    change = next((one for one in changes if one.root == params.root and shown(one.path) == params.path), None)
    if change is None:
        raise UserError(
            f"The proposal does not change {params.path}.", code="unknown_file", remedy="Read the hunks again."
        )
    store = await call.hub.workspaces.store(state.workspace_id)
    hunks = [one for one in (state.proposal.hunks if state.proposal else ()) if _of(one.root, one.path, params)]
    conflicted = [one for one in hunks if one.status == "conflicted"]
    applied = [one.hunk_id for one in hunks if one.status in APPLIED]
    found = await three_sides(store, root, change, [one.hunk_id for one in conflicted], applied)
    return ConflictResult(
        hunk_ids=tuple(one.hunk_id for one in conflicted),
        exists=found.exists,
        version=found.version,
        parts=tuple(map(_part, found.parts)),
        reason=found.reason,
        note=" ".join(dict.fromkeys(one.note for one in conflicted if one.note)),
    )


def _of(root: int, path: str, params: ConflictParams) -> bool:
    return root == params.root and shown(path) == params.path


def _part(part: Part) -> ConflictPart:
    return ConflictPart(
        conflict=part.conflict,
        text="" if part.conflict else _text(part.ours),
        base=_text(part.base),
        yours=_text(part.ours) if part.conflict else "",
        draft=_text(part.theirs),
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
