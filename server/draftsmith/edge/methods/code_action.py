"""`textDocument/codeAction`: what can be done here, from what is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.actions import Asked, actions_at
from draftsmith.edge.reading import document_uri, maybe_obj, obj, objects, span, texts

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


def handle(edge: Edge, params: JsonObject) -> JsonValue:
    document = edge.documents.get(document_uri(params))
    if document is None:
        return []
    context = maybe_obj(params, "context")
    asked = Asked(
        document=document,
        span=span(obj(params, "range")),
        diagnostics=tuple(objects(context, "diagnostics")),
        only=tuple(texts(context, "only")) if isinstance(context.get("only"), list) else None,
    )
    return [action.as_lsp(edge.editor.features) for action in actions_at(edge, asked)]
