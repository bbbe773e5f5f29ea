"""Writes golden messages: examples of every method, notification, entity and error, which every client's tests read.

Made from the fields' types, so a change of a message shows as a difference of these files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from draftsmith.protocol.errors import CODES, ERROR_NUMBERS, ErrorNumber, application_codes
from draftsmith.protocol.generate.catalogue import Way, entity_models
from draftsmith.protocol.generate.samples import UNUSUAL_TEXT, VARIANTS, sample
from draftsmith.protocol.jsonrpc import ErrorResponse, HubRequest, Reply
from draftsmith.protocol.method import Method
from draftsmith.protocol.model import Message
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS, REQUESTS, HubAsks

Golden = dict[str, JsonValue]


def golden() -> dict[str, Golden]:
    """The documents by file name."""
    found: dict[str, Golden] = {}
    for method in METHODS:
        found[_file("method", method.name)] = _document("method", method.name, _calls(method))
    for name, params, _ in NOTIFICATIONS:
        found[_file("notification", name)] = _document("notification", name, _notifications(name, params))
    for asked in REQUESTS:
        found[_file("request", asked.name)] = _document("request", asked.name, _asked(asked))
    for model in entity_models():
        kind = str(model.model_fields["kind"].default)
        examples = ((variant, {"entity": sample(model, Way.RECEIVED, variant)}) for variant in VARIANTS)
        found[_file("entity", kind)] = _document("entity", kind, examples)
    for number in ERROR_NUMBERS:
        found[_file("error", number.name)] = _document("error", number.name, _errors(number))
    found["frames.json"] = _document("frame", "frames", _frames())
    return found


def _file(kind: str, name: str) -> str:
    return f"{kind}.{name.replace('/', '.')}.json"


def _document(kind: str, name: str, examples: Iterator[tuple[str, Mapping[str, JsonValue]]]) -> Golden:
    return {"kind": kind, "name": name, "examples": [{"name": label, **parts} for label, parts in examples]}


def _calls(method: Method) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    for ordinal, variant in enumerate(VARIANTS, start=1):
        # Both kinds of id that JSON-RPC allows.
        request_id: JsonValue = f"request-{ordinal}" if variant == "unusual" else ordinal
        params = sample(method.params, Way.SENT, variant)
        result = sample(method.result, Way.RECEIVED, variant)
        yield (
            variant,
            {
                "request": {"jsonrpc": "2.0", "id": request_id, "method": method.name, "params": params},
                "response": {"jsonrpc": "2.0", "id": request_id, "result": result},
            },
        )


def _notifications(name: str, params: type[Message]) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    for variant in VARIANTS:
        body = sample(params, Way.RECEIVED, variant)
        yield variant, {"message": {"jsonrpc": "2.0", "method": name, "params": body}}


def _asked(asked: HubAsks) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """A request of the hub, and a client's answer."""
    for variant in VARIANTS:
        params = sample(asked.params, Way.RECEIVED, variant)
        result = sample(asked.result, Way.SENT, variant)
        request: JsonValue = {"jsonrpc": "2.0", "id": "hub-1", "method": asked.name, "params": params}
        reply: JsonValue = {"jsonrpc": "2.0", "id": "hub-1", "result": result}
        HubRequest.model_validate(request)
        Reply.model_validate(reply)
        yield variant, {"request": request, "reply": reply}


def _errors(number: ErrorNumber) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """One example for each code that the number can carry, and one whose message breaks careless readers."""
    codes = number.codes or application_codes()
    # Without a readable request there is no id to answer to.
    request_id = None if number.name in ("parse_error", "invalid_request") else 1
    for code in codes:
        yield code, {"message": _error(request_id, number.number, CODES[code], code)}
    yield "unusual", {"message": _error(request_id, number.number, UNUSUAL_TEXT, codes[0])}


def _error(request_id: int | None, number: int, message: str, code: str) -> JsonValue:
    data: JsonValue = {"code": code, "remedy": "", "correlation_id": "x_01"}
    frame: JsonValue = {"jsonrpc": "2.0", "id": request_id, "error": {"code": number, "message": message, "data": data}}
    ErrorResponse.model_validate(frame)
    return frame


def _frames() -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """Frames as text, with the request that they mean, or the name of the error that they earn."""
    request: JsonValue = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "session/message",
        "params": {"session_id": "\U0001f600"},
    }
    yield "raw UTF-8", {"text": json.dumps(request, ensure_ascii=False), "request": request}
    yield "escaped surrogate pair", {"text": json.dumps(request), "request": request}
    unanswered: JsonValue = {"jsonrpc": "2.0", "method": "hub/status"}
    yield "without id there is no answer", {"text": json.dumps(unanswered), "request": unanswered}
    yield "half a surrogate pair", {"text": json.dumps(request).replace("\\ude00", ""), "error": "parse_error"}
    yield "cut short", {"text": json.dumps(request)[:-5], "error": "parse_error"}
    yield "empty", {"text": "", "error": "parse_error"}
    yield "a batch", {"text": json.dumps([request]), "error": "invalid_request"}
    yield "another version", {"text": json.dumps(request | {"jsonrpc": "1.0"}), "error": "invalid_request"}
    yield "a field too many", {"text": json.dumps(request | {"extra": 1}), "error": "invalid_request"}
    yield "parameters by position", {"text": json.dumps(request | {"params": [1]}), "error": "invalid_request"}
