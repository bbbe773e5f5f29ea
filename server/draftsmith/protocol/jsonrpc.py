"""JSON-RPC 2.0 frames and error numbers."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, ValidationError

from draftsmith.protocol.model import MAX_FRAME as MAX_FRAME
from draftsmith.protocol.model import Message

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
APPLICATION_ERROR = -32000
"""Every error of ours; `data.code` says which."""
NOT_SIGNED_IN = -32001
FORBIDDEN = -32003


class Request(Message):
    """`id` missing makes it a notification, which has no answer."""

    jsonrpc: Literal["2.0"]
    method: str
    params: dict[str, JsonValue] = Field(default_factory=dict)
    id: int | str | None = None


def _as_text(value: object) -> object:
    return _NOT_TEXT.sub("\ufffd", value) if isinstance(value, str) else value


_NOT_TEXT = re.compile("[\ud800-\udfff]")

Told = Annotated[str, BeforeValidator(_as_text)]
"""Words that name a file may hold bytes that are not UTF-8; an error must be told all the same."""


class ErrorData(Message):
    """`correlation_id` finds the case in the logs."""

    code: str
    remedy: Told = ""
    correlation_id: str = ""


class ErrorBody(Message):
    code: int
    message: Told
    data: ErrorData


class Notification(Message):
    """What the hub sends unasked."""

    jsonrpc: Literal["2.0"] = "2.0"
    method: str
    params: dict[str, JsonValue]


class Response(Message):
    jsonrpc: Literal["2.0"] = "2.0"
    id: int | str
    result: JsonValue


class ErrorResponse(Message):
    """`id` is None when the request could not be read so far."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: int | str | None
    error: ErrorBody


class HubRequest(Message):
    """What the hub asks of a client. Its ids are its own, apart from those of the client's calls."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: str
    method: str
    params: dict[str, JsonValue]


class ReplyError(Message):
    code: int
    message: str = Field(max_length=10_000)
    data: JsonValue = None


class Reply(Message):
    """A client's answer to a `HubRequest`: a result, or an error."""

    jsonrpc: Literal["2.0"]
    id: str
    result: JsonValue = None
    error: ReplyError | None = None


class BadFrame(ValueError):
    """A frame that is no request and no reply. `number` is PARSE_ERROR or INVALID_REQUEST; the text quotes no frame."""

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


def read_frame(frame: str | bytes) -> Request | Reply:
    """Reads one frame: a call, or an answer to what the hub asked. Raises BadFrame."""
    try:
        return read_request(frame)
    except BadFrame as bad:
        try:
            return Reply.model_validate_json(frame)
        except ValidationError:
            raise bad from None


def read_request(frame: str | bytes) -> Request:
    """Reads one frame. Raises BadFrame; batches, which JSON-RPC allows, are refused."""
    try:
        return Request.model_validate_json(frame)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][:3])
        number = PARSE_ERROR if first["type"] == "json_invalid" else INVALID_REQUEST
        raise BadFrame(f"{place}: {first['msg']}" if place else first["msg"], number) from None
