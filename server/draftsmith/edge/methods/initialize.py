"""`initialize`: answered from what the client says alone, before there is a hub."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from draftsmith import __version__
from draftsmith.edge.action_kinds import KINDS
from draftsmith.edge.commands import COMMANDS
from draftsmith.edge.features import features_of
from draftsmith.edge.folders import Folder, resolved
from draftsmith.edge.positions import negotiated
from draftsmith.edge.reading import deep, maybe_obj, maybe_text, objects
from draftsmith.edge.rpc.errors import INVALID_REQUEST, RpcError
from draftsmith.edge.settings import settings_of
from draftsmith.edge.uris import path_of

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue

_FULL_AND_INCREMENTAL = 2


async def handle(edge: Edge, params: JsonObject) -> JsonValue:
    if edge.initialized:
        raise RpcError(INVALID_REQUEST, "`initialize` comes once.")
    edge.initialized = True
    features = features_of(params)
    edge.editor.features = features
    edge.editor.trace = maybe_text(params, "trace", "off")
    offered = deep(params, "capabilities", "general", "positionEncodings")
    edge.documents.encoding = negotiated(offered)
    edge.settings = settings_of(maybe_obj(params, "initializationOptions"))
    edge.diagnostics.use(edge.settings)
    process = params.get("processId")
    edge.parent = process if isinstance(process, int) else None
    edge.folders.change(await asyncio.to_thread(_folders, params), ())
    capabilities: JsonObject = {
        "textDocumentSync": {"openClose": True, "change": _FULL_AND_INCREMENTAL, "save": {"includeText": False}},
        "codeActionProvider": {"codeActionKinds": list(KINDS), "resolveProvider": True},
        "codeLensProvider": {"resolveProvider": False},
        "hoverProvider": True,
        "executeCommandProvider": {"commands": list(COMMANDS)},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }
    if isinstance(offered, list):
        capabilities["positionEncoding"] = edge.documents.encoding
    if features.text_content:
        capabilities["workspace"] = {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "textDocumentContent": {"schemes": ["draftsmith"]},
        }
    return {"capabilities": capabilities, "serverInfo": {"name": "draftsmith", "version": __version__}}


def _folders(params: JsonObject) -> list[Folder]:
    """Workspace folders; from old clients the one root."""
    uris = [maybe_text(one, "uri") for one in objects(params, "workspaceFolders")]
    if not uris:
        uris = [maybe_text(params, "rootUri")]
    paths = [path for uri in uris if uri and (path := path_of(uri)) is not None]
    if not paths and maybe_text(params, "rootPath"):
        paths = [maybe_text(params, "rootPath")]
    return [resolved(path) for path in paths]
