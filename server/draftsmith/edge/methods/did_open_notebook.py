"""`notebookDocument/didOpen`: notebooks are left alone, and that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import obj, text

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    edge.notebooks.seen(text(obj(params, "notebookDocument"), "uri"))
