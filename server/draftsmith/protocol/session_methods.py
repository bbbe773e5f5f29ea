"""The registry's methods about sessions: start, watch, steer, their plans, end."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import session

_SESSION = ("unknown_session",)
_LEGAL = ("unknown_session", "illegal_command")

SESSION_METHODS: tuple[Method, ...] = (
    method(
        "session/start",
        session.StartParams,
        session.SessionRef,
        "own",
        "Starts a session on one or more folders.",
        errors=(
            *("illegal_command", "bad_image", "unknown_folder"),
            *("workspace_is_home", "workspace_is_git", "workspace_is_state"),
        ),
    ),
    method(
        "session/list",
        session.ListParams,
        session.ListResult,
        "view",
        "Sessions, newest first.",
        safe=True,
        errors=("bad_cursor",),
    ),
    method(
        "session/attach",
        session.AttachParams,
        session.AttachResult,
        "view",
        "Subscribes to a session, from where the client left off.",
        safe=True,
        errors=_SESSION,
    ),
    method(
        "session/detach",
        session.SessionRef,
        session.Empty,
        "view",
        "Ends the subscription.",
        idempotent=True,
        bound=True,
    ),
    method(
        "session/message",
        session.MessageParams,
        session.Empty,
        "review",
        "Says something to the agent, also after the proposal.",
        errors=_LEGAL,
    ),
    method(
        "session/cancel",
        session.SessionRef,
        session.Empty,
        "review",
        "Stops the work at once; nothing is lost.",
        errors=_LEGAL,
    ),
    method(
        "session/resume",
        session.ResumeParams,
        session.Empty,
        "own",
        "Lets a stopped or cancelled session go on.",
        errors=_LEGAL,
    ),
    method(
        "session/fork",
        session.ForkParams,
        session.SessionRef,
        "own",
        "A new session from a state of this one.",
        errors=(*_LEGAL, "unknown_checkpoint"),
    ),
    method(
        "session/delete",
        session.SessionRef,
        session.Empty,
        "own",
        "Deletes a session that is over, with its log and snapshots. It cannot be undone; files are not touched.",
        errors=_LEGAL,
    ),
    method(
        "session/restore",
        session.RestoreParams,
        session.Empty,
        "review",
        "Takes the draft back to a checkpoint.",
        errors=(*_LEGAL, "unknown_checkpoint"),
    ),
    method(
        "session/export",
        session.ExportParams,
        session.ExportResult,
        "view",
        "The session's events.",
        safe=True,
        errors=_SESSION,
    ),
    method(
        "steps/list",
        session.StepsParams,
        session.StepsResult,
        "view",
        "Older steps, by page.",
        safe=True,
        errors=_SESSION,
    ),
    method(
        "entity/get",
        session.EntityParams,
        session.EntityResult,
        "view",
        "One entity as it is now.",
        safe=True,
        errors=("unknown_session", "unknown_entity"),
    ),
    method(
        "decision/answer", session.AnswerParams, session.Empty, "review", "Answers a question, once.", errors=_LEGAL
    ),
    method(
        "plan/read",
        session.SessionRef,
        session.PlanText,
        "view",
        "The plan as text that can be edited.",
        safe=True,
        errors=("unknown_session", "no_plan"),
    ),
    method(
        "plan/edit",
        session.EditPlanParams,
        session.EditPlanResult,
        "review",
        "Puts an edited plan in place of the one that waits for approval, and approves it.",
        errors=(*_LEGAL, "plan_unreadable"),
    ),
)
