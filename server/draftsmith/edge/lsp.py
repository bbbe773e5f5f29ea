"""Values as LSP writes them. Only what the edge sends; names and numbers are those of LSP 3.17."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from draftsmith.edge.text import Position, Range
    from draftsmith.edge.values import JsonObject, JsonValue

MessageKind = Literal["error", "warning", "info", "log"]
_MESSAGE_TYPES: dict[MessageKind, int] = {"error": 1, "warning": 2, "info": 3, "log": 4}

Severity = Literal["error", "warning", "information", "hint"]
_SEVERITIES: dict[Severity, int] = {"error": 1, "warning": 2, "information": 3, "hint": 4}

SOURCE = "draftsmith"


def message_type(kind: MessageKind) -> int:
    return _MESSAGE_TYPES[kind]


def position(at: Position) -> JsonObject:
    return {"line": at.line, "character": at.character}


def span(at: Range) -> JsonObject:
    return {"start": position(at.start), "end": position(at.end)}


def location(uri: str, at: Range) -> JsonObject:
    return {"uri": uri, "range": span(at)}


def command(title: str, name: str, arguments: list[JsonValue]) -> JsonObject:
    return {"title": title, "command": name, "arguments": arguments}


def diagnostic(
    at: Range, severity: Severity, code: str, message: str, related: list[tuple[str, Range, str]]
) -> JsonObject:
    """`related`: URI, place and words of each."""
    found: JsonObject = {
        "range": span(at),
        "severity": _SEVERITIES[severity],
        "code": code,
        "source": SOURCE,
        "message": message,
    }
    if related:
        found["relatedInformation"] = [
            {"location": location(uri, place), "message": words} for uri, place, words in related
        ]
    return found


def markdown(text: str) -> JsonObject:
    return {"kind": "markdown", "value": text}
