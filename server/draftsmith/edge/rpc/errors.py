"""Errors of JSON-RPC and LSP by number, and those of ours in the shape that clients get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import DraftsmithError
from draftsmith.edge.log_file import correlation

if TYPE_CHECKING:
    from draftsmith.client.messages import JsonValue

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
CONTENT_MODIFIED = -32801
APPLICATION_ERROR = -32000
"""Every error of ours, as in the client protocol; `data.code` says which."""


class RpcError(Exception):
    """An answer that is an error. `data` goes to the client as it is."""

    def __init__(self, number: int, message: str, data: JsonValue = None) -> None:
        super().__init__(message)
        self.number = number
        self.message = message
        self.data = data


class InvalidParams(RpcError):
    """What came does not have the shape that the method takes; the message names the place."""

    def __init__(self, message: str) -> None:
        data: JsonValue = {"code": "invalid_params", "remedy": "", "correlation_id": correlation.get()}
        super().__init__(INVALID_PARAMS, message, data)


def rpc_error(error: DraftsmithError) -> RpcError:
    """An error of ours as the client protocol has it."""
    data: JsonValue = {"code": error.code, "remedy": error.remedy, "correlation_id": correlation.get()}
    return RpcError(APPLICATION_ERROR, error.message, data)


def error_body(error: RpcError) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {"code": error.number, "message": error.message}
    if error.data is not None:
        body["data"] = error.data
    return body
