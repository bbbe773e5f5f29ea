"""From a method to its handler, each in a file of its own, imported when first called."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

from draftsmith.edge.log_file import redacted
from draftsmith.edge.rpc.errors import INVALID_REQUEST, SERVER_NOT_INITIALIZED, RpcError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue

    Handler = Callable[[Edge, JsonObject], JsonValue | Awaitable[JsonValue]]

ROUTES: dict[str, str] = {
    "initialize": "initialize",
    "initialized": "initialized",
    "shutdown": "shutdown",
    "exit": "exit",
    "$/setTrace": "set_trace",
    "window/workDoneProgress/cancel": "cancel_progress",
    "textDocument/didOpen": "did_open",
    "textDocument/didChange": "did_change",
    "textDocument/didSave": "did_save",
    "textDocument/didClose": "did_close",
    "textDocument/codeAction": "code_action",
    "textDocument/codeLens": "code_lens",
    "textDocument/hover": "hover",
    "codeAction/resolve": "code_action_resolve",
    "notebookDocument/didOpen": "did_open_notebook",
    "workspace/didChangeWorkspaceFolders": "did_change_folders",
    "workspace/didChangeConfiguration": "did_change_configuration",
    "workspace/executeCommand": "execute_command",
    "workspace/textDocumentContent": "text_document_content",
    "draftsmith/text": "side_text",
    "draftsmith/hunks": "document_hunks",
}
"""Method → module in `draftsmith.edge.methods`. Every other `draftsmith/…` is the hub's."""

KEYS = "draftsmith/credentials/offer"
"""Its parameters are keys of the user: no trace has them."""
TRACED_CHARACTERS = 4_000

PASSED = "draftsmith/"

_loaded: dict[str, Handler] = {}


def dispatch(edge: Edge, method: str, params: JsonObject, wanted: bool) -> JsonValue | Awaitable[JsonValue]:
    """Raises LookupError with the method's name when there is no such method, RpcError when it is not its time."""
    if not edge.initialized and method not in ("initialize", "exit"):
        if not wanted:
            return None
        raise RpcError(SERVER_NOT_INITIALIZED, f"{method} came before `initialize`.")
    if edge.shut_down and method != "exit":
        if not wanted:
            return None
        raise RpcError(INVALID_REQUEST, f"{method} came after `shutdown`.")
    if edge.editor.trace != "off":
        told = edge.editor.trace == "verbose" and method != KEYS
        edge.editor.trace_line(f"received {method}", _told(params) if told else "")
    if method not in ROUTES and method.startswith(PASSED):
        return edge.passing.call(method.removeprefix(PASSED), params)
    return _handler(method)(edge, params)


def _told(params: JsonObject) -> str:
    """Parameters as a trace has them: bounded, without what is known as a secret."""
    return redacted(json.dumps(params, ensure_ascii=False))[:TRACED_CHARACTERS]


def _handler(method: str) -> Handler:
    found = _loaded.get(method)
    if found is None:
        module = ROUTES.get(method)
        if module is None:
            raise LookupError(method)
        handler: Handler = import_module(f"draftsmith.edge.methods.{module}").handle
        found = _loaded[method] = handler
    return found
