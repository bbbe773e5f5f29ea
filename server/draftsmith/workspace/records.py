"""Parts of stored JSON taken out with their types checked; each raises `TypeError` for another type."""

from __future__ import annotations

from typing import cast


def as_object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("an object is missing")
    return cast("dict[str, object]", value)


def as_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is missing")
    return cast("list[object]", value)


def as_int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a number is missing")
    return value


def as_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value
