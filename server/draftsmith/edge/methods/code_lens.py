"""`textDocument/codeLens`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import document_uri
from draftsmith.edge.showing.lenses import hunk_lenses

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


def handle(edge: Edge, params: JsonObject) -> JsonValue | Awaitable[JsonValue]:
    document = edge.documents.get(document_uri(params))
    if document is None:
        return []
    paper = edge.desk.paper_at(document.uri)
    if paper is not None:
        # Late: only papers need it.
        from draftsmith.edge.papers.actions import paper_lenses

        return list(paper_lenses(edge, document, paper))
    lenses = hunk_lenses(document, edge.placing.hunks_in(document))
    if not edge.settings.function_lenses:
        return list(lenses)
    return _with_functions(edge, document.uri, lenses)


async def _with_functions(edge: Edge, uri: str, lenses: list[JsonObject]) -> JsonValue:
    # Late, and in a thread: grammars take a while to import, and only who switched this on needs them.
    from draftsmith.edge.showing.function_lenses import function_lenses

    document = edge.documents.get(uri)
    return [*lenses, *(await function_lenses(document) if document is not None else [])]
