"""Accepted hunks written to the user's files, and taken back: planned, recorded, carried out, recorded.

The plan is in the log before the first byte is written, so a crash at any point ends the same when it is repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import ApplyId, DocumentId, HunkId
from draftsmith.domain.proposal import ApplyRecord, HunkResult, HunkStatus
from draftsmith.domain.session.commands import BeginApply, EndApply
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.session.state import OpenApply, SessionState
from draftsmith.hub.host import SessionHost
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id
from draftsmith.ports.events import EventStore
from draftsmith.workspace.apply import FileOutcome, carry_out, outcomes_after, plan_hunks, plan_undo
from draftsmith.workspace.applyplan import ApplyPlan, decode_plan, encode_plan
from draftsmith.workspace.changes import FileChange, decode_changes
from draftsmith.workspace.merge import HunkOutcome

Envelopes = list[Envelope[SessionEvent]]

REPLANS = 3
"""How often a file that changes while it is written is planned anew."""


class Applying:
    """One apply at a time: sessions may share folders, and each plan holds only as long as nobody else writes."""

    def __init__(self, workspaces: Workspaces, store: EventStore, hub: Actor) -> None:
        self._workspaces = workspaces
        self._store = store
        self._hub = hub
        self._writing = asyncio.Lock()

    async def changes(self, state: SessionState) -> tuple[FileChange, ...]:
        """The proposal with its text. Raises UserError (`no_proposal`)."""
        if state.proposal is None:
            raise UserError(
                "The session has no proposal yet.", code="no_proposal", remedy="Wait until the work is done."
            )
        return decode_changes(await self._document(state.proposal.document))

    async def accept(
        self, host: SessionHost, hunks: tuple[HunkId, ...], actor: Actor, correlation_id: str
    ) -> Envelopes:
        """Writes hunks to the user's files; what cannot be merged is a conflict and changes nothing."""
        made: Envelopes = []
        async with self._writing:
            for _ in range(REPLANS):
                made += await self._accept_once(host, hunks, actor, correlation_id)
                hunks = _to_retry(host.state, hunks)
                if not hunks:
                    break
        return made

    async def _accept_once(
        self, host: SessionHost, hunks: tuple[HunkId, ...], actor: Actor, correlation_id: str
    ) -> Envelopes:
        state = host.state
        proposal_changes = await self.changes(state)
        applied = _in_status(state, ("on_disk", "in_buffer"))
        store = await self._workspaces.store(state.workspace_id)
        plan = await plan_hunks(store, _roots(state), proposal_changes, hunks, applied)
        document = encode_plan(plan)
        await asyncio.to_thread(store.pin, state.session_id, plan.keep)
        begin = BeginApply(apply_id=ApplyId(new_id("a")), hunks=hunks, document=_id_of(document))
        made = await host.command(begin, actor, correlation_id=correlation_id, documents=(document,))
        return made + await self._carry_out(host, plan, actor, correlation_id)

    async def undo(self, host: SessionHost, apply_id: ApplyId | None, actor: Actor, correlation_id: str) -> Envelopes:
        """Takes an apply back; what the user changed since then stays."""
        async with self._writing:
            state = host.state
            record = _undoable(state, apply_id)
            store = await self._workspaces.store(state.workspace_id)
            done = decode_plan(await self._document(record.document))
            plan, rest = await plan_undo(store, _roots(state), done.files)
            plan = _with_kept(plan, record, rest)
            document = encode_plan(plan)
            await asyncio.to_thread(store.pin, state.session_id, plan.keep)
            begin = BeginApply(
                apply_id=ApplyId(new_id("a")),
                hunks=record.hunks,
                document=_id_of(document),
                undoes=record.apply_id,
            )
            made = await host.command(begin, actor, correlation_id=correlation_id, documents=(document,))
            return made + await self._carry_out(host, plan, actor, correlation_id)

    async def finish_interrupted(self, host: SessionHost) -> Envelopes:
        """Repeats an apply that the last hub did not finish."""
        async with self._writing:
            if host.state.apply is None:
                return []
            plan = decode_plan(await self._document(host.state.apply.document))
            return await self._carry_out(host, plan, self._hub, new_id("c"))

    async def _carry_out(self, host: SessionHost, plan: ApplyPlan, actor: Actor, correlation_id: str) -> Envelopes:
        state = host.state
        opened = state.apply
        if opened is None:
            return []
        store = await self._workspaces.store(state.workspace_id)
        try:
            done = await carry_out(store, _roots(state), plan)
        except AdapterError as error:
            # Full disk or the like: files are whole; the hunks stay pending with the reason, to be tried again.
            results = tuple(HunkResult(hunk_id=one, status="pending", note=str(error)) for one in opened.hunks)
            return await host.command(
                EndApply(apply_id=opened.apply_id, results=results), actor, correlation_id=correlation_id
            )
        results = _undo_results(opened, plan, done) if opened.undoes else _results(opened, plan, done)
        end = EndApply(apply_id=opened.apply_id, results=results)
        return await host.command(end, actor, correlation_id=correlation_id)

    async def _document(self, document_id: DocumentId) -> bytes:
        content = await self._store.document(document_id)
        if content is None:
            raise AdapterError(
                f"Document {document_id} is missing from the store.",
                code="unknown_document",
                remedy="Restore the store from a backup.",
            )
        return content


def _id_of(document: bytes) -> DocumentId:
    return DocumentId(hashlib.sha256(document).hexdigest())


def _roots(state: SessionState) -> list[Path]:
    return [Path(root.path) for root in state.roots]


def _in_status(state: SessionState, statuses: tuple[HunkStatus, ...]) -> list[str]:
    hunks = state.proposal.hunks if state.proposal else ()
    return [hunk.hunk_id for hunk in hunks if hunk.status in statuses]


CHANGED_NOTE = "The file changed while it was written."


def _to_retry(state: SessionState, hunks: Sequence[HunkId]) -> tuple[HunkId, ...]:
    """Hunks whose file moved between plan and write."""
    wanted = set(hunks)
    found = state.proposal.hunks if state.proposal else ()
    return tuple(hunk.hunk_id for hunk in found if hunk.hunk_id in wanted and hunk.note == CHANGED_NOTE)


def _results(opened: OpenApply, plan: ApplyPlan, done: Sequence[FileOutcome]) -> tuple[HunkResult, ...]:
    moved = {hunk for outcome in done if outcome.state == "changed" for hunk in outcome.plan.hunk_ids}
    by_id: dict[str, HunkOutcome] = {outcome.hunk_id: outcome for outcome in outcomes_after(plan, done)}
    return tuple(_result(hunk, by_id.get(hunk), hunk in moved) for hunk in opened.hunks)


def _result(hunk: HunkId, outcome: HunkOutcome | None, moved: bool) -> HunkResult:
    if moved:
        return HunkResult(hunk_id=hunk, status="pending", note=CHANGED_NOTE)
    if outcome is None:
        return HunkResult(hunk_id=hunk, status="pending", note="The proposal has no such change.")
    match outcome.state:
        case "applied" | "already_there":
            return HunkResult(hunk_id=hunk, status="on_disk")
        case "conflict":
            return HunkResult(hunk_id=hunk, status="conflicted", note=outcome.reason)
        case "refused":
            return HunkResult(hunk_id=hunk, status="pending", note=outcome.reason)


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


def _with_kept(plan: ApplyPlan, record: ApplyRecord, rest: Sequence[FileOutcome]) -> ApplyPlan:
    """The plan of an undo, with the hunks that stay because their file can no longer be undone."""
    kept = tuple(
        HunkOutcome(hunk_id=hunk, state="refused", reason=outcome.reason)
        for outcome in rest
        if outcome.state != "already"
        for hunk in outcome.plan.hunk_ids
    )
    return ApplyPlan(files=plan.files, outcomes=kept, keep=plan.keep)


def _undo_results(opened: OpenApply, plan: ApplyPlan, done: Sequence[FileOutcome]) -> tuple[HunkResult, ...]:
    stay = {outcome.hunk_id: outcome.reason for outcome in plan.outcomes}
    for outcome in done:
        if outcome.state not in ("written", "already"):
            stay |= dict.fromkeys(outcome.plan.hunk_ids, outcome.reason)
    return tuple(
        HunkResult(hunk_id=hunk, status="on_disk", note=stay[hunk])
        if hunk in stay
        else HunkResult(hunk_id=hunk, status="reverted")
        for hunk in opened.hunks
    )
