"""Accepted hunks put where the file's newest text is, and taken back: planned, recorded, carried out, recorded.

The plan is in the log before the first byte is written or an editor is asked, so a crash at any point ends the same
when it is repeated. What an editor holds goes to the editor, everything else to the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import ApplyId, DocumentId, HunkId
from draftsmith.domain.proposal import ApplyRecord, HunkResult, HunkStatus
from draftsmith.domain.session.commands import BeginApply, EndApply
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.session.state import OpenApply, SessionState
from draftsmith.hub import apply_results
from draftsmith.hub.apply_results import CHANGED_NOTE
from draftsmith.hub.buffer_apply import apply_in_buffers, buffer_edits
from draftsmith.hub.buffer_files import with_files
from draftsmith.hub.buffer_moves import moves_back, moves_of, with_moves
from draftsmith.hub.buffer_routes import absolute, find_routes, of_changes, of_plans
from draftsmith.hub.buffers import Buffers
from draftsmith.hub.host import SessionHost
from draftsmith.hub.peers import Peer
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id
from draftsmith.ports.events import EventStore
from draftsmith.workspace.apply import FileOutcome, carry_out, plan_hunks, plan_undo
from draftsmith.workspace.applyplan import ApplyPlan
from draftsmith.workspace.changes import FileChange, decode_changes
from draftsmith.workspace.merge import HunkOutcome
from draftsmith.workspace.planrecord import decode_plan, encode_plan

Envelopes = list[Envelope[SessionEvent]]

REPLANS = 3
"""How often a file that changes while it is written is planned anew."""

KEPT_PROPOSALS = 8


class Applying:
    """One apply at a time: sessions may share folders, and each plan holds only as long as nobody else writes."""

    def __init__(self, workspaces: Workspaces, store: EventStore, buffers: Buffers, hub: Actor) -> None:
        self._workspaces = workspaces
        self._store = store
        self._buffers = buffers
        self._hub = hub
        self._decoded: OrderedDict[DocumentId, tuple[FileChange, ...]] = OrderedDict()
        self.under_way = asyncio.Lock()
        """Held while files and buffers change: who looks at them for their outcome waits for it."""

    async def changes(self, state: SessionState) -> tuple[FileChange, ...]:
        """The proposal with its text. Raises UserError (`no_proposal`)."""
        if state.proposal is None:
            raise UserError(
                "The session has no proposal yet.", code="no_proposal", remedy="Wait until the work is done."
            )
        document = state.proposal.document
        known = self._decoded.get(document)
        if known is None:
            # Looked up whenever a buffer changes: read once for as long as it is in use.
            known = await asyncio.to_thread(decode_changes, await self._document(document))
            self._decoded[document] = known
            while len(self._decoded) > KEPT_PROPOSALS:
                self._decoded.popitem(last=False)
        return known

    async def accept(
        self,
        host: SessionHost,
        hunks: tuple[HunkId, ...],
        actor: Actor,
        correlation_id: str,
        *,
        asked_by: Peer | None = None,
    ) -> Envelopes:
        """Brings hunks to the user's files; what cannot be merged is a conflict and changes nothing.

        A file that several editors hold goes to `asked_by` first.
        """
        made: Envelopes = []
        async with self.under_way:
            for left in reversed(range(REPLANS)):
                made += await self._accept_once(host, hunks, actor, correlation_id, asked_by, last=left == 0)
                hunks = _to_retry(host.state, hunks)
                if not hunks:
                    break
        return made

    async def _accept_once(
        self,
        host: SessionHost,
        hunks: tuple[HunkId, ...],
        actor: Actor,
        correlation_id: str,
        asked_by: Peer | None,
        *,
        last: bool,
    ) -> Envelopes:
        state = host.state
        proposal_changes = await self.changes(state)
        applied = _in_status(state, ("on_disk", "in_buffer"))
        store = await self._workspaces.store(state.workspace_id)
        routes = await find_routes(self._buffers, store, state, of_changes(proposal_changes, hunks), asked_by)
        plan = await plan_hunks(
            store, _roots(state), proposal_changes, hunks, applied, held=routes.held, blocked=routes.blocked
        )
        plan = await with_moves(self._buffers, state, plan, moves_of(proposal_changes))
        if not last:
            plan = await with_files(self._buffers, store, state, plan, asked_by)
        return await self._record_and_carry_out(host, plan, hunks, None, actor, correlation_id, last=last)

    async def undo(
        self,
        host: SessionHost,
        apply_id: ApplyId | None,
        actor: Actor,
        correlation_id: str,
        *,
        asked_by: Peer | None = None,
    ) -> Envelopes:
        """Takes an apply back; what the user changed since then stays."""
        made: Envelopes = []
        async with self.under_way:
            record = _undoable(host.state, apply_id)
            for left in reversed(range(REPLANS)):
                made += await self._undo_once(host, record, actor, correlation_id, asked_by, last=left == 0)
                if any(one.undone for one in host.state.applies if one.apply_id == record.apply_id):
                    break
                if not _to_retry(host.state, record.hunks):
                    break
        return made

    async def _undo_once(
        self,
        host: SessionHost,
        record: ApplyRecord,
        actor: Actor,
        correlation_id: str,
        asked_by: Peer | None,
        *,
        last: bool,
    ) -> Envelopes:
        state = host.state
        store = await self._workspaces.store(state.workspace_id)
        done = decode_plan(await self._document(record.document))
        routes = await find_routes(self._buffers, store, state, of_plans(done.files), asked_by)
        plan, rest = await plan_undo(store, _roots(state), done.files, held=routes.held, blocked=routes.blocked)
        plan = await with_moves(self._buffers, state, _with_kept(plan, rest), moves_back(done.files))
        if not last:
            plan = await with_files(self._buffers, store, state, plan, asked_by)
        return await self._record_and_carry_out(
            host, plan, record.hunks, record.apply_id, actor, correlation_id, last=False
        )

    async def _record_and_carry_out(
        self,
        host: SessionHost,
        plan: ApplyPlan,
        hunks: tuple[HunkId, ...],
        undoes: ApplyId | None,
        actor: Actor,
        correlation_id: str,
        *,
        last: bool,
    ) -> Envelopes:
        state = host.state
        store = await self._workspaces.store(state.workspace_id)
        document = encode_plan(plan)
        await asyncio.to_thread(store.pin, state.session_id, plan.keep)
        begin = BeginApply(
            apply_id=ApplyId(new_id("a")),
            hunks=hunks,
            document=DocumentId(hashlib.sha256(document).hexdigest()),
            undoes=undoes,
            buffers=await asyncio.to_thread(buffer_edits, store, plan.files),
        )
        made = await host.command(begin, actor, correlation_id=correlation_id, documents=(document,))
        return made + await self._carry_out(host, plan, actor, correlation_id, last=last)

    async def finish_interrupted(self, host: SessionHost) -> Envelopes:
        """Repeats an apply that the last hub did not finish; editors get a while to come back."""
        interrupted = host.state.apply
        if interrupted is None:
            return []
        await self._buffers.wait_for({one.holder for one in interrupted.buffers})
        async with self.under_way:
            if host.state.apply != interrupted:
                return []
            plan = decode_plan(await self._document(interrupted.document))
            return await self._carry_out(host, plan, self._hub, new_id("c"), last=False)

    async def _carry_out(
        self, host: SessionHost, plan: ApplyPlan, actor: Actor, correlation_id: str, *, last: bool
    ) -> Envelopes:
        state = host.state
        opened = state.apply
        if opened is None:
            return []
        try:
            done = await self._write(state, opened, plan)
        except AdapterError as error:
            # Full disk or the like: files are whole; the hunks stay pending with the reason, to be tried again.
            results = tuple(HunkResult(hunk_id=one, status="pending", note=str(error)) for one in opened.hunks)
            return await host.command(
                EndApply(apply_id=opened.apply_id, results=results), actor, correlation_id=correlation_id
            )
        if opened.undoes:
            results = apply_results.of_undo(state, opened, plan, done)
        else:
            results = apply_results.of_apply(opened, plan, done, last=last)
        end = EndApply(apply_id=opened.apply_id, results=results)
        made = await host.command(end, actor, correlation_id=correlation_id)
        self._buffers.look_again({absolute(state, one.root, one.path) for one in plan.files if one.buffer})
        return made

    async def _write(self, state: SessionState, opened: OpenApply, plan: ApplyPlan) -> list[FileOutcome]:
        """Disk first: it cannot refuse for long, and a repetition finds it done."""
        store = await self._workspaces.store(state.workspace_id)
        done = list(await carry_out(store, _roots(state), plan))
        label = f"Draftsmith: {state.title}" if opened.undoes is None else f"Draftsmith: undo {state.title}"
        done += await apply_in_buffers(self._buffers, store, state, plan.files, opened.apply_id, label)
        return done

    async def _document(self, document_id: DocumentId) -> bytes:
        content = await self._store.document(document_id)
        if content is None:
            raise AdapterError(
                f"Document {document_id} is missing from the store.",
                code="unknown_document",
                remedy="Restore the store from a backup.",
            )
        return content


def _roots(state: SessionState) -> list[Path]:
    return [Path(root.path) for root in state.roots]


def _in_status(state: SessionState, statuses: tuple[HunkStatus, ...]) -> list[str]:
    hunks = state.proposal.hunks if state.proposal else ()
    return [hunk.hunk_id for hunk in hunks if hunk.status in statuses]


def _to_retry(state: SessionState, hunks: Sequence[HunkId]) -> tuple[HunkId, ...]:
    """Hunks whose file moved between plan and write."""
    wanted = set(hunks)
    found = state.proposal.hunks if state.proposal else ()
    return tuple(hunk.hunk_id for hunk in found if hunk.hunk_id in wanted and hunk.note == CHANGED_NOTE)


def _undoable(state: SessionState, apply_id: ApplyId | None) -> ApplyRecord:
    candidates = [one for one in state.applies if one.undoes is None and not one.undone]
    if apply_id is not None:
        candidates = [one for one in candidates if one.apply_id == apply_id]
    if not candidates:
        raise UserError(
            "There is no apply to undo.",
            code="nothing_to_undo",
            remedy="`draftsmith show` lists what was applied and what was undone.",
        )
    return candidates[-1]


def _with_kept(plan: ApplyPlan, rest: Sequence[FileOutcome]) -> ApplyPlan:
    """The plan of an undo, with the hunks that stay because their file can no longer be undone."""
    kept = tuple(
        HunkOutcome(hunk_id=hunk, state="refused", reason=outcome.reason)
        for outcome in rest
        if outcome.state != "already"
        for hunk in outcome.plan.hunk_ids
    )
    return ApplyPlan(files=plan.files, outcomes=kept, keep=plan.keep)
