"""How models did: sums by day, model, key and role, folded from a session's events.

What it cost, how quick it was, which tool calls and edits were good, which gates and tasks passed. It can be made
anew from the log at any time.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from draftsmith.domain.codec import Event
from draftsmith.domain.conversation import Role
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.figures import NOTHING, Figures, WorkKey, added
from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events import (
    ContextCompacted,
    CritiqueFinished,
    GateFinished,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    PlanApproved,
    PlanRejected,
    ProposalMade,
    SessionStarted,
    TaskFinished,
    ToolCallFinished,
)

FORMAT_OF: Mapping[str, str] = MappingProxyType(
    {"edit": "search", "replace_symbol": "symbol", "edit_lines": "lines", "apply_patch": "patch"}
)
"""Tools that edit, and the edit format of each."""

INVALID_CODES = frozenset({"unknown_tool", "malformed_arguments"})
"""What is wrong with a tool call that could not even be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The figures of one session so far, and what the next events are about. `recorded`: it plays a recording, which
    says nothing of a model."""

    figures: Mapping[WorkKey, Figures] = field(default_factory=lambda: MappingProxyType({}))
    open: Mapping[CallId, WorkKey] = field(default_factory=lambda: MappingProxyType({}))
    """Model and tool calls under way."""
    tools: Mapping[CallId, str] = field(default_factory=lambda: MappingProxyType({}))
    last: Mapping[Role, WorkKey] = field(default_factory=lambda: MappingProxyType({}))
    """Who answered for each role last."""
    recorded: bool = False


def evolve_tally(tally: Tally, envelope: Envelope[Event]) -> Tally:
    """The tally after one event of the session."""
    event = envelope.event
    match event:
        case SessionStarted(recording=recording):
            return replace(tally, recorded=recording is not None)
        case _ if tally.recorded:
            return tally
        case ModelCallIntended():
            key = WorkKey(day=day_of(envelope.at), model=event.model, endpoint=event.endpoint, role=event.role)
            return replace(
                tally,
                open=MappingProxyType({event.call_id: key}),  # calls before it have ended, or never will
                tools=MappingProxyType({}),
                last=MappingProxyType({**tally.last, event.role: key}),
            )
        case ModelCallFinished():
            return _answered(tally, event)
        case ModelCallFailed():
            key = tally.open.get(event.call_id)
            return tally if key is None else _closed(_plus(tally, key, of_call(event)), event.call_id)
        case ToolCallFinished():
            return _called(tally, event)
        case _:
            return _judged(tally, event, envelope.at)


def _judged(tally: Tally, event: Event, at: int) -> Tally:
    """Events that tell what became of a role's work."""
    match event:
        case GateFinished(result=result) if result.verdict in ("passed", "failed"):
            return _of_role(tally, "code", Figures(gates=1, passed_gates=int(result.verdict == "passed")), at)
        case TaskFinished(outcome=outcome) if outcome != "skipped":
            return _of_role(tally, "code", Figures(tasks=1, good_tasks=int(outcome == "done")), at)
        case PlanApproved():
            return _of_role(tally, "plan", Figures(tasks=1, good_tasks=1), at)
        case PlanRejected():
            return _of_role(tally, "plan", Figures(tasks=1), at)
        case CritiqueFinished():
            return _of_role(tally, "critique", Figures(tasks=1, good_tasks=1), at)
        case ContextCompacted(digest=digest) if digest.length:
            return _of_role(tally, "quick", Figures(good_tasks=1), at)
        case ProposalMade(described_by=model) if model:
            return _of_role(tally, "quick", Figures(good_tasks=1), at)
        case _:
            return tally


def of_call(event: ModelCallFinished | ModelCallFailed) -> Figures:
    """What one call took, however it ended."""
    if isinstance(event, ModelCallFailed):
        return Figures(calls=1, failed_calls=1, nano_usd=event.charged_nano_usd)
    return Figures(
        calls=1,
        input_tokens=event.usage.input_tokens,
        output_tokens=event.usage.output_tokens,
        cached_tokens=event.usage.cached_tokens,
        reasoning_tokens=event.usage.reasoning_tokens,
        nano_usd=event.cost_nano_usd or 0,
        unpriced_calls=int(event.cost_nano_usd is None),
        model_ms=event.duration_ms,
        first_token_ms=event.first_token_ms,
    )


def day_of(at: int) -> str:
    """The UTC date of a time in milliseconds since 1970, as ISO 8601 has it."""
    return datetime.datetime.fromtimestamp(at / 1000, datetime.UTC).date().isoformat()


def _answered(tally: Tally, event: ModelCallFinished) -> Tally:
    key = tally.open.get(event.call_id)
    if key is None:
        return tally
    silent = key.role == "critique" and not event.tool_calls
    short = key.role == "quick"  # each is a task of its own; what could be used is told by the event that holds it
    figures = replace(of_call(event), tasks=int(silent or short))  # a review that was not given
    closed = _closed(_plus(tally, key, figures), event.call_id)
    asked = {call.call_id: call.name for call in event.tool_calls}
    return replace(
        closed,
        open=MappingProxyType({**closed.open, **dict.fromkeys(asked, key)}),
        tools=MappingProxyType({**closed.tools, **asked}),
    )


def _called(tally: Tally, event: ToolCallFinished) -> Tally:
    key = tally.open.get(event.call_id)
    if key is None:
        return tally
    invalid = event.code in INVALID_CODES
    named = FORMAT_OF.get(tally.tools.get(event.call_id, ""))
    sums = {"tool_calls": 1, "invalid_tool_calls": int(invalid), "tool_ms": event.duration_ms}
    if named is not None and event.outcome in ("ok", "mistake"):
        sums |= {f"{named}_edits": 1, f"good_{named}_edits": int(event.outcome == "ok")}
    return _closed(_plus(tally, key, Figures(**sums)), event.call_id)


def _of_role(tally: Tally, role: Role, figures: Figures, at: int) -> Tally:
    """What became of the work of whoever answered for the role last."""
    key = tally.last.get(role)
    return tally if key is None else _plus(tally, replace(key, day=day_of(at)), figures)


def _plus(tally: Tally, key: WorkKey, figures: Figures) -> Tally:
    sums = added((tally.figures.get(key, NOTHING), figures))
    return replace(tally, figures=MappingProxyType({**tally.figures, key: sums}))


def _closed(tally: Tally, call_id: CallId) -> Tally:
    return replace(
        tally,
        open=MappingProxyType({other: key for other, key in tally.open.items() if other != call_id}),
        tools=MappingProxyType({other: name for other, name in tally.tools.items() if other != call_id}),
    )
