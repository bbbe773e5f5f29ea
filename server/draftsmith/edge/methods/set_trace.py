"""`$/setTrace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.reading import maybe_text

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    edge.editor.trace = maybe_text(params, "value", "off")
