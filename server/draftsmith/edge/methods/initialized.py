"""`initialized`: now the hub is looked for, and the user's settings are asked for."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from draftsmith.edge.settings import settings_of

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, _params: JsonObject) -> None:
    edge.begin()
    if edge.editor.features.configuration:
        edge.editor.later(pull_settings(edge))


async def pull_settings(edge: Edge) -> None:
    raw = await edge.editor.configuration("draftsmith")
    if raw is not None:
        edge.use_settings(settings_of(raw))
    # What the first code action will need, so that it need not wait for it.
    await asyncio.to_thread(import_module, "draftsmith.edge.actions")
