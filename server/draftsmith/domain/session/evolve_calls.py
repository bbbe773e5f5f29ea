"""How model calls, tool calls and gate runs change the state, and what they cost."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import assert_never

from draftsmith.domain.conversation import Role
from draftsmith.domain.session.events import (
    BaselineRun,
    CallEvent,
    ContextCompacted,
    DriftNoticed,
    GateEvent,
    GateFinished,
    GateIntended,
    ModelAwaited,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    ModelSwitched,
    ToolCallFinished,
    ToolCallIntended,
)
from draftsmith.domain.session.state import (
    KEPT_BASELINES,
    KEPT_CALLS,
    AnsweringModel,
    Baseline,
    CallTrace,
    OpenGate,
    OpenModelCall,
    PendingToolCall,
    SessionState,
)

READS_MESSAGES = ("plan", "code")
"""Roles whose conversation holds what the user says."""


def evolve_call(state: SessionState, event: CallEvent, at: int) -> SessionState:
    match event:
        case ModelCallIntended():
            call = OpenModelCall(
                call_id=event.call_id,
                role=event.role,
                task_id=event.task_id,
                model=event.model,
                reserved_nano_usd=event.reserved_nano_usd or 0,
                at=at,
            )
            unread = 0 if event.role in READS_MESSAGES else state.unread_messages
            models = _answering(state, event.role, event.model, event.endpoint)
            return replace(state, model_call=call, unread_messages=unread, models=models)
        case ModelCallFinished():
            return _model_finished(state, event)
        case ModelCallFailed():
            spent = state.spent
            spent = replace(
                spent,
                steps=spent.steps + 1,
                model_calls=spent.model_calls + 1,
                nano_usd=spent.nano_usd + event.charged_nano_usd,
                milliseconds=spent.milliseconds + event.duration_ms,
                errors_in_a_row=spent.errors_in_a_row + _counts_as_error(state, event),
            )
            return replace(state, model_call=None, spent=spent)
        case ToolCallIntended(call_id=call_id, effect=effect, tree=tree, confined=confined):
            calls = tuple(
                replace(call, effect=effect, tree=tree, confined=confined, at=at)
                if call.request.call_id == call_id
                else call
                for call in state.tool_calls
            )
            return replace(state, tool_calls=calls)
        case ToolCallFinished():
            return _tool_finished(state, event)
        case DriftNoticed() | ModelAwaited() | ContextCompacted():
            return state
        case ModelSwitched(role=role, model=model, endpoint=endpoint):
            return replace(state, models=_answering(state, role, model, endpoint))
        case _:
            assert_never(event)


def _counts_as_error(state: SessionState, event: ModelCallFailed) -> bool:
    """Whether the failure brings the session nearer to its limit. Without titles and summaries it goes on as well."""
    quick = state.model_call is not None and state.model_call.role == "quick"
    return not quick and event.category not in ("interrupted", "cancelled")


def _answering(state: SessionState, role: Role, model: str, endpoint: str) -> tuple[AnsweringModel, ...]:
    now = AnsweringModel(role=role, model=model, endpoint=endpoint)
    return state.models if now in state.models else (*(one for one in state.models if one.role != role), now)


def evolve_gate(state: SessionState, event: GateEvent, at: int) -> SessionState:
    match event:
        case GateIntended():
            gate = OpenGate(call_id=event.call_id, task_id=event.task_id, gate=event.gate, command=event.command, at=at)
            return replace(state, gate=gate)
        case BaselineRun(base=base, root=root, command=command, passed=passed, report=report):
            known = Baseline(base=base, root=root, command=command, passed=passed, report=report)
            return replace(state, baselines=(*state.baselines, known)[-KEPT_BASELINES:])
        case GateFinished(result=result):
            others = tuple(one for one in state.gates if one.gate != result.gate)
            spent = replace(
                state.spent,
                steps=state.spent.steps + 1,
                milliseconds=state.spent.milliseconds + result.duration_ms,
            )
            return replace(state, gate=None, gates=(*others, result), spent=spent)
        case _:
            assert_never(event)


def _model_finished(state: SessionState, event: ModelCallFinished) -> SessionState:
    call = state.model_call
    spent = state.spent
    spent = replace(
        spent,
        steps=spent.steps + 1,
        model_calls=spent.model_calls + 1,
        milliseconds=spent.milliseconds + event.duration_ms,
        nano_usd=spent.nano_usd + (event.cost_nano_usd or 0),
        unpriced_calls=spent.unpriced_calls + (event.cost_nano_usd is None),
        input_tokens=spent.input_tokens + event.usage.input_tokens,
        output_tokens=spent.output_tokens + event.usage.output_tokens,
        cached_tokens=spent.cached_tokens + event.usage.cached_tokens,
    )
    if call is not None and call.role == "quick":
        return replace(state, model_call=None, spent=spent)  # it is no turn of anybody's work
    spent = replace(spent, errors_in_a_row=0)
    pending = tuple(
        PendingToolCall(request=request, role=call.role if call else "code", task_id=call.task_id if call else None)
        for request in event.tool_calls
    )
    idle = 0 if pending else state.idle_replies + 1
    return replace(state, model_call=None, tool_calls=pending, spent=spent, idle_replies=idle)


def _tool_finished(state: SessionState, event: ToolCallFinished) -> SessionState:
    done = next(call for call in state.tool_calls if call.request.call_id == event.call_id)
    spent = replace(
        state.spent,
        steps=state.spent.steps + 1,
        tool_calls=state.spent.tool_calls + 1,
        milliseconds=state.spent.milliseconds + event.duration_ms,
    )
    trace = CallTrace(
        name=done.request.name,
        arguments=done.request.arguments.document or _fingerprint(done.request.arguments.preview),
        outcome=event.outcome,
        tree=event.tree,
    )
    return replace(
        state,
        tool_calls=tuple(call for call in state.tool_calls if call is not done),
        draft=event.tree or state.draft,
        spent=spent,
        trace=(*state.trace, trace)[-KEPT_CALLS:],
    )


def _fingerprint(arguments: str) -> str:
    return hashlib.sha256(arguments.encode("utf-8", "surrogatepass")).hexdigest()
