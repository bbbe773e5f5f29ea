"""Writes the TypeScript types of every message, one interface each, and two maps from method to its types.

For the editor extension, which checks its calls by them at compile time; nothing of it exists at run time but the
protocol's versions and the names of the methods.
"""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import JsonValue, SecretStr
from pydantic.fields import FieldInfo

from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from draftsmith.protocol.generate.catalogue import ALIASES, Entry, Way, messages, own_words
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS

_HEADER = """// Types of what crosses the wire. Made by `make generate` from the server's protocol; do not edit.
"""

_JSON_VALUE = (
    "export type JsonValue = boolean | number | string | null | JsonValue[] | { [name: string]: JsonValue };\n"
)


def typescript() -> str:
    """The text of the extension's `messages.ts`."""
    versions = (
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n"
        f"export const OLDEST_PROTOCOL_VERSION = {OLDEST_PROTOCOL_VERSION};\n"
    )
    aliases = "".join(f"export type {name} = {_written_out(alias)};\n" for name, alias in ALIASES)
    interfaces = [_interface(name, entry) for name, entry in messages().items()]
    return "\n".join([_HEADER, versions, _JSON_VALUE, aliases, *interfaces, _methods(), _notifications()])


def _methods() -> str:
    lines = ["/** Every method of the hub with what it takes and gives. */", "export interface Methods {"]
    for method in METHODS:
        types = f"{{ params: {method.params.__name__}; result: {method.result.__name__} }}"
        lines += [f"  /** {method.summary} */", f"  {_quoted(method.name)}: {types};"]
    lines += ["}", "", "export const METHOD_NAMES: readonly (keyof Methods)[] = ["]
    lines += [f"  {_quoted(method.name)}," for method in METHODS]
    return "\n".join([*lines, "];", ""])


def _notifications() -> str:
    lines = ["/** What the hub sends unasked. */", "export interface Notifications {"]
    for name, params, summary in NOTIFICATIONS:
        lines += [f"  /** {summary} */", f"  {_quoted(name)}: {params.__name__};"]
    return "\n".join([*lines, "}", ""])


def _interface(name: str, entry: Entry) -> str:
    lines = _comment(own_words(entry.model), indent="")
    if not entry.model.model_fields:
        # An interface without members would take anything at all.
        return "\n".join([*lines, f"export type {name} = Record<string, never>;", ""])
    lines.append(f"export interface {name} {{")
    for field_name, field in entry.model.model_fields.items():
        lines += _comment(field.description or "", indent="  ")
        may_be_missing = Way.SENT in entry.way and not field.is_required()
        lines.append(f"  {field_name}{'?' if may_be_missing else ''}: {_field_type(field)};")
    return "\n".join([*lines, "}", ""])


def _comment(words: str, indent: str) -> list[str]:
    if not words:
        return []
    paragraphs = words.replace("*/", "*\\/").splitlines()
    if len(paragraphs) == 1:
        return [f"{indent}/** {paragraphs[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in paragraphs), f"{indent} */"]


def _field_type(field: FieldInfo) -> str:
    return _type(field.annotation)


def _type(annotation: object) -> str:
    for name, alias in ALIASES:
        if annotation == alias or annotation == _bare(alias):
            return name
    return _written_out(annotation)


def _written_out(annotation: object) -> str:
    annotation = _bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(map(_quoted, arguments))
    if origin in (Union, UnionType):
        return " | ".join(map(_type, arguments))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _type(arguments[0])
        return f"({item})[]" if " | " in item else f"{item}[]"
    if origin is dict:
        return f"{{ [name: string]: {_type(arguments[1])} }}"
    return _plain(annotation)


def _bare(annotation: object) -> object:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


_PLAIN: tuple[tuple[object, str], ...] = (
    (NoneType, "null"),
    (SecretStr, "string"),
    (str, "string"),
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (JsonValue, "JsonValue"),
)


def _plain(annotation: object) -> str:
    for known, written in _PLAIN:
        if annotation is known:
            return written
    if isinstance(annotation, type) and annotation.__name__ in messages():
        return annotation.__name__
    raise TypeError(f"{annotation!r} has no counterpart in TypeScript. Teach {__name__} how to write it.")


def _quoted(value: object) -> str:
    return json.dumps(value)
