"""`decide(state, command) -> events`: what a command leads to, or IllegalCommand with the reason."""

from __future__ import annotations

from typing import assert_never

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.plan_text import renamed
from draftsmith.domain.session.commands import (
    AddRule,
    AnswerDecision,
    BeginApply,
    CancelSession,
    EditPlan,
    EndApply,
    Record,
    RejectHunks,
    RemoveRule,
    RestoreCheckpoint,
    ResumeSession,
    SendMessage,
    SessionCommand,
    StartSession,
)
from draftsmith.domain.session.events import (
    ApplyFinished,
    ApplyIntended,
    DecisionTaken,
    DraftRestored,
    HunksAccepted,
    HunksRejected,
    MessageReceived,
    PlanApproved,
    PlanEdited,
    PlanRejected,
    SessionCancelled,
    SessionEvent,
    SessionResumed,
    SessionRuleRemoved,
    SessionRulesAdded,
    SessionStarted,
    WorkspaceRulesTold,
)
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import Text
from draftsmith.domain.workspace_rules import same_rule

PLAN_ANSWERS = ("approve", "reject")
NO_DECISION = DecisionId("")
PLAN_EDITED = "edited"
"""The answer of who put a plan of their own in its place."""


def decide(state: SessionState, command: SessionCommand) -> tuple[SessionEvent, ...]:
    """The events of a command; the first is legal in `state`. Who appends them checks the others as they fold."""
    events = _events(state, command)
    if events and (reason := refusal(state, events[0])):
        raise illegal(reason)
    return events


def illegal(reason: str) -> IllegalCommand:
    """The error for a command that the rules refuse."""
    return IllegalCommand(reason, code="illegal_command")


def _events(state: SessionState, command: SessionCommand) -> tuple[SessionEvent, ...]:
    match command:
        case StartSession():
            return (_started(command),)
        case Record(events=events):
            return events
        case SendMessage(text=text):
            return (MessageReceived(text=text),)
        case CancelSession():
            return (SessionCancelled(),)
        case ResumeSession(limits=limits, model=model):
            return (SessionResumed(limits=limits or state.limits, model=model or state.model),)
        case AnswerDecision():
            return _answered(state, command)
        case EditPlan():
            return _edited(state, command)
        case AddRule(rule=rule):
            known = same_rule(rule, state.rules)
            return () if known else (SessionRulesAdded(rules=(rule,), decision_id=NO_DECISION),)
        case RemoveRule(rule_id=rule_id):
            return (SessionRuleRemoved(rule_id=rule_id),)
        case _:
            return _proposal_events(state, command)


def _proposal_events(
    state: SessionState, command: RejectHunks | BeginApply | EndApply | RestoreCheckpoint
) -> tuple[SessionEvent, ...]:
    match command:
        case RejectHunks(hunks=hunks):
            return (HunksRejected(hunks=hunks),) if hunks else ()
        case BeginApply(apply_id=apply_id, hunks=hunks, document=document, undoes=undoes, buffers=buffers):
            intent = ApplyIntended(apply_id=apply_id, hunks=hunks, document=document, undoes=undoes, buffers=buffers)
            return (HunksAccepted(hunks=hunks), intent) if undoes is None else (intent,)
        case EndApply(apply_id=apply_id, results=results):
            return (ApplyFinished(apply_id=apply_id, results=results),)
        case RestoreCheckpoint(checkpoint_id=checkpoint_id, tree=tree, reason=reason):
            if state.draft is None:
                raise illegal("The session has no draft yet.")
            restored = DraftRestored(checkpoint_id=checkpoint_id, tree=tree, replaced=state.draft, reason=reason)
            return (restored,)
        case _:
            assert_never(command)


def _started(command: StartSession) -> SessionStarted:
    if command.request.blank:
        raise illegal("The request is empty; say what is to be done.")
    if not command.roots:
        raise illegal("A session needs at least one folder.")
    return SessionStarted(
        session_id=command.session_id,
        workspace_id=command.workspace_id,
        roots=command.roots,
        request=command.request,
        autonomy=command.autonomy,
        limits=command.limits,
        model=command.model,
        recording=command.recording,
        overlays=command.overlays,
        allow_home=command.allow_home,
        forked_from=command.forked_from,
        images=command.images,
    )


def _answered(state: SessionState, command: AnswerDecision) -> tuple[SessionEvent, ...]:
    """The answer, and what follows from it at once when the question was about the plan."""
    taken = DecisionTaken(decision_id=command.decision_id, answer=command.answer, text=command.text)
    asked = next((one for one in state.decisions if one.decision_id == command.decision_id), None)
    if asked is not None and asked.grants and command.answer == "session":
        # Without what the session has already: its rules are bounded.
        fresh = tuple(one for one in asked.grants if not same_rule(one, state.rules))
        return (taken, SessionRulesAdded(rules=fresh, decision_id=command.decision_id))
    if asked is not None and asked.grants and command.answer == "workspace":
        # The hub writes them to the workspace as well; here they hold at once.
        fresh = tuple(one for one in asked.grants if not same_rule(one, state.workspace_rules))
        return (taken, WorkspaceRulesTold(rules=(*state.workspace_rules, *fresh)))
    if asked is None or asked.subject != "plan":
        return (taken,)
    if command.answer == "approve":
        return (taken, PlanApproved())
    spoken = Text(preview=command.answer, length=len(command.answer))
    feedback = command.text if command.text.length else spoken
    return (taken, PlanRejected(feedback=feedback))


def _edited(state: SessionState, command: EditPlan) -> tuple[SessionEvent, ...]:
    """The user's plan, the answer that it is, and the work by it. Its tasks get ids that were never used here."""
    asked = next((one for one in state.decisions if one.decision_id == command.decision_id), None)
    if asked is None or asked.subject != "plan":
        raise illegal("The plan is not waiting for an answer any more; look at it again.")
    plan = renamed(command.plan, f"edit{state.version + 1}-")
    return (
        PlanEdited(title=command.title, plan=plan),
        DecisionTaken(decision_id=command.decision_id, answer=PLAN_EDITED),
        PlanApproved(),
    )
