"""How models did: sums by day, model, key and role, folded from a session's events.

What it cost, how quick it was, which tool calls and edits were good, which gates and tasks passed. It can be made
anew from the log at any time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

from draftsmith.domain.codec import Event
from draftsmith.domain.conversation import Role
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events import (
    CritiqueFinished,
    GateFinished,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    PlanApproved,
    PlanRejected,
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
class WorkKey:
    """`day` is an ISO date in UTC, `endpoint` the label of the key or server."""

    day: str
    model: str
    endpoint: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums. `first_token_ms` and `model_ms` are of the finished calls; `tool_ms` of tool calls and gates.

    `tasks` counts what the role was there for (tasks of a coder, plans, reviews), `good_tasks` those that went well.
    """

    calls: int = 0
    failed_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    nano_usd: int = 0
    unpriced_calls: int = 0
    model_ms: int = 0
    first_token_ms: int = 0
    tool_ms: int = 0
    tool_calls: int = 0
    invalid_tool_calls: int = 0
    gates: int = 0
    passed_gates: int = 0
    tasks: int = 0
    good_tasks: int = 0
    search_edits: int = 0
    good_search_edits: int = 0
    symbol_edits: int = 0
    good_symbol_edits: int = 0
    lines_edits: int = 0
    good_lines_edits: int = 0
    patch_edits: int = 0
    good_patch_edits: int = 0

    def edits(self, name: str) -> tuple[int, int]:
        """Tried and good edits of one format."""
        return getattr(self, f"{name}_edits"), getattr(self, f"good_{name}_edits")


FIGURES = tuple(one.name for one in fields(Figures))
NOTHING = Figures()


def added(some: Iterable[Figures]) -> Figures:
    """The sum."""
    everything = list(some)
    return Figures(**{name: sum(getattr(one, name) for one in everything) for name in FIGURES})


def less(figures: Figures, other: Figures) -> Figures:
    """The difference, never below zero."""
    return Figures(**{name: max(0, getattr(figures, name) - getattr(other, name)) for name in FIGURES})


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
            failed = Figures(calls=1, failed_calls=1, nano_usd=event.charged_nano_usd)
            return tally if key is None else _closed(_plus(tally, key, failed), event.call_id)
        case ToolCallFinished():
            return _called(tally, event)
        case GateFinished(result=result) if result.verdict in ("passed", "failed"):
            return _of_role(tally, "code", Figures(gates=1, passed_gates=int(result.verdict == "passed")), envelope.at)
        case TaskFinished(outcome=outcome) if outcome != "skipped":
            return _of_role(tally, "code", Figures(tasks=1, good_tasks=int(outcome == "done")), envelope.at)
        case PlanApproved():
            return _of_role(tally, "plan", Figures(tasks=1, good_tasks=1), envelope.at)
        case PlanRejected():
            return _of_role(tally, "plan", Figures(tasks=1), envelope.at)
        case CritiqueFinished():
            return _of_role(tally, "critique", Figures(tasks=1, good_tasks=1), envelope.at)
        case _:
            return tally


def day_of(at: int) -> str:
    """The UTC date of a time in milliseconds since 1970, as ISO 8601 has it."""
    return datetime.datetime.fromtimestamp(at / 1000, datetime.UTC).date().isoformat()


def _answered(tally: Tally, event: ModelCallFinished) -> Tally:
    key = tally.open.get(event.call_id)
    if key is None:
        return tally
    silent = key.role == "critique" and not event.tool_calls
    figures = Figures(
        calls=1,
        input_tokens=event.usage.input_tokens,
        output_tokens=event.usage.output_tokens,
        cached_tokens=event.usage.cached_tokens,
        reasoning_tokens=event.usage.reasoning_tokens,
        nano_usd=event.cost_nano_usd or 0,
        unpriced_calls=int(event.cost_nano_usd is None),
        model_ms=event.duration_ms,
        first_token_ms=event.first_token_ms,
        tasks=int(silent),  # a review that was not given
    )
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
