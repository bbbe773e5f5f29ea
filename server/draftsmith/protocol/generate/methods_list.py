"""Writes the list of methods, notifications and errors, for clients and adapters in other languages."""

from __future__ import annotations

from pydantic import JsonValue

from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from draftsmith.protocol.errors import CODES, ERROR_NUMBERS, application_codes
from draftsmith.protocol.method import PERMISSIONS, Method
from draftsmith.protocol.model import MAX_FRAME, Message
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS, REQUESTS


def methods_list() -> dict[str, JsonValue]:
    """The document. A code that a method names and nobody explains is refused."""
    for method in METHODS:
        if unexplained := sorted(set(method.errors) - set(CODES)):
            raise ValueError(
                f"The method {method.name} names {', '.join(unexplained)}, which nothing explains. "
                "Say in CODES of draftsmith/protocol/errors.py what it means."
            )
    return {
        "protocol_version": PROTOCOL_VERSION,
        "oldest_protocol_version": OLDEST_PROTOCOL_VERSION,
        "max_frame_bytes": MAX_FRAME,
        "permissions": [{"name": name, "covers": covers} for name, covers in PERMISSIONS.items()],
        "methods": [_method(method) for method in METHODS],
        "notifications": [
            {"name": name, "summary": summary, "params": _reference(params)} for name, params, summary in NOTIFICATIONS
        ],
        "requests": [
            {
                "name": asked.name,
                "summary": asked.summary,
                "params": _reference(asked.params),
                "result": _reference(asked.result),
            }
            for asked in REQUESTS
        ],
        "error_numbers": [
            {
                "name": error.name,
                "number": error.number,
                "meaning": error.meaning,
                "codes": list(error.codes or application_codes()),
            }
            for error in ERROR_NUMBERS
        ],
        "error_codes": {code: CODES[code] for code in sorted(CODES)},
    }


def _method(method: Method) -> JsonValue:
    return {
        "name": method.name,
        "summary": method.summary,
        "permission": method.permission,
        "idempotent": method.idempotent,
        "safe": method.safe,
        "params": _reference(method.params),
        "result": _reference(method.result),
        "errors": list(method.errors),
    }


def _reference(model: type[Message]) -> JsonValue:
    return {"$ref": f"schema.json#/$defs/{model.__name__}"}
