"""The one registry of methods. WebSocket, LSP, REST, MCP and the documents are made from it.

Authorisation happens in the dispatcher, from `permission`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.protocol.entities import Snapshot, Update
from draftsmith.protocol.methods import hub, proposal, session
from draftsmith.protocol.model import Message

Permission = Literal["none", "view", "review", "own"]

PERMISSIONS: dict[Permission, str] = {
    "none": "before the connection is known",
    "view": "read",
    "review": "decide and steer",
    "own": "start, stop, keys",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`idempotent`: calling it twice with the same parameters is the same as once. `errors` are its own codes."""

    name: str
    params: type[Message]
    result: type[Message]
    permission: Permission
    idempotent: bool
    summary: str
    errors: tuple[str, ...] = ()


def _method(
    name: str,
    params: type[Message],
    result: type[Message],
    permission: Permission,
    summary: str,
    *,
    idempotent: bool = False,
    errors: tuple[str, ...] = (),
) -> Method:
    return Method(
        name=name,
        params=params,
        result=result,
        permission=permission,
        idempotent=idempotent,
        summary=summary,
        errors=errors,
    )


_SESSION = ("unknown_session",)
_LEGAL = ("unknown_session", "illegal_command")

METHODS: tuple[Method, ...] = (
    _method(
        "hello",
        hub.HelloParams,
        hub.HelloResult,
        "none",
        "Signs a connection in.",
        errors=("wrong_token", "protocol_mismatch"),
    ),
    _method("hub/status", hub.StatusParams, hub.StatusResult, "view", "What runs, and how it is.", idempotent=True),
    _method(
        "hub/stop",
        hub.StopParams,
        hub.StopResult,
        "own",
        "Stops the hub and its runner; sessions go on at the next start.",
    ),
    _method(
        "credentials/offer",
        hub.OfferCredentialsParams,
        hub.OfferCredentialsResult,
        "own",
        "Hands keys over, kept in memory only.",
        idempotent=True,
    ),
    _method(
        "document/read",
        hub.DocumentParams,
        hub.DocumentResult,
        "view",
        "A page of a long text.",
        idempotent=True,
        errors=("unknown_document",),
    ),
    _method(
        "session/start",
        session.StartParams,
        session.SessionRef,
        "own",
        "Starts a session on one or more folders.",
        errors=("illegal_command", "unknown_folder", "workspace_is_home"),
    ),
    _method("session/list", session.ListParams, session.ListResult, "view", "Sessions, newest first.", idempotent=True),
    _method(
        "session/attach",
        session.AttachParams,
        session.AttachResult,
        "view",
        "Subscribes to a session, from where the client left off.",
        idempotent=True,
        errors=_SESSION,
    ),
    _method("session/detach", session.SessionRef, session.Empty, "view", "Ends the subscription.", idempotent=True),
    _method(
        "session/message",
        session.MessageParams,
        session.Empty,
        "review",
        "Says something to the agent, also after the proposal.",
        errors=_LEGAL,
    ),
    _method(
        "session/cancel",
        session.SessionRef,
        session.Empty,
        "review",
        "Stops the work at once; nothing is lost.",
        errors=_LEGAL,
    ),
    _method(
        "session/resume",
        session.ResumeParams,
        session.Empty,
        "own",
        "Lets a stopped or cancelled session go on.",
        errors=_LEGAL,
    ),
    _method(
        "session/fork",
        session.ForkParams,
        session.SessionRef,
        "own",
        "A new session from a state of this one.",
        errors=(*_LEGAL, "unknown_checkpoint"),
    ),
    _method(
        "session/restore",
        session.RestoreParams,
        session.Empty,
        "review",
        "Takes the draft back to a checkpoint.",
        errors=(*_LEGAL, "unknown_checkpoint"),
    ),
    _method(
        "session/export",
        session.ExportParams,
        session.ExportResult,
        "view",
        "The session's events.",
        idempotent=True,
        errors=_SESSION,
    ),
    _method(
        "steps/list",
        session.StepsParams,
        session.StepsResult,
        "view",
        "Older steps, by page.",
        idempotent=True,
        errors=_SESSION,
    ),
    _method(
        "entity/get",
        session.EntityParams,
        session.EntityResult,
        "view",
        "One entity as it is now.",
        idempotent=True,
        errors=("unknown_session", "unknown_entity"),
    ),
    _method(
        "decision/answer", session.AnswerParams, session.Empty, "review", "Answers a question, once.", errors=_LEGAL
    ),
    _method(
        "proposal/hunks",
        proposal.HunkTextsParams,
        proposal.HunkTextsResult,
        "view",
        "Hunks with their text.",
        idempotent=True,
        errors=("unknown_session", "no_proposal"),
    ),
    _method(
        "proposal/edit",
        proposal.EditParams,
        proposal.EditResult,
        "review",
        "Changes what a hunk would write; the evidence is then older than the proposal, and that is said.",
        errors=(*_LEGAL, "unknown_hunk", "hunk_not_text"),
    ),
    _method(
        "proposal/accept",
        proposal.HunksParams,
        proposal.DecideResult,
        "review",
        "Accepts hunks and writes them to the user's files.",
        errors=_LEGAL,
    ),
    _method("proposal/reject", proposal.HunksParams, proposal.DecideResult, "review", "Rejects hunks.", errors=_LEGAL),
    _method(
        "proposal/undo",
        proposal.UndoParams,
        proposal.DecideResult,
        "review",
        "Undoes an apply; later edits of the user stay.",
        errors=(*_LEGAL, "nothing_to_undo"),
    ),
    _method(
        "file/read",
        proposal.FileParams,
        proposal.FileResult,
        "view",
        "One side of a file.",
        idempotent=True,
        errors=("unknown_session", "unknown_file"),
    ),
)

BY_NAME = {method.name: method for method in METHODS}

NOTIFICATIONS: tuple[tuple[str, type[Message], str], ...] = (
    ("session/update", Update, "What changed in a session that the client is attached to."),
    ("session/snapshot", Snapshot, "Sent in place of updates when the client fell too far behind."),
)
