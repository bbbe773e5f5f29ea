"""Steps as clients see them: model calls, tool calls, gate runs and notes, in the order they began."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.session.events import (
    BaseRenewed,
    ContextCompacted,
    CritiqueFinished,
    DraftRestored,
    DriftNoticed,
    EnvironmentFinished,
    EnvironmentIntended,
    GateFinished,
    GateIntended,
    MessageReceived,
    ModelAwaited,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    ModelSwitched,
    PlanEdited,
    PlanRejected,
    RepairBegun,
    SessionCancelled,
    SessionEvent,
    SessionResumed,
    SessionStopped,
    SessionTakenUp,
    StallNoticed,
    ToolCallFinished,
    ToolCallIntended,
    WorkEstimated,
)
from draftsmith.domain.session.state import PendingToolCall, SessionState
from draftsmith.domain.text import count
from draftsmith.protocol.entities import StepEntity

Find = Callable[[str], StepEntity | None]
State = Literal["running", "ok", "failed", "cancelled"]

ROLE_TITLES = {"plan": "Planning", "code": "Coding", "critique": "Reviewing", "quick": "Summing up"}


def changed(find: Find, before: SessionState, envelope: Envelope[SessionEvent]) -> Iterator[StepEntity]:
    """Steps that the event began or ended."""
    match envelope.event:
        case ModelCallIntended() as event:
            step = _new(envelope, event.call_id, "model", ROLE_TITLES[event.role], event.task_id, role=event.role)
            yield step.model_copy(update={"model": event.model, "endpoint": event.endpoint, "why": event.reason})
        case ModelCallFinished() as event:
            yield from _model_finished(find, event, envelope.version)
        case ModelCallFailed() as event:
            yield from _model_failed(find, event, envelope.version)
        case ToolCallIntended(call_id=call_id):
            call = _pending(before, call_id)
            yield _tool_step(envelope, call, "running")
        case ToolCallFinished() as event:
            yield _tool_finished(find, before, event, envelope)
        case EnvironmentIntended() as event:
            step = _new(envelope, event.call_id, "tool", f"Packages: {event.name}", None)
            yield step.model_copy(update={"tool": "prepare_environment", "arguments": event.command})
        case EnvironmentFinished() as event:
            yield from _environment_finished(find, event, envelope.version)
        case GateIntended() as event:
            step = _new(envelope, event.call_id, "gate", f"Gate: {event.gate}", event.task_id)
            yield step.model_copy(update={"arguments": event.command})
        case GateFinished() as event:
            yield from _gate_finished(find, event, envelope.version)
        case event:
            yield from _note(event, envelope)


def _new(
    envelope: Envelope[SessionEvent],
    step_id: str,
    step: Literal["model", "tool", "gate", "note"],
    title: str,
    task_id: str | None,
    *,
    role: str = "",
    state: State = "running",
    text: str = "",
) -> StepEntity:
    return StepEntity(
        id=step_id,
        version=envelope.version,
        ordinal=envelope.version,
        step=step,
        state=state,
        task_id=task_id,
        title=title,
        role=role,
        text=text,
        length=len(text),
        at=envelope.at,
    )


def _model_finished(find: Find, event: ModelCallFinished, version: int) -> Iterator[StepEntity]:
    step = find(event.call_id)
    if step is not None:
        yield step.model_copy(
            update={
                "version": version,
                "state": "ok",
                "text": event.text.preview,
                "document": event.text.document,
                "length": event.text.length,
                "reasoning": event.reasoning.preview,
                "cost_nano_usd": event.cost_nano_usd,
                "duration_ms": event.duration_ms,
                "outcome": event.stop_reason,
            }
        )


def _model_failed(find: Find, event: ModelCallFailed, version: int) -> Iterator[StepEntity]:
    step = find(event.call_id)
    if step is not None:
        yield step.model_copy(
            update={
                "version": version,
                "state": "cancelled" if event.category == "cancelled" else "failed",
                "text": event.message,
                "length": len(event.message),
                "cost_nano_usd": event.charged_nano_usd,
                "duration_ms": event.duration_ms,
                "outcome": event.category,
            }
        )


def _pending(state: SessionState, call_id: str) -> PendingToolCall:
    return next(call for call in state.tool_calls if call.request.call_id == call_id)


def _tool_step(envelope: Envelope[SessionEvent], call: PendingToolCall, state: State) -> StepEntity:
    step = _new(envelope, call.request.call_id, "tool", call.request.name, call.task_id, state=state, role=call.role)
    return step.model_copy(
        update={
            "tool": call.request.name,
            "arguments": call.request.arguments.preview,
            "arguments_document": call.request.arguments.document,
        }
    )


def _tool_finished(
    find: Find, before: SessionState, event: ToolCallFinished, envelope: Envelope[SessionEvent]
) -> StepEntity:
    step = find(event.call_id) or _tool_step(envelope, _pending(before, event.call_id), "running")
    return step.model_copy(
        update={
            "version": envelope.version,
            "state": "ok" if event.outcome == "ok" else "cancelled" if event.outcome == "interrupted" else "failed",
            "title": event.title,
            "outcome": event.outcome,
            "text": event.text.preview,
            "document": event.text.document,
            "length": event.text.length,
            "touched": event.touched,
            "duration_ms": event.duration_ms,
            "usage": event.used.describe() if event.used is not None else "",
        }
    )


def _environment_finished(find: Find, event: EnvironmentFinished, version: int) -> Iterator[StepEntity]:
    step = find(event.call_id)
    if step is not None:
        text = event.text.preview or event.reason
        ended: State = "cancelled" if event.outcome == "interrupted" else "failed"
        yield step.model_copy(
            update={
                "version": version,
                "state": "ok" if event.outcome in ("made", "found", "skipped") else ended,
                "title": f"{step.title}: {event.reason}",
                "outcome": event.outcome,
                "text": text,
                "document": event.text.document,
                "length": event.text.length or len(text),
                "duration_ms": event.duration_ms,
                "usage": event.used.describe() if event.used is not None else "",
            }
        )


def _gate_finished(find: Find, event: GateFinished, version: int) -> Iterator[StepEntity]:
    step = find(event.call_id)
    if step is not None:
        result = event.result
        yield step.model_copy(
            update={
                "version": version,
                "state": "failed" if result.verdict == "failed" else "ok",
                "outcome": result.verdict,
                "title": f"Gate {result.gate}: {result.verdict.replace('_', ' ')}",
                "text": result.evidence.preview or result.reason,
                "document": result.evidence.document,
                "length": result.evidence.length or len(result.reason),
                "duration_ms": result.duration_ms,
                "usage": event.used.describe() if event.used is not None else "",
            }
        )


def _note(event: SessionEvent, envelope: Envelope[SessionEvent]) -> Iterator[StepEntity]:
    said = _words(event)
    if said is not None:
        title, text, task_id = said
        yield _new(envelope, envelope.event_id, "note", title, task_id, state="ok", text=text)


def _words(event: SessionEvent) -> tuple[str, str, str | None] | None:
    """Title, text and task of the events that are told as a note."""
    match event:
        case SessionTakenUp():
            return _runners_words(event)
        case MessageReceived(text=text):
            return ("You said", text.preview, None)
        case PlanRejected() | PlanEdited() | BaseRenewed():
            return _users_words(event)
        case CritiqueFinished(approved=approved, summary=summary, task_id=task_id):
            return ("Review: approved" if approved else "Review: changes wanted", summary, task_id)
        case RepairBegun(reason=reason, task_id=task_id):
            return ("Repairing", reason, task_id)
        case StallNoticed(description=description, task_id=task_id):
            return ("No progress", description, task_id)
        case DraftRestored(reason=reason):
            return ("Draft restored", reason, None)
        case ModelSwitched() | ModelAwaited() | DriftNoticed() | ContextCompacted() | WorkEstimated():
            return _models_words(event)
        case SessionStopped(reason=reason, way_on=way_on):
            return ("Stopped", f"{reason} {way_on}".strip(), None)
        case SessionCancelled():
            return ("Cancelled", "", None)
        case SessionResumed():
            return ("Resumed", "", None)
        case _:
            return None


def _runners_words(event: SessionTakenUp) -> tuple[str, str, str | None] | None:
    """That another runner goes on, and what commands run in where that is not the usual sandbox."""
    where = {"unconfined": "Commands run unconfined", "": "Commands cannot run"}.get(
        event.sandbox, f"Commands run in {event.sandbox.capitalize()}"
    )
    if event.fence == 1:
        return (where, event.sandbox_reason, None) if event.sandbox_reason else None
    told = f" {where}: {event.sandbox_reason}" if event.sandbox_reason else ""
    return ("Taken up again", f"A runner goes on where the last one ended.{told}", None)


def _models_words(
    event: ModelSwitched | ModelAwaited | DriftNoticed | ContextCompacted | WorkEstimated,
) -> tuple[str, str, str | None]:
    """Which model answers from now on, that none can for a while, what is likely to be spent, or that a recording no
    longer fits."""
    match event:
        case WorkEstimated():
            return ("Estimate", event.describe(), None)
        case DriftNoticed(recorded=recorded, seen=seen):
            return ("The recording drifted", f"Recorded: {recorded}. Now: {seen}.", None)
        case ModelSwitched(model=model, endpoint=endpoint, instead_of=instead_of, reason=reason):
            return ("Another model answers", f"{model} ({endpoint}) instead of {instead_of}: {reason}.", None)
        case ContextCompacted(task_id=task_id, before_tokens=before, after_tokens=after, digest=digest):
            how = "summed up by a model" if digest.length else "told in short"
            words = f"From {before:,} to {after:,} tokens: old talk and outputs are {how}; nothing is lost."
            return ("Conversation shortened", words, task_id)
        case ModelAwaited(reason=reason, wait_ms=wait_ms):
            return ("Waiting for a model", f"{reason}; the first is free in about {wait_ms / 1000:.0f} s.", None)


def _users_words(event: PlanRejected | PlanEdited | BaseRenewed) -> tuple[str, str, str | None] | None:
    """What the user did to the plan or, meanwhile, to the workspace."""
    match event:
        case BaseRenewed(report=report):
            return ("Your changes were taken in", report.preview, None) if report.length else None
        case PlanRejected(feedback=feedback):
            return ("Plan rejected", feedback.preview, None)
        case PlanEdited(plan=plan):
            return ("Plan edited", f"The plan is yours now: {count(len(plan.tasks), 'task')}.", None)
