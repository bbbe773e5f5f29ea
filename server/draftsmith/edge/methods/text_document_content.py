"""`workspace/textDocumentContent` (LSP 3.18): the text behind a `draftsmith:` URI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import text
from draftsmith.edge.sides import side_of_uri, side_text

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


async def handle(edge: Edge, params: JsonObject) -> JsonValue:
    side, session_id, path = side_of_uri(text(params, "uri"))
    return {"text": await side_text(edge, session_id, path, side)}
