"""`workspace/executeCommand`."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from draftsmith.edge.commands import COMMANDS
from draftsmith.edge.reading import text
from draftsmith.edge.rpc.errors import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


log = logging.getLogger(__name__)


def handle(edge: Edge, params: JsonObject) -> Awaitable[JsonValue]:
    name = text(params, "command")
    place = COMMANDS.get(name)
    if place is None:
        raise InvalidParams(f"There is no command {name}.")
    arguments = params.get("arguments")
    if arguments is not None and not isinstance(arguments, list):
        raise InvalidParams("`arguments` is no list.")
    log.info("command", extra={"command": name})
    module, _, function = place.partition(":")
    work = getattr(import_module(f"draftsmith.edge.commands.{module}"), function)
    answer: Awaitable[JsonValue] = work(edge, arguments or [])
    return answer
