"""A file saved by the user from a client that is no editor: onto the disk, or into the draft.

The disk is written by `workspace/apply.py` like everything else, under the lock of applying. Text that an editor has
not saved is never overtaken.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.domain.envelope import Actor
from draftsmith.domain.ids import HunkId, TreeId
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.decide import illegal
from draftsmith.domain.session.events import ProposalEdited
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import absolute, differs, on_disk
from draftsmith.hub.editing import still_edited
from draftsmith.hub.host import SessionHost
from draftsmith.hub.projection.names import shown
from draftsmith.protocol.methods.files import SaveResult
from draftsmith.workspace.amend import amend_file
from draftsmith.workspace.apply import carry_out
from draftsmith.workspace.as_proposal import as_proposal
from draftsmith.workspace.changes import encode_changes
from draftsmith.workspace.saving import NotPlanned, plan_save

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub


async def save_workspace(hub: Hub, host: SessionHost, root: int, path: bytes, text: str, version: str) -> SaveResult:
    """Onto the disk. A repetition finds the file as it is to be, and says `same`."""
    state = host.state
    name = path.decode("utf-8")
    async with hub.applying.under_way:
        held = await _held(hub, state, root, name)
        if held:
            return SaveResult(state="held", reason=held, version=version)
        store = await hub.workspaces.store(state.workspace_id)
        plan = await plan_save(store, _roots(state), root, path, text, version)
        if isinstance(plan, NotPlanned):
            return SaveResult(state=plan.state, reason=plan.reason, version=plan.version)
        [done] = await carry_out(store, _roots(state), plan)
    after = done.plan.after.blob if done.plan.after is not None else ""
    if done.state == "written":
        hub.buffers.look_again([absolute(state, root, name)])
        return SaveResult(state="saved", reason="", version=after)
    if done.state == "already":
        return SaveResult(state="same", reason="", version=after)
    return SaveResult(state="refused" if done.state == "refused" else "changed", reason=done.reason, version=version)


async def _held(hub: Hub, state: SessionState, root: int, path: str) -> str:
    """Which editor has text of the file that is not on disk, in words; empty when none has."""
    where = absolute(state, root, path)
    editors = hub.buffers.holding(where)
    if not editors:
        return ""
    disk = await on_disk(state, root, path)
    names = [editor.client for editor in editors if differs(editor, where, disk)]
    if not names:
        return ""
    return f"{names[0]} has unsaved changes of this file; save or discard them there, then save again here."


def _roots(state: SessionState) -> list[Path]:
    return [Path(root.path) for root in state.roots]


async def save_draft(
    hub: Hub,
    host: SessionHost,
    root: int,
    path: bytes,
    text: str,
    version: str,
    actor: Actor,
    correlation_id: str,
) -> SaveResult:
    """Into the draft: the proposal is made anew with it. Raises IllegalCommand while the agent works."""
    async with hub.applying.under_way:  # one after another: each makes the proposal anew from the last one
        state = host.state
        proposal = state.proposal
        if proposal is None or state.status not in ("proposed", "finished"):
            raise illegal(f"The session is {state.status}; the draft can be edited once there is a proposal.")
        store = await hub.workspaces.store(state.workspace_id)
        made = await amend_file(store, proposal.base, proposal.tree, root, path, text, version)
        if isinstance(made, NotPlanned):
            return SaveResult(state=made.state, reason=made.reason, version=made.version)
        document = encode_changes(made.changes)
        tree = TreeId(made.tree)
        edited = ProposalEdited(
            hunk_id=HunkId(""),
            proposal=as_proposal(
                made.changes, base=proposal.base, tree=tree, document=document, summary=proposal.summary
            ),
            note=f"{shown(os.fsdecode(path))} was edited by hand after the gates had run",
        )
        await hub.workspaces.keep(state.workspace_id, state.session_id, (tree,))
        if not still_edited(host.state, state):
            raise illegal("The proposal changed meanwhile; open the file again.")
        command = Record(events=(edited,))
        envelopes = await host.command(command, actor, correlation_id=correlation_id, documents=(document,))
    hub.appended(host, envelopes)
    return SaveResult(state="saved", reason="", version=made.version)
