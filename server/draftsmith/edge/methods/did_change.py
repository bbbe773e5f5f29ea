"""`textDocument/didChange`, whole and by ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.documents import Replacement
from draftsmith.edge.reading import items, obj, span, text
from draftsmith.edge.rpc.errors import InvalidParams

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    identity = obj(params, "textDocument")
    uri, version = text(identity, "uri"), identity.get("version")
    # All of them are read before the first is made: a change that makes no sense changes nothing.
    changes: list[Replacement] = []
    for raw in items(params, "contentChanges"):
        if not isinstance(raw, dict):
            raise InvalidParams("A content change is no object.")
        place = span(obj(raw, "range")) if raw.get("range") is not None else None
        changes.append(Replacement(text=text(raw, "text"), span=place))
    number = version if isinstance(version, int) and not isinstance(version, bool) else None
    if edge.documents.change(uri, number, changes) is None and not edge.notebooks.is_cell(uri):
        edge.editor.record("warning", f"{uri} was changed and is not open: the change was left out.")
