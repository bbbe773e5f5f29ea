"""`draftsmith/text`: one side of a file, so that an editor can show a difference without reading our folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import text
from draftsmith.edge.sides import side_text

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


async def handle(edge: Edge, params: JsonObject) -> JsonValue:
    found = await side_text(edge, text(params, "session_id"), text(params, "path"), text(params, "side"))
    return {"text": found}
