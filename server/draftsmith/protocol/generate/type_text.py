"""A field's type written as Python text: lists for tuples, text for secrets, the source's names for its aliases."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import JsonValue, SecretStr

from draftsmith.protocol.generate.catalogue import ALIASES


def type_text(annotation: object) -> str:
    """The type as it is written in an annotation, by its alias where it has one."""
    for name, alias in ALIASES:
        if annotation == alias or annotation == _bare(alias):
            return name
    return alias_text(annotation)


def alias_text(annotation: object) -> str:
    """The type written out even when it has an alias: what stands on the right of the alias's definition."""
    annotation = _bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return f"Literal[{', '.join(map(_quoted, arguments))}]"
    if origin in (Union, UnionType):
        return " | ".join(map(type_text, arguments))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return f"list[{type_text(arguments[0])}]"
    if origin is dict:
        return f"dict[{type_text(arguments[0])}, {type_text(arguments[1])}]"
    return _plain(annotation)


def _bare(annotation: object) -> object:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _plain(annotation: object) -> str:
    if annotation is NoneType:
        return "None"
    if annotation is SecretStr:
        return "str"
    if annotation is JsonValue:
        return "JsonValue"
    if isinstance(annotation, type):
        return annotation.__name__
    raise TypeError(f"{annotation!r} has no counterpart in the generated types. Teach {__name__} how to write it.")


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
