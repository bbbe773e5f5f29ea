"""`workspace/didChangeConfiguration`: asked for anew where the client lets us, else taken from the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.methods.initialized import pull_settings
from draftsmith.edge.reading import deep
from draftsmith.edge.settings import settings_of

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    if edge.editor.features.configuration:
        edge.editor.later(pull_settings(edge))
        return
    raw = deep(params, "settings", "draftsmith")
    if isinstance(raw, dict):
        edge.use_settings(settings_of(raw))
