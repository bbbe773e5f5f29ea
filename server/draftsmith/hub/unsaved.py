"""What editors hold and have not saved, as a further round of a session sees it instead of the files."""

from __future__ import annotations

from pathlib import Path

from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import differs, on_disk, text_of
from draftsmith.hub.buffers import Buffers
from draftsmith.workspace.held import Holder, held_text
from draftsmith.workspace.snapshot import Overlay

MOST_DOCUMENTS = 200


async def unsaved_text(buffers: Buffers, state: SessionState) -> list[Overlay]:
    """By root and relative path. A file that two editors have changed differently is taken from the disk."""
    found: list[Overlay] = []
    for number, root in enumerate(state.roots):
        for path in buffers.within(root.path)[:MOST_DOCUMENTS]:
            name = str(Path(path).relative_to(root.path))
            disk = await on_disk(state, number, name)
            editors = [editor for editor in buffers.holding(path) if differs(editor, path, disk)]
            if len(editors) != 1:
                continue
            text = await text_of(buffers, editors[0], path, disk)
            held = None if text is None else held_text(Holder(client="", name=""), disk.content, text)
            if held is not None:
                found.append(Overlay(root=number, path=name, content=held.content))
    return found
