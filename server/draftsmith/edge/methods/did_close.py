"""`textDocument/didClose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import document_uri

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    edge.documents.close(document_uri(params))
