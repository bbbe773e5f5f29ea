"""`textDocument/hover` on a pending hunk; null anywhere else, so that other servers' hovers stay alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge import lsp
from draftsmith.edge.reading import document_uri, obj, position
from draftsmith.edge.showing.hover import about_hunk

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


def handle(edge: Edge, params: JsonObject) -> JsonValue:
    document = edge.documents.get(document_uri(params))
    line = position(obj(params, "position")).line
    if document is None:
        return None
    found = [one for one in edge.placing.hunks_in(document) if one.covers(line, line)]
    if not found:
        return None
    text = "\n\n---\n\n".join(about_hunk(one.followed, one.hunk, one.text) for one in found)
    kind = "markdown" if edge.editor.features.markdown_hover else "plaintext"
    return {"contents": {"kind": kind, "value": text}, "range": lsp.span(found[0].span(document))}
