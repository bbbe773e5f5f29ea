"""What other language servers show in this editor, for the hub: each only for the version that it speaks of.

Plain LSP clients tell nobody what other servers show; only one that says so in its options is asked. What it answers is
text of strangers: bounded here, and nothing outside the asked places goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from draftsmith.domain.errors import AdapterError
from draftsmith.edge import lsp
from draftsmith.edge.folders import is_within
from draftsmith.edge.observing import hash_of, is_text
from draftsmith.edge.reading import deep, maybe_text, objects
from draftsmith.edge.rpc.errors import RpcError
from draftsmith.edge.uris import path_of, uri_of

if TYPE_CHECKING:
    from draftsmith.client.messages import (
        DiagnosedDocument,
        DiagnosticsParams,
        DiagnosticsResult,
        ShownDiagnostic,
    )
    from draftsmith.edge.documents import Documents
    from draftsmith.edge.editor import Editor
    from draftsmith.edge.values import JsonObject, JsonValue

ASK = "draftsmith/client/diagnostics"
ASK_SECONDS = 10.0
MOST_DOCUMENTS, MOST_DIAGNOSTICS = 200, 100
MOST_MESSAGE, MOST_CODE = 500, 60

Severity = Literal["error", "warning", "information", "hint"]
_SEVERITIES: dict[int, Severity] = {1: "error", 2: "warning", 3: "information", 4: "hint"}


async def shown(editor: Editor, documents: Documents, params: DiagnosticsParams) -> DiagnosticsResult:
    """Raises AdapterError when the editor cannot be asked, or does not answer."""
    if not editor.features.own_diagnostics:
        raise AdapterError("This editor does not tell what its language servers show.", code="no_diagnostics")
    asked: JsonObject = {"uris": [uri_of(path) for path in params["paths"]]}
    try:
        answer = await editor.peer.request(ASK, asked, within=ASK_SECONDS)
    except (RpcError, TimeoutError) as failure:
        raise AdapterError(f"The editor did not tell its diagnostics: {failure}", code="no_diagnostics") from failure
    found: list[DiagnosedDocument] = []
    stale: list[str] = []
    given = objects(answer, "documents") if isinstance(answer, dict) else []
    for one in given:
        path = path_of(maybe_text(one, "uri"))
        if path is None or not is_text(path) or not any(is_within(path, wanted) for wanted in params["paths"]):
            continue
        if len(found) + len(stale) >= MOST_DOCUMENTS:
            break
        document = documents.at_path(path)
        # None is a file that the editor has not open: then it must not be open here, either.
        if one.get("version") != (None if document is None else document.version):
            stale.append(path)
            continue
        others = [each for each in objects(one, "diagnostics") if maybe_text(each, "source") != lsp.SOURCE]
        found.append(
            {
                "path": path,
                "dirty": document is not None and document.dirty,
                "sha256": None if document is None else await hash_of(document.text),
                "diagnostics": [_diagnostic(each) for each in others[:MOST_DIAGNOSTICS]],
                "more": max(0, len(others) - MOST_DIAGNOSTICS),
            }
        )
    left = len(given) - len(found) - len(stale)
    return {"documents": found, "stale": stale, "more": left if len(found) + len(stale) >= MOST_DOCUMENTS else 0}


def _diagnostic(given: JsonObject) -> ShownDiagnostic:
    line = _line(given, "start")
    code = given.get("code")
    return {
        "line": line,
        "end_line": max(line, _line(given, "end")),
        "severity": _severity(given.get("severity")),
        "code": _fitted(str(code) if isinstance(code, (str, int)) else "", MOST_CODE),
        "source": _fitted(maybe_text(given, "source"), MOST_CODE),
        "message": _fitted(maybe_text(given, "message"), MOST_MESSAGE),
    }


def _severity(value: JsonValue) -> Severity:
    """Left to the client where it is not given (LSP 3.17, Diagnostic): taken as an error."""
    return _SEVERITIES.get(value, "error") if isinstance(value, int) else "error"


def _line(given: JsonObject, end: str) -> int:
    line = deep(given, "range", end, "line")
    return min(max(line, 0), 2**31 - 2) + 1 if isinstance(line, int) else 1


def _fitted(text: str, most: int) -> str:
    """One line of what can be shown, at most so long."""
    plain = "".join(character if character.isprintable() else " " for character in text[: 4 * most])
    line = " ".join(plain.encode("utf-8", "replace").decode("utf-8").split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
