"""Repairs of what a model meant plainly and wrote wrongly: names and arguments of tool calls, JSON in a fence.

Only what can mean one thing is repaired. All else stays as it was written, and the model is told by whoever reads it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection
from typing import Any

_FENCE = re.compile(r"\A\s*```[A-Za-z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_PREFIXES = ("functions.", "functions:", "tools.", "default_api.", "default_api:")
_LONGEST_LITERAL = 200_000
_CLOSERS = {"{": "}", "[": "]"}


def repaired_name(name: str, offered: Collection[str]) -> str:
    """The offered tool that is meant: without a namespace of the vendor's, in other case or with other dashes."""
    if name in offered:
        return name
    bare = name.strip()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    found = [one for one in offered if _folded(one) == _folded(bare)]
    return found[0] if len(found) == 1 else name


def repaired_arguments(text: str) -> str:
    """JSON of an object where the text plainly means one, else the text itself."""
    if _object(text) is not None:
        return text
    for repair in (_second_of_two, _closed, _literal):
        value = repair(text.strip())
        if value is not None:
            return json.dumps(value, ensure_ascii=False)
    return text


def json_reply(text: str) -> str | None:
    """The JSON of a reply that had to be JSON, without a fence around it; None when it is none."""
    fenced = _FENCE.match(text)
    bare = (fenced[1] if fenced else text).strip()
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return None
    return bare


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _second_of_two(text: str) -> dict[str, Any] | None:
    """Some vendors begin with an empty object and then send the real one, or send one twice."""
    try:
        first, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    second = _object(text[end:])
    return second if second is not None and first in ({}, second) else None


def _closed(text: str) -> dict[str, Any] | None:
    """Only brackets at the end are missing: nothing stands open but them. A text that ends within a string, a number
    or a word may have lost some of it."""
    open_brackets: list[str] = []
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in _CLOSERS:
            open_brackets.append(_CLOSERS[character])
        elif character in "}]" and (not open_brackets or open_brackets.pop() != character):
            return None
    if in_string or not open_brackets or text[-1] not in '"}]':
        return None
    return _object(text + "".join(reversed(open_brackets)))


def _literal(text: str) -> dict[str, Any] | None:
    """The same object as Python writes it: single quotes, True, None."""
    if not text.startswith("{") or len(text) > _LONGEST_LITERAL:
        return None
    try:
        value = ast.literal_eval(text)
        return _object(json.dumps(value, allow_nan=False)) if isinstance(value, dict) and _plain(value) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _plain(value: object) -> bool:
    """Nothing that JSON would change in meaning: names are strings, no tuples, bytes or sets."""
    match value:
        case dict():
            return all(isinstance(key, str) and _plain(one) for key, one in value.items())
        case list():
            return all(map(_plain, value))
        case _:
            return value is None or isinstance(value, str | int | float | bool)
