"""Parts of a message by name, each checked where it is taken out. A message is never trusted to be well formed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge.rpc.errors import InvalidParams
from draftsmith.edge.text import Position, Range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.edge.values import JsonObject, JsonValue

_MOST = 2**31 - 1
"""The largest number of a line or column (LSP 3.17, `uinteger`)."""


def obj(params: JsonObject, name: str) -> JsonObject:
    value = params.get(name)
    if not isinstance(value, dict):
        raise InvalidParams(f"`{name}` is missing or no object.")
    return value


def maybe_obj(params: JsonObject, name: str) -> JsonObject:
    """An object that may be missing: then an empty one."""
    value = params.get(name)
    return value if isinstance(value, dict) else {}


def text(params: JsonObject, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise InvalidParams(f"`{name}` is missing or no string.")
    return value


def maybe_text(params: JsonObject, name: str, default: str = "") -> str:
    value = params.get(name)
    return value if isinstance(value, str) else default


def number(params: JsonObject, name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidParams(f"`{name}` is missing or no whole number.")
    return value


def items(params: JsonObject, name: str) -> Sequence[JsonValue]:
    value = params.get(name)
    if not isinstance(value, list):
        raise InvalidParams(f"`{name}` is missing or no list.")
    return value


def objects(params: JsonObject, name: str) -> list[JsonObject]:
    """The objects of a list that may be missing."""
    value = params.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(params: JsonObject, name: str) -> list[str]:
    """The strings of a list that may be missing."""
    value = params.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def deep(params: JsonObject, *names: str) -> JsonValue:
    """What lies at the end of a path of names, or None."""
    value: JsonValue = params
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def document_uri(params: JsonObject) -> str:
    return text(obj(params, "textDocument"), "uri")


def position(params: JsonObject) -> Position:
    line, character = number(params, "line"), number(params, "character")
    if not (0 <= line <= _MOST and 0 <= character <= _MOST):
        raise InvalidParams("A position's numbers lie between 0 and 2147483647.")
    return Position(line, character)


def span(params: JsonObject) -> Range:
    return Range(position(obj(params, "start")), position(obj(params, "end")))
