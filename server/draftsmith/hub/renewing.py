"""A further round's beginning: what the user has now, with the draft brought over to it.

The user's text stands where both changed the same lines; what gave way is told to the model and to the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from draftsmith.domain.ids import CheckpointId, TreeId
from draftsmith.domain.proposal import APPLIED
from draftsmith.domain.session.events import BaseRenewed
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import Text, count, hold
from draftsmith.hub.projection.names import shown
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id
from draftsmith.protocol.entities import CheckpointEntity
from draftsmith.workspace.rebase import LeftOut, Rebased, rebase
from draftsmith.workspace.snapshot import Overlay

SHOWN_FILES = 40
SHOWN_CHARACTERS = 4_000
"""Of each text in a conflict."""


async def renew(
    workspaces: Workspaces, state: SessionState, overlays: Sequence[Overlay], unsaved: Sequence[Overlay]
) -> tuple[BaseRenewed, tuple[bytes, ...]]:
    """The event and its documents. `overlays` came with the request, `unsaved` is in editors now.

    Raises UserError or AdapterError when there can be no snapshot.
    """
    if state.base is None or state.draft is None:
        raise ValueError("a session that has no base has no further round")
    newest = {(one.root, one.path): one for one in overlays if _untouched(state, one)}
    newest |= {(one.root, one.path): one for one in unsaved}
    taken = await workspaces.snapshot(
        state.workspace_id, state.session_id, state.roots, tuple(newest.values()), allow_home=state.allow_home
    )
    store = await workspaces.store(state.workspace_id)
    made = await rebase(store, state.base, state.draft, taken.tree, _applied(state))
    await workspaces.keep(state.workspace_id, state.session_id, (TreeId(made.tree),))
    report, documents = _report(state, made)
    event = BaseRenewed(
        checkpoint_id=CheckpointId(new_id("k")),
        round_id=CheckpointId(new_id("k")),
        tree=TreeId(taken.tree),
        draft_tree=TreeId(made.tree),
        replaced=state.draft,
        changed_count=len(made.changed),
        left_out_count=len(made.left_out),
        report=report,
        ignored_folders=workspaces.ignored(state.roots, taken),
        ignored_kinds=taken.ignored_kinds,
    )
    return event, documents


def _applied(state: SessionState) -> list[str]:
    """Hunks that the user has on disk, as far as the proposal that has them was made from the present base."""
    proposal = state.proposal
    if proposal is None or proposal.base != state.base:
        return []
    return [hunk.hunk_id for hunk in proposal.hunks if hunk.status in APPLIED]


def _untouched(state: SessionState, overlay: Overlay) -> bool:
    """Text that was not saved when the session began, and whose file nobody has written since."""
    try:
        changed = (Path(state.roots[overlay.root].path) / overlay.path).stat().st_mtime
    except (OSError, ValueError):
        return False
    return changed * 1_000 <= state.created_at


def _report(state: SessionState, made: Rebased) -> tuple[Text, tuple[bytes, ...]]:
    """Empty when the workspace is as the session left it."""
    names = [_name(state, root, path) for root, path in made.changed]
    lines: list[str] = []
    if names:
        more = f" and {count(len(names) - SHOWN_FILES, 'more file')}" if len(names) > SHOWN_FILES else ""
        lines.append(f"The user changed {', '.join(names[:SHOWN_FILES])}{more}. The draft has these changes now.")
    if made.left_out:
        lines.append(
            f"{count(len(made.left_out), 'change')} of the draft did not fit on top and gave way to the user's text."
            " Make it again only if it is still wanted, without undoing what the user did:"
        )
    for one in made.left_out[:SHOWN_FILES]:
        lines.append(f"{_name(state, one.root, one.path)}: {one.reason}")
        lines += _sides(one)
    return hold("\n".join(lines))


def _sides(one: LeftOut) -> list[str]:
    if one.conflict.ours == one.conflict.theirs:
        return []
    ours, theirs = (
        side.decode("utf-8", "replace").rstrip("\n")[:SHOWN_CHARACTERS]
        for side in (one.conflict.ours, one.conflict.theirs)
    )
    return [f"<<< the user's\n{ours}\n=== what the draft had\n{theirs}\n>>>"]


def _name(state: SessionState, root: int, path: str) -> str:
    return shown(f"{state.roots[root].name}/{path}" if len(state.roots) > 1 else path)


async def brought_over(workspaces: Workspaces, state: SessionState, point: CheckpointEntity) -> tuple[TreeId, str]:
    """A checkpoint's tree as it is on the session's present base, and a word on what of it had to give way."""
    tree = TreeId(point.tree)
    if state.base is None or point.base in ("", state.base):
        return tree, ""
    made = await rebase(await workspaces.store(state.workspace_id), point.base, tree, state.base, ())
    await workspaces.keep(state.workspace_id, state.session_id, (TreeId(made.tree),))
    left = f" {count(len(made.left_out), 'change')} of it gave way to your own." if made.left_out else ""
    return TreeId(made.tree), f" It is of an earlier round; your changes since are kept.{left}"
