"""What the client can do, from its capabilities and its `initializationOptions`; everything else is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.edge.reading import deep, maybe_obj, maybe_text, texts

if TYPE_CHECKING:
    from draftsmith.edge.values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The last six are of clients that know Draftsmith (see `docs/editors.md`)."""

    client: str = "lsp"
    name: str = ""
    apply_edit: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    resource_operations: tuple[str, ...] = ()
    code_action_literals: bool = False
    lazy_actions: bool = False
    code_lens: bool = False
    lens_refresh: bool = False
    configuration: bool = False

    folders: bool = False
    progress: bool = False
    message_requests: bool = False
    show_document: bool = False
    related_information: bool = False
    diagnostic_versions: bool = False
    text_content: bool = False
    markdown_hover: bool = True
    knows_us: bool = False
    own_questions: bool = False
    own_diagnostics: bool = False
    own_sessions: bool = False
    own_hunks: bool = False
    undoable_files: bool = False


def features_of(params: JsonObject) -> Features:
    """From the parameters of `initialize`."""
    can = maybe_obj(params, "capabilities")
    options = maybe_obj(params, "initializationOptions")
    own = maybe_obj(options, "capabilities")
    edit = deep(can, "workspace", "workspaceEdit")
    edit = edit if isinstance(edit, dict) else {}
    action = deep(can, "textDocument", "codeAction")
    action = action if isinstance(action, dict) else {}
    lazy = deep(action, "resolveSupport", "properties")
    hover = deep(can, "textDocument", "hover", "contentFormat")
    return Features(
        client=maybe_text(options, "client", "lsp")[:40] or "lsp",
        name=maybe_text(maybe_obj(params, "clientInfo"), "name")[:80],
        # Kate makes edits and does not say so; who cannot make them answers that it does not know the request.
        apply_edit=deep(can, "workspace", "applyEdit") is not False,
        document_changes=edit.get("documentChanges") is True,
        change_annotations=isinstance(edit.get("changeAnnotationSupport"), dict),
        resource_operations=tuple(texts(edit, "resourceOperations")),
        code_action_literals=isinstance(action.get("codeActionLiteralSupport"), dict),
        lazy_actions=action.get("dataSupport") is True and isinstance(lazy, list) and "command" in lazy,
        code_lens=isinstance(deep(can, "textDocument", "codeLens"), dict),
        lens_refresh=deep(can, "workspace", "codeLens", "refreshSupport") is True,
        configuration=deep(can, "workspace", "configuration") is True,
        folders=deep(can, "workspace", "workspaceFolders") is True,
        progress=deep(can, "window", "workDoneProgress") is True,
        message_requests=isinstance(deep(can, "window", "showMessage", "messageActionItem"), dict)
        or isinstance(deep(can, "window", "showMessage"), dict),
        show_document=deep(can, "window", "showDocument", "support") is True,
        related_information=deep(can, "textDocument", "publishDiagnostics", "relatedInformation") is True,
        diagnostic_versions=deep(can, "textDocument", "publishDiagnostics", "versionSupport") is True,
        text_content=isinstance(deep(can, "workspace", "textDocumentContent"), dict),
        markdown_hover=not isinstance(hover, list) or "markdown" in hover,
        knows_us="client" in options,
        own_questions=own.get("questions") is True,
        own_diagnostics=own.get("diagnostics") is True,
        own_sessions=own.get("sessionView") is True,
        own_hunks=own.get("inlineDiff") is True,
        undoable_files=own.get("undoableFiles") is True and edit.get("documentChanges") is True,
    )
