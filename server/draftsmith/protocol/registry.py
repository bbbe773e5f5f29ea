"""The one registry of methods. WebSocket, LSP, REST, MCP and the documents are made from it.

Authorisation happens in the dispatcher, from `permission`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from draftsmith.protocol.entities import Snapshot, Update
from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import buffers, code, facts, hub, overview, proposal, search, session, web
from draftsmith.protocol.model import Message
from draftsmith.protocol.model_methods import MODEL_METHODS
from draftsmith.protocol.operation_methods import OPERATION_METHODS
from draftsmith.protocol.overview_methods import OVERVIEW_METHODS
from draftsmith.protocol.project_methods import PROJECT_METHODS
from draftsmith.protocol.rule_methods import RULE_METHODS
from draftsmith.protocol.session_methods import SESSION_METHODS
from draftsmith.protocol.user_methods import USER_METHODS

_SESSION = ("unknown_session",)
_LEGAL = ("unknown_session", "illegal_command")

_CODE = ("unknown_folder", "workspace_is_home", "index_unavailable", "index_failed")
_CODE_PAGE = (*_CODE, "bad_cursor")

METHODS: tuple[Method, ...] = (
    method(
        "hello",
        hub.HelloParams,
        hub.HelloResult,
        "none",
        "Signs a connection in.",
        bound=True,
        errors=("wrong_token", "protocol_mismatch"),
    ),
    method("hub/status", hub.StatusParams, hub.StatusResult, "view", "What runs, and how it is.", safe=True),
    method(
        "hub/stop",
        hub.StopParams,
        hub.StopResult,
        "local",
        "Stops the hub and its runner; sessions go on at the next start.",
    ),
    method(
        "web/open",
        web.OpenParams,
        web.OpenResult,
        "local",
        "An address that signs a browser in, once and soon.",
        errors=("no_web",),
    ),
    method(
        "credentials/offer",
        hub.OfferCredentialsParams,
        hub.OfferCredentialsResult,
        "own",
        "Hands keys over, kept in memory only.",
        idempotent=True,
    ),
    method(
        "document/read",
        hub.DocumentParams,
        hub.DocumentResult,
        "view",
        "A page of a long text.",
        safe=True,
        errors=("unknown_document",),
    ),
    *SESSION_METHODS,
    *OVERVIEW_METHODS,
    method(
        "proposal/hunks",
        proposal.HunkTextsParams,
        proposal.HunkTextsResult,
        "view",
        "Hunks with their text.",
        safe=True,
        errors=("unknown_session", "no_proposal"),
    ),
    method(
        "proposal/edit",
        proposal.EditParams,
        proposal.EditResult,
        "review",
        "Changes what a hunk would write; the evidence is then older than the proposal, and that is said.",
        errors=(*_LEGAL, "unknown_hunk", "hunk_not_text"),
    ),
    method(
        "proposal/accept",
        proposal.HunksParams,
        proposal.DecideResult,
        "review",
        "Accepts hunks and writes them to the user's files.",
        errors=_LEGAL,
    ),
    method("proposal/reject", proposal.HunksParams, proposal.DecideResult, "review", "Rejects hunks.", errors=_LEGAL),
    method(
        "proposal/undo",
        proposal.UndoParams,
        proposal.DecideResult,
        "review",
        "Undoes an apply; later edits of the user stay.",
        errors=(*_LEGAL, "nothing_to_undo", "undo_not_exact"),
    ),
    method(
        "file/read",
        proposal.FileParams,
        proposal.FileResult,
        "view",
        "One side of a file.",
        safe=True,
        errors=("unknown_session", "unknown_file"),
    ),
    *PROJECT_METHODS,
    *MODEL_METHODS,
    *RULE_METHODS,
    *USER_METHODS,
    *OPERATION_METHODS,
    method(
        "buffers/held",
        buffers.HeldParams,
        session.Empty,
        "local",
        "Says which documents an editor holds: accepted hunks of their files go to the editor.",
        idempotent=True,
        bound=True,
    ),
    method(
        "buffers/observed",
        buffers.ObservedParams,
        session.Empty,
        "local",
        "Says what happened to documents that an editor holds or held.",
        idempotent=True,
        bound=True,
    ),
    method(
        "code/map",
        code.MapParams,
        code.MapResult,
        "own",
        "What matters most in folders of code for some words, within a budget of tokens.",
        safe=True,
        errors=_CODE,
    ),
    method(
        "code/symbols",
        code.SymbolsParams,
        code.SymbolsResult,
        "own",
        "Definitions whose names fit, the best first.",
        safe=True,
        errors=_CODE_PAGE,
    ),
    method(
        "code/uses",
        code.UsesParams,
        code.UsesResult,
        "own",
        "Where a name is called or used, or a file or module imported.",
        safe=True,
        errors=_CODE_PAGE,
    ),
    method(
        "code/similar",
        code.SimilarParams,
        code.SymbolsResult,
        "own",
        "Definitions that use what a place or a text uses.",
        safe=True,
        errors=(*_CODE_PAGE, "bad_query"),
    ),
    method(
        "code/structure",
        code.StructureParams,
        code.UsesResult,
        "own",
        "Where a tree-sitter query matches.",
        safe=True,
        errors=(*_CODE_PAGE, "bad_query"),
    ),
    method(
        "code/search",
        search.SearchParams,
        search.SearchResult,
        "own",
        "Text in files: files with a definition of the searched word first, then by path.",
        safe=True,
        errors=("unknown_folder", "workspace_is_home", "bad_pattern", "bad_cursor", "ripgrep_missing"),
    ),
    method(
        "code/facts",
        facts.FactsParams,
        facts.FactsResult,
        "own",
        "What the folders' own files say: languages, frameworks, commands, packages, rules, each with its file.",
        safe=True,
        errors=("unknown_folder", "workspace_is_home", "ripgrep_missing", "listing_failed"),
    ),
)

BY_NAME = {method.name: method for method in METHODS}

NOTIFICATIONS: tuple[tuple[str, type[Message], str], ...] = (
    ("session/update", Update, "What changed in a session that the client is attached to."),
    ("session/snapshot", Snapshot, "Sent in place of updates when the client fell too far behind."),
    ("sessions/changed", overview.SessionsChanged, "Lines of the list that changed, to who called `hub/watch`."),
    ("hub/changed", overview.HubChanged, "What all sessions share was changed, to who called `hub/watch`."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAsks:
    """A request of the hub to a client that said what it holds. Other clients are never asked."""

    name: str
    params: type[Message]
    result: type[Message]
    summary: str


REQUESTS: tuple[HubAsks, ...] = (
    HubAsks(
        name="buffers/read",
        params=buffers.ReadParams,
        result=buffers.ReadResult,
        summary="The text of an open document, by pages.",
    ),
    HubAsks(
        name="buffers/apply",
        params=buffers.ApplyBuffersParams,
        result=buffers.ApplyBuffersResult,
        summary="Changes open documents, as one edit that the user can undo.",
    ),
    HubAsks(
        name="buffers/diagnostics",
        params=buffers.DiagnosticsParams,
        result=buffers.DiagnosticsResult,
        summary="What the editor shows as wrong in files, each for the version that it speaks of.",
    ),
)
