"""`textDocument/didOpen`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import maybe_text, number, obj, text

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    document = obj(params, "textDocument")
    uri = text(document, "uri")
    if edge.notebooks.is_cell(uri):
        edge.notebooks.seen(uri)
        return
    edge.documents.open(uri, maybe_text(document, "languageId"), number(document, "version"), text(document, "text"))
