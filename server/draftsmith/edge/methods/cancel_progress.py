"""`window/workDoneProgress/cancel`: the session is stopped at once; nothing of it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    edge.progress.cancelled(params.get("token"))
