"""Arguments of commands: by place in the list, checked, the last ones optional."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.edge.reading import span
from draftsmith.edge.rpc.errors import InvalidParams

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.text import Range
    from draftsmith.edge.values import JsonValue


def text_at(arguments: list[JsonValue], number: int, name: str) -> str:
    """A string that must be there and not be blank."""
    value = arguments[number] if number < len(arguments) else None
    if not isinstance(value, str) or not value.strip():
        raise InvalidParams(f"Argument {number + 1} ({name}) is missing, or is no string with words in it.")
    return value


def maybe_text_at(arguments: list[JsonValue], number: int) -> str:
    value = arguments[number] if number < len(arguments) else None
    return value if isinstance(value, str) else ""


def maybe_span_at(arguments: list[JsonValue], number: int) -> Range | None:
    value = arguments[number] if number < len(arguments) else None
    return span(value) if isinstance(value, dict) else None


def ids_at(arguments: list[JsonValue], number: int) -> list[str]:
    """One id or a list of them."""
    value = arguments[number] if number < len(arguments) else None
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise InvalidParams(f"Argument {number + 1} is the id of a hunk, or a list of ids.")
    return [str(one) for one in found]


async def session_at(edge: Edge, arguments: list[JsonValue], number: int) -> Followed:
    """The session that is named, or the one that changed last. Raises UserError (`unknown_session`)."""
    session_id = maybe_text_at(arguments, number)
    if session_id:
        return await edge.following.follow(session_id)
    newest = edge.following.newest()
    if newest is None:
        raise UserError(
            "There is no session here yet.", code="unknown_session", remedy="Start one with `draftsmith.start`."
        )
    return newest
