"""Code lenses over pending hunks: what can be done with each, and for the first one with all of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.text import count
from draftsmith.edge import lsp
from draftsmith.edge.text import Position, Range

if TYPE_CHECKING:
    from draftsmith.edge.documents import Document
    from draftsmith.edge.placing import Placed
    from draftsmith.edge.values import JsonObject


def hunk_lenses(document: Document, placed: list[Placed]) -> list[JsonObject]:
    lenses: list[JsonObject] = []
    for number, one in enumerate(placed):
        session_id, hunk_id = one.followed.session_id, one.hunk["id"]
        line = min(one.start, max(len(document.lines.lines) - 1, 0))
        titles = [
            lsp.command(f"✓ Accept {size_of(one)}", "draftsmith.accept", [session_id, [hunk_id]]),
            lsp.command("✗ Reject", "draftsmith.reject", [session_id, [hunk_id]]),
            lsp.command("Why?", "draftsmith.why", [session_id, hunk_id]),
        ]
        if one.hunk["status"] == "conflicted":
            titles[0] = lsp.command("Try again", "draftsmith.accept", [session_id, [hunk_id]])
            show = lsp.command(f"⚠ Conflict {size_of(one)}: show", "draftsmith.conflict", [session_id, hunk_id])
            titles.insert(0, show)
        if number == 0 and len(placed) > 1:
            titles.append(
                lsp.command(f"Accept all {count(len(placed), 'hunk')} here", "draftsmith.acceptFile", [document.uri])
            )
        at = Range(Position(line, 0), Position(line, 0))
        for command in titles:
            lens: JsonObject = {"range": lsp.span(at), "command": command}
            lenses.append(lens)
    return lenses


def size_of(one: Placed) -> str:
    """`+3 −1`: lines that come and go."""
    return f"+{one.hunk['new_length']} −{one.hunk['base_length']}"
