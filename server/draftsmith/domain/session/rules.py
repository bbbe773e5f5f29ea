"""Which event may follow which state: one list of rules for clients, engine and hub.

`refusal` gives the reason in a sentence for the user, or None when the event is legal.
"""

from __future__ import annotations

from typing import assert_never

from draftsmith.domain.ids import CallId, TreeId
from draftsmith.domain.limits import struck
from draftsmith.domain.session.environments import environment_refusal
from draftsmith.domain.session.events import (
    BaselineRun,
    BaseRenewed,
    BaseTaken,
    CallEvent,
    CheckpointTaken,
    ContextCompacted,
    DecisionEvent,
    DecisionRequested,
    DecisionTaken,
    DraftEvent,
    DraftRestored,
    DriftNoticed,
    EnvironmentEvent,
    GateEvent,
    GateFinished,
    GateIntended,
    LifeEvent,
    MessageReceived,
    ModelAwaited,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    ModelSwitched,
    PlanEvent,
    RuleEvent,
    SessionCancelled,
    SessionEvent,
    SessionFinished,
    SessionResumed,
    SessionRuleRemoved,
    SessionRulesAdded,
    SessionStarted,
    SessionStopped,
    SessionTakenUp,
    TaskEvent,
    ToolCallFinished,
    ToolCallIntended,
    WorkspaceRulesTold,
)
from draftsmith.domain.session.readiness import busy, working
from draftsmith.domain.session.rules_proposal import proposal_refusal
from draftsmith.domain.session.rules_work import in_phase, plan_refusal, task_refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.workspace_rules import bad_rule


def refusal(state: SessionState, event: SessionEvent) -> str | None:
    """Why `event` may not happen now, or None."""
    if isinstance(event, SessionStarted):
        return None if state.version == 0 else "The session has already started."
    if state.version == 0:
        return "There is no such session."
    if isinstance(event, LifeEvent):
        return _life(state, event)
    if isinstance(event, CallEvent):
        return _call(state, event)
    if isinstance(event, GateEvent):
        return _gate(state, event)
    if isinstance(event, EnvironmentEvent):
        return environment_refusal(state, event)
    if isinstance(event, PlanEvent):
        return working(state) or plan_refusal(state, event)
    if isinstance(event, TaskEvent):
        return working(state) or task_refusal(state, event)
    if isinstance(event, DecisionEvent):
        return _decision(state, event)
    if isinstance(event, DraftEvent):
        return _draft(state, event)
    if isinstance(event, RuleEvent):
        return _rules(state, event)
    return proposal_refusal(state, event)


def _life(state: SessionState, event: LifeEvent) -> str | None:
    match event:
        case SessionStarted():
            return "The session has already started."
        case BaseTaken():
            first = state.status == "starting" and state.base is None
            return None if first else "The snapshot of the workspace was already taken."
        case BaseRenewed(replaced=replaced):
            return _renewal(state, replaced)
        case SessionTakenUp(fence=fence):
            return None if fence > state.fence else f"Another runner took the session (fence {state.fence})."
        case SessionFinished():
            return working(state) or busy(state)
        case SessionStopped():
            return f"The session is already {state.status}." if state.over else None
        case SessionCancelled():
            return f"The session is already {state.status}." if state.over else None
        case SessionResumed():
            # Also one that proposed what was green when a limit struck: its limits can be raised.
            resumable = state.status in ("stopped", "cancelled", "proposed")
            return None if resumable else f"The session is {state.status}; there is nothing to resume."
        case MessageReceived(text=text):
            return "The message is empty." if text.blank else None
        case _:
            assert_never(event)


def _renewal(state: SessionState, replaced: TreeId) -> str | None:
    if state.status != "starting" or not state.base_is_old:
        return "No further round was asked for."
    if state.apply is not None:
        return "Hunks are being written; the snapshot would hold some of them only."
    return None if replaced == state.draft else "The draft has moved on since the snapshot was taken."


def _call(state: SessionState, event: CallEvent) -> str | None:
    match event:
        case ModelCallIntended(reserved_nano_usd=reserved):
            if reason := working(state):
                return reason
            if state.model_call is not None or state.tool_calls:
                return "A model call or tool call is not finished."
            hit = struck(state.limits, state.spent, reserve_nano_usd=reserved or 0)
            return hit.describe() if hit else None
        case ModelCallFinished(call_id=call_id) | ModelCallFailed(call_id=call_id):
            known = state.model_call is not None and state.model_call.call_id == call_id
            return None if known else f"Model call {call_id} is not under way."
        case ToolCallIntended(call_id=call_id):
            return working(state) or _tool_intended(state, call_id)
        case ToolCallFinished(call_id=call_id, tree=tree):
            if reason := _pending(state, call_id):
                return reason
            call = next(one for one in state.tool_calls if one.request.call_id == call_id)
            if (tree is not None) != (call.effect is not None):
                return f"Tool call {call_id} needs an intent before it changes the draft, and a tree after it."
            return None
        case DriftNoticed():
            return None
        case ModelSwitched() | ModelAwaited() | ContextCompacted():
            return working(state)
        case _:
            assert_never(event)


def _tool_intended(state: SessionState, call_id: CallId) -> str | None:
    if any(call.effect is not None for call in state.tool_calls):
        return "Another tool call with an effect is under way."
    if asked := next((one for one in state.decisions if one.call_id == call_id), None):
        return f"Tool call {call_id} waits for the answer to {asked.decision_id}."
    return _pending(state, call_id)


def _pending(state: SessionState, call_id: CallId) -> str | None:
    known = any(call.request.call_id == call_id for call in state.tool_calls)
    return None if known else f"Tool call {call_id} is not pending."


def _gate(state: SessionState, event: GateEvent) -> str | None:
    match event:
        case GateIntended(task_id=task_id):
            if state.gate is not None:
                return f"Gate {state.gate.gate} is running."
            return working(state) or in_phase(state, task_id, ("gates",))
        case GateFinished(call_id=call_id) | BaselineRun(call_id=call_id):
            known = state.gate is not None and state.gate.call_id == call_id
            return None if known else f"Gate run {call_id} is not under way."
        case _:
            assert_never(event)


def _decision(state: SessionState, event: DecisionEvent) -> str | None:
    match event:
        case DecisionRequested(decision=decision):
            known = any(one.decision_id == decision.decision_id for one in state.decisions)
            if known:
                return f"Decision {decision.decision_id} is already open."
            if any(one.decision_id == decision.decision_id for one in state.answered):
                return f"Decision {decision.decision_id} was already answered; ask a new one."
            return working(state)
        case DecisionTaken(decision_id=decision_id, answer=answer):
            taken = next((one for one in state.answered if one.decision_id == decision_id), None)
            if taken is not None:
                return f"This was already answered by {taken.client}: {taken.answer}."
            asked = next((one for one in state.decisions if one.decision_id == decision_id), None)
            if asked is None:
                return f"There is no open question {decision_id}."
            if asked.options and answer not in asked.options and not asked.free_text:
                return f"{answer!r} is not an answer to it; choose one of: {', '.join(asked.options)}."
            return None
        case _:
            assert_never(event)


def _rules(state: SessionState, event: RuleEvent) -> str | None:
    match event:
        case SessionRulesAdded(rules=rules):
            return next((reason for one in rules if (reason := bad_rule(one, state.rules))), None)
        case SessionRuleRemoved(rule_id=rule_id):
            known = any(one.rule_id == rule_id for one in state.rules)
            return None if known else f"The session has no rule {rule_id}."
        case WorkspaceRulesTold():
            return None
        case _:
            assert_never(event)


def _draft(state: SessionState, event: DraftEvent) -> str | None:
    if state.draft is None:
        return "The session has no draft yet."
    match event:
        case CheckpointTaken():
            return None
        case DraftRestored():
            if any(call.effect is not None for call in state.tool_calls) or state.gate or state.environment:
                return "A command or an edit is under way; cancel the session first."
            return None
        case _:
            assert_never(event)
