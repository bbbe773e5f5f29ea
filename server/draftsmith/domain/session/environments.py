"""When an environment may be made, and what its making changes in the state."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from draftsmith.domain.session.events import EnvironmentEvent, EnvironmentFinished, EnvironmentIntended
from draftsmith.domain.session.readiness import working
from draftsmith.domain.session.state import KEPT_ENVIRONMENTS, KnownEnvironment, OpenEnvironment, SessionState


def environment_refusal(state: SessionState, event: EnvironmentEvent) -> str | None:
    match event:
        case EnvironmentIntended():
            if reason := working(state):
                return reason
            if state.environment is not None:
                return f"The environment {state.environment.name} is being made."
            under_way = state.model_call is not None or state.tool_calls or state.gate is not None
            return "A model call, a tool call or a gate is not finished." if under_way else None
        case EnvironmentFinished(call_id=call_id):
            known = state.environment is not None and state.environment.call_id == call_id
            return None if known else f"No environment is being made by {call_id}."
        case _:
            assert_never(event)


def evolve_environment(state: SessionState, event: EnvironmentEvent, at: int) -> SessionState:
    match event:
        case EnvironmentIntended():
            made = OpenEnvironment(
                call_id=event.call_id,
                wanted=event.wanted,
                name=event.name,
                command=event.command,
                network=event.network,
                at=at,
            )
            return replace(state, environment=made)
        case EnvironmentFinished():
            return _finished(state, event)
        case _:
            assert_never(event)


def _finished(state: SessionState, event: EnvironmentFinished) -> SessionState:
    spent = replace(state.spent, steps=state.spent.steps + 1, milliseconds=state.spent.milliseconds + event.duration_ms)
    ended = replace(state, environment=None, spent=spent)
    if state.environment is None or event.outcome == "interrupted":
        return ended
    wanted = state.environment.wanted
    before = next((one for one in state.environments if one.wanted == wanted), None)
    known = KnownEnvironment(
        wanted=wanted,
        outcome=event.outcome,
        key=event.key,
        hosts=tuple(dict.fromkeys((*(before.hosts if before else ()), *event.hosts))),
        tries=(before.tries if before else 0) + 1,
    )
    others = tuple(one for one in state.environments if one.wanted != wanted)
    return replace(ended, environments=(*others, known)[-KEPT_ENVIRONMENTS:])
