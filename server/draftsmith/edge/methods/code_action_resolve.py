"""`codeAction/resolve`: the command of an action, for clients that ask for it only when it is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.rpc.errors import InvalidParams

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


def handle(_edge: Edge, params: JsonObject) -> JsonValue:
    data = params.get("data")
    if params.get("command") is not None:
        return params
    if not isinstance(data, dict) or not isinstance(data.get("command"), dict):
        raise InvalidParams("The code action is not one of ours: its `data` is missing.")
    return {**params, "command": data["command"]}
