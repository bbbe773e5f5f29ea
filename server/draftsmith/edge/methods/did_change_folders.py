"""`workspace/didChangeWorkspaceFolders`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from draftsmith.edge.folders import Folder, resolved
from draftsmith.edge.reading import maybe_text, obj, objects
from draftsmith.edge.uris import path_of

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject


def handle(edge: Edge, params: JsonObject) -> None:
    event = obj(params, "event")
    added, removed = _paths(event, "added"), _paths(event, "removed")
    edge.folders.change([Folder(path=path, real=path) for path in added], removed)
    edge.resolving = edge.editor.later(_resolve(edge, added))


async def _resolve(edge: Edge, added: list[str]) -> None:
    """The disk is asked beside everything else; who needs the real paths waits for it."""
    found = await asyncio.to_thread(_resolved, added)
    edge.folders.change(found, added)
    edge.following.folders_changed()


def _paths(event: JsonObject, name: str) -> list[str]:
    return [path for one in objects(event, name) if (path := path_of(maybe_text(one, "uri"))) is not None]


def _resolved(paths: list[str]) -> list[Folder]:
    return [resolved(path) for path in paths]
