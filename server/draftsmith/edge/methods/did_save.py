"""`textDocument/didSave`. A plan of ours that was changed and saved is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import document_uri

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    text = params.get("text")
    document = edge.documents.save(document_uri(params), text if isinstance(text, str) else None)
    paper = edge.desk.paper_at(document.uri) if document is not None else None
    if document is not None and paper is not None:
        # Late: only papers need it.
        from draftsmith.edge.commands.papers import saved

        edge.editor.later(saved(edge, paper, document.text))
