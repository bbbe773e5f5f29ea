"""What a command left behind, in words for the model: the files it changed, and what of it nobody will be proposed."""

from __future__ import annotations

from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.difference import changes_in_words
from draftsmith.workspace.draft import Checkpoint

SHOWN_IGNORED = 20


async def traces(desk: Desk, before: str, taken: Checkpoint) -> str:
    """Lines to add to the command's result, each begun by a line feed; empty when it changed nothing.

    Ignored files are named once, when they come into being.
    """
    roots = desk.tools.roots
    lines: list[str] = []
    changes = await changes_in_words(desk.store, before, taken.tree, [root.name for root in roots])
    if changes:
        lines.append(f"Files {changes}")
    mounted = {str(folder) for root in roots for folder in root.dependency_folders}
    now = {
        (f"{roots[one.root].name}/" if len(roots) > 1 else "") + one.path
        for one in taken.ignored
        if str(roots[one.root].workspace_path / one.path.rstrip("/")) not in mounted
    }
    new = sorted(now - desk.ignored_told)
    desk.ignored_told = now
    if new:
        more = " …" if len(new) > SHOWN_IGNORED else ""
        shown = ", ".join(new[:SHOWN_IGNORED])
        lines.append(f"Made, but ignored by git, so no part of the proposal and not there for the gates: {shown}{more}")
    return "".join(f"\n{line}" for line in lines)
