"""The proposal: its text, accepting, rejecting, undoing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import ApplyId, HunkId, SessionId
from draftsmith.domain.session.commands import RejectHunks
from draftsmith.domain.session.events import ApplyFinished, SessionEvent
from draftsmith.hub.editing import edit_hunk
from draftsmith.hub.host import SessionHost
from draftsmith.hub.projection.names import shown
from draftsmith.hub.undoing import require_exact
from draftsmith.protocol.methods.proposal import (
    DecideResult,
    EditParams,
    EditResult,
    HunkOutcome,
    HunksParams,
    HunkText,
    HunkTextsParams,
    HunkTextsResult,
    UndoParams,
)
from draftsmith.workspace.changes import FileChange, TextHunk
from draftsmith.workspace.sides import context_lines

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

CONTEXT_LINES = 3


async def texts(call: Call, params: HunkTextsParams) -> HunkTextsResult:
    """Hunks with their lines and a little of the base around them."""
    host = await call.hub.host(SessionId(params.session_id))
    changes = await call.hub.applying.changes(host.state)
    store = await call.hub.workspaces.store(host.state.workspace_id)
    ordered = [(change, hunk) for change in changes for hunk in change.hunks]
    if params.hunk_ids:
        wanted = set(params.hunk_ids)
        ordered = [pair for pair in ordered if pair[1].hunk_id in wanted]
    if params.after is not None:
        places = [number for number, (_, hunk) in enumerate(ordered) if hunk.hunk_id == params.after]
        ordered = ordered[places[0] + 1 :] if places else ordered
    page = ordered[: params.limit]
    around = await context_lines(store, page, CONTEXT_LINES)
    statuses = {hunk.hunk_id: hunk for hunk in host.state.proposal.hunks} if host.state.proposal else {}
    hunks = [
        _text(change, hunk, statuses[HunkId(hunk.hunk_id)].status, statuses[HunkId(hunk.hunk_id)].note, context)
        for (change, hunk), context in zip(page, around, strict=True)
    ]
    return HunkTextsResult(hunks=tuple(hunks), more=len(ordered) > len(page))


def _text(change: FileChange, hunk: TextHunk, status: str, note: str, context: tuple[bytes, bytes]) -> HunkText:
    return HunkText(
        hunk_id=hunk.hunk_id,
        path=shown(change.path),
        root=change.root,
        base_start=hunk.base_start,
        status=status,
        note=note,
        binary=hunk.kind != "text" and not hunk.old and not hunk.new,
        before=hunk.old.decode("utf-8", "replace"),
        after=hunk.new.decode("utf-8", "replace"),
        context_before=context[0].decode("utf-8", "replace"),
        context_after=context[1].decode("utf-8", "replace"),
    )


async def accept(call: Call, params: HunksParams) -> DecideResult:
    host = await call.hub.host(SessionId(params.session_id))
    hunks = tuple(HunkId(one) for one in dict.fromkeys(params.hunk_ids))
    made = await call.hub.applying.accept(
        host, hunks, call.caller.actor, call.correlation_id, asked_by=call.caller.peer
    )
    call.hub.appended(host, made)
    return _outcomes(host, hunks)


async def edit(call: Call, params: EditParams) -> EditResult:
    host = await call.hub.host(SessionId(params.session_id))
    made, fresh = await edit_hunk(
        host,
        call.hub.applying,
        call.hub.workspaces,
        HunkId(params.hunk_id),
        params.text,
        call.caller.actor,
        call.correlation_id,
    )
    call.hub.appended(host, made)
    return EditResult(hunk_ids=tuple(fresh))


async def reject(call: Call, params: HunksParams) -> DecideResult:
    host = await call.hub.host(SessionId(params.session_id))
    hunks = tuple(HunkId(one) for one in dict.fromkeys(params.hunk_ids))
    made = await host.command(RejectHunks(hunks=hunks), call.caller.actor, correlation_id=call.correlation_id)
    call.hub.appended(host, made)
    return _outcomes(host, hunks)


async def undo(call: Call, params: UndoParams) -> DecideResult:
    host = await call.hub.host(SessionId(params.session_id))
    apply_id = None if params.apply_id is None else ApplyId(params.apply_id)
    hub = call.hub
    await require_exact(host.state, hub.workspaces, hub.store, hub.buffers, apply_id, call.caller.peer)
    made = await call.hub.applying.undo(
        host, apply_id, call.caller.actor, call.correlation_id, asked_by=call.caller.peer
    )
    call.hub.appended(host, made)
    return _undone(made)


def _undone(made: Sequence[Envelope[SessionEvent]]) -> DecideResult:
    """What became of each hunk, also of those that a newer proposal no longer has."""
    ended = [envelope.event for envelope in made if isinstance(envelope.event, ApplyFinished)]
    results = {one.hunk_id: one for event in ended for one in event.results}
    return DecideResult(
        results=tuple(HunkOutcome(hunk_id=one.hunk_id, status=one.status, note=one.note) for one in results.values())
    )


def _outcomes(host: SessionHost, hunks: tuple[HunkId, ...]) -> DecideResult:
    proposal = host.state.proposal
    known = {hunk.hunk_id: hunk for hunk in proposal.hunks} if proposal else {}
    return DecideResult(
        results=tuple(
            HunkOutcome(hunk_id=one, status=known[one].status, note=known[one].note) for one in hunks if one in known
        )
    )
