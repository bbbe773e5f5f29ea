"""`draftsmith/hunks`: the hunks that wait in an open document, where they are in its text as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge import lsp
from draftsmith.edge.reading import text

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


def handle(edge: Edge, params: JsonObject) -> JsonValue:
    uri = text(params, "uri")
    document = edge.documents.get(uri)
    if document is None:
        return {"uri": uri, "version": None, "hunks": []}
    hunks: list[JsonValue] = []
    for one in edge.placing.hunks_in(document):
        held = one.text
        hunk: JsonObject = {
            "session_id": one.followed.session_id,
            "hunk_id": one.hunk["id"],
            "range": lsp.span(one.span(document)),
            "status": one.hunk["status"],
            "note": one.hunk["note"],
            "title": one.followed.title,
            "binary": held["binary"] if held else False,
            "before": held["before"] if held else None,
            "after": held["after"] if held else None,
        }
        hunks.append(hunk)
    return {"uri": document.uri, "version": document.version, "hunks": hunks}
