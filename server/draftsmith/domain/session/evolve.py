"""`evolve(state, envelope) -> state`: what each event changes. Total over legal events, linear in their number."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import CheckpointId, TreeId
from draftsmith.domain.policy import MAX_RULES
from draftsmith.domain.session import evolve_calls, evolve_proposal, evolve_work
from draftsmith.domain.session.environments import evolve_environment
from draftsmith.domain.session.events import (
    BaseRenewed,
    BaseTaken,
    CallEvent,
    CheckpointTaken,
    DecisionEvent,
    DecisionRequested,
    DecisionTaken,
    DraftEvent,
    DraftRestored,
    EnvironmentEvent,
    GateEvent,
    LifeEvent,
    MessageReceived,
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
    WorkspaceRulesTold,
)
from draftsmith.domain.session.state import KEPT, AnsweredDecision, Checkpoint, SessionState, Stopped
from draftsmith.domain.workspace_rules import same_rule


def evolve(state: SessionState, envelope: Envelope[SessionEvent]) -> SessionState:
    """The state after one event of the session's stream."""
    event = envelope.event
    if isinstance(event, LifeEvent):
        after = _evolve_life(state, event)
    elif isinstance(event, CallEvent):
        after = evolve_calls.evolve_call(state, event, envelope.at)
    elif isinstance(event, GateEvent):
        after = evolve_calls.evolve_gate(state, event, envelope.at)
    elif isinstance(event, EnvironmentEvent):
        after = evolve_environment(state, event, envelope.at)
    elif isinstance(event, PlanEvent):
        after = evolve_work.evolve_plan(state, event)
    elif isinstance(event, TaskEvent):
        after = evolve_work.evolve_task(state, event)
    elif isinstance(event, DecisionEvent):
        after = _evolve_decision(state, event, envelope.actor.client)
    elif isinstance(event, RuleEvent):
        after = _evolve_rules(state, event)
    elif isinstance(event, DraftEvent):
        after = _evolve_draft(state, event)
    else:
        after = evolve_proposal.evolve_proposal(state, event)
    return replace(
        after,
        version=envelope.version,
        updated_at=envelope.at,
        created_at=state.created_at or envelope.at,
        owner=envelope.actor.user if isinstance(event, SessionStarted) else after.owner,
    )


def _evolve_life(state: SessionState, event: LifeEvent) -> SessionState:
    match event:
        case SessionStarted():
            return _started(event)
        case BaseTaken(tree=tree, draft_tree=draft_tree, ignored_folders=ignored, ignored_kinds=kinds):
            draft = draft_tree or tree
            start = Checkpoint(checkpoint_id=CheckpointId("start"), tree=draft, label="Start", green=True)
            return replace(
                state,
                base=tree,
                draft=draft,
                status="working",
                checkpoints=(start,),
                ignored_folders=ignored,
                ignored_kinds=kinds,
            )
        case BaseRenewed():
            return _renewed(state, event)
        case SessionTakenUp(runner_id=runner_id, fence=fence):
            return replace(state, runner_id=runner_id, fence=fence)
        case SessionFinished():
            return replace(state, status="finished")
        case SessionStopped(category=category, reason=reason, way_on=way_on):
            stopped = Stopped(category=category, reason=reason, way_on=way_on)
            return replace(state, status="stopped", stopped=stopped)
        case SessionCancelled():
            return replace(state, status="cancelled", decisions=())
        case SessionResumed(limits=limits, model=model):
            return replace(_reopened(state), limits=limits, model=model)
        case MessageReceived():
            heard = replace(state, unread_messages=state.unread_messages + 1)
            return _reopened(replace(heard, base_is_old=True)) if state.over and state.base is not None else heard
        case _:
            assert_never(event)


def _renewed(state: SessionState, event: BaseRenewed) -> SessionState:
    """What fails in this round goes back to its own beginning: older checkpoints lack what the user did since."""
    points = state.checkpoints
    if event.replaced != event.draft_tree:
        points = _remember(points, _point(event.checkpoint_id, event.replaced, "Before your changes were taken in"))
    if event.tree != state.base:
        points = _remember(points, _point(event.round_id, event.draft_tree, "Start of a further round", green=True))
    return replace(
        state,
        base=event.tree,
        draft=event.draft_tree,
        base_is_old=False,
        status="waiting" if state.decisions else "working",
        checkpoints=points,
        ignored_folders=event.ignored_folders,
        ignored_kinds=event.ignored_kinds,
    )


def _reopened(state: SessionState) -> SessionState:
    """The session goes on, and what led to its end is not counted again; a question still open is waited for."""
    status = "waiting" if state.decisions else "working"
    task = state.active_task
    return replace(
        state,
        # A gate that was cut short is no evidence, and the draft may have been restored meanwhile.
        gates=() if task is not None and task.phase == "gates" else state.gates,
        status="starting" if state.base is None or state.base_is_old else status,
        spent=replace(state.spent, errors_in_a_row=0),
        stopped=None,
        trace=(),
        idle_replies=0,
    )


def _started(event: SessionStarted) -> SessionState:
    return SessionState(
        session_id=event.session_id,
        workspace_id=event.workspace_id,
        roots=event.roots,
        request=event.request,
        title=event.request.preview.strip().split("\n", 1)[0][:80],
        autonomy=event.autonomy,
        limits=event.limits,
        model=event.model,
        recording=event.recording,
        overlays=event.overlays,
        allow_home=event.allow_home,
        forked_from=event.forked_from,
        images=event.images,
    )


def _evolve_decision(state: SessionState, event: DecisionEvent, client: str) -> SessionState:
    match event:
        case DecisionRequested(decision=decision):
            return replace(state, decisions=(*state.decisions, decision), status="waiting")
        case DecisionTaken(decision_id=decision_id, answer=answer, text=text):
            left = tuple(one for one in state.decisions if one.decision_id != decision_id)
            taken = AnsweredDecision(decision_id=decision_id, answer=answer, client=client, text=text)
            status = "working" if not left and state.status == "waiting" else state.status
            return replace(state, decisions=left, answered=(*state.answered, taken)[-KEPT:], status=status)
        case _:
            assert_never(event)


def _evolve_rules(state: SessionState, event: RuleEvent) -> SessionState:
    match event:
        case SessionRulesAdded(rules=rules):
            fresh = tuple(one for one in rules if not same_rule(one, state.rules))
            return replace(state, rules=(*state.rules, *fresh)[-MAX_RULES:])
        case SessionRuleRemoved(rule_id=rule_id):
            return replace(state, rules=tuple(one for one in state.rules if one.rule_id != rule_id))
        case WorkspaceRulesTold(rules=rules):
            return replace(state, workspace_rules=rules)
        case _:
            assert_never(event)


def _evolve_draft(state: SessionState, event: DraftEvent) -> SessionState:
    match event:
        case CheckpointTaken(checkpoint_id=checkpoint_id, tree=tree, label=label, green=green):
            point = Checkpoint(checkpoint_id=checkpoint_id, tree=tree, label=label, green=green)
        case DraftRestored(checkpoint_id=checkpoint_id, replaced=replaced, tree=tree):
            point = Checkpoint(checkpoint_id=checkpoint_id, tree=replaced, label="Before restoring", green=False)
            state = replace(state, draft=tree)
        case _:
            assert_never(event)
    return replace(state, checkpoints=_remember(state.checkpoints, point))


def _remember(points: tuple[Checkpoint, ...], point: Checkpoint) -> tuple[Checkpoint, ...]:
    """The last KEPT checkpoints; the last green one is never forgotten."""
    points = (*points, point)
    if len(points) <= KEPT:
        return points
    green = next((one for one in reversed(points) if one.green), None)
    kept = points[-KEPT:]
    return kept if green is None or green in kept else (green, *kept[1:])


def _point(checkpoint_id: CheckpointId, tree: TreeId, label: str, *, green: bool = False) -> Checkpoint:
    return Checkpoint(checkpoint_id=checkpoint_id, tree=tree, label=label, green=green)
