"""A hunk edited by a person before it is accepted."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import HunkId, TreeId
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.decide import illegal
from draftsmith.domain.session.events import ProposalEdited, SessionEvent
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.applying import Applying
from draftsmith.hub.host import SessionHost
from draftsmith.hub.projection.names import shown
from draftsmith.hub.workspaces import Workspaces
from draftsmith.workspace.amend import amend
from draftsmith.workspace.as_proposal import as_proposal
from draftsmith.workspace.changes import FileChange, encode_changes


async def edit_hunk(
    host: SessionHost,
    applying: Applying,
    workspaces: Workspaces,
    hunk_id: HunkId,
    text: str,
    actor: Actor,
    correlation_id: str,
) -> tuple[list[Envelope[SessionEvent]], list[HunkId]]:
    """The events, and the ids of the hunks that now stand in the edited one's place."""
    async with applying.under_way:  # one after another: each makes the proposal anew from the last one
        state = host.state
        before = await applying.changes(state)
        proposal = state.proposal
        if proposal is None:
            raise illegal("The session has no proposal yet.")
        store = await workspaces.store(state.workspace_id)
        tree, changes = await amend(store, proposal.base, proposal.tree, before, hunk_id, text.encode("utf-8"))
        document = encode_changes(changes)
        path = next(hunk.path for hunk in proposal.hunks if hunk.hunk_id == hunk_id)
        edited = ProposalEdited(
            hunk_id=hunk_id,
            proposal=as_proposal(
                changes, base=proposal.base, tree=TreeId(tree), document=document, summary=proposal.summary
            ),
            note=f"{shown(path)} was edited by hand after the gates had run",
        )
        await workspaces.keep(state.workspace_id, state.session_id, (TreeId(tree),))
        if not still_edited(host.state, state):
            raise illegal("The proposal changed meanwhile; look at the hunk again.")
        made = await host.command(Record(events=(edited,)), actor, correlation_id=correlation_id, documents=(document,))
    return made, _fresh(before, changes)


def still_edited(now: SessionState, seen: SessionState) -> bool:
    """Whether an edit of the proposal as it was seen is one of the proposal as it is. The status counts, too: while
    the agent works, its next proposal may come before this edit of the last one."""
    return now.status == seen.status and _texts(now) == _texts(seen)


def _texts(state: SessionState) -> tuple[str, str]:
    """What decisions on hunks leave as it is."""
    return (state.proposal.tree, state.proposal.document) if state.proposal is not None else ("", "")


def _fresh(before: Sequence[FileChange], after: Sequence[FileChange]) -> list[HunkId]:
    known = {hunk.hunk_id for change in before for hunk in change.hunks}
    return [HunkId(hunk.hunk_id) for change in after for hunk in change.hunks if hunk.hunk_id not in known]
