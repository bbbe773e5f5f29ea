"""Session, usage, tasks and decisions as clients see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from operator import attrgetter

from draftsmith.domain.decisions import Decision
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.session.events import (
    BaseTaken,
    DecisionRequested,
    DecisionTaken,
    PlanEdited,
    PlanProposed,
    PlanRejected,
    ProposalEdited,
    ProposalMade,
    SessionCancelled,
    SessionEvent,
    SessionFinished,
    WorkEstimated,
)
from draftsmith.domain.session.state import SessionState, TaskProgress
from draftsmith.hub.projection.names import shown
from draftsmith.protocol.entities import (
    AnyEntity,
    DecisionEntity,
    EntityKind,
    EstimateInfo,
    RootFolder,
    SessionEntity,
    StoppedReason,
    TaskEntity,
    UsageEntity,
)

Held = Mapping[tuple[EntityKind, str], AnyEntity]

NOT_THE_SESSIONS = frozenset(
    {"version", "updated_at", "model_call", "tool_calls", "gate", "spent", "trace", "idle_replies", "unread_messages"}
)
"""Of the state: what is shown by other entities, or by none. Steps change little else."""
_shown_of = attrgetter(*(field.name for field in fields_of(SessionState) if field.name not in NOT_THE_SESSIONS))
_SAYS_MORE = (BaseTaken, ProposalMade, ProposalEdited, SessionFinished, WorkEstimated)
"""Events of which the session shows what the state does not hold."""


def changed(
    held: Held, before: SessionState, after: SessionState, envelope: Envelope[SessionEvent]
) -> Iterator[AnyEntity]:
    """Overview entities that the event changed."""
    yield from _session_changed(held, before, after, envelope)
    if before.spent != after.spent or before.limits != after.limits or before.model_call != after.model_call:
        yield _usage(after)
    yield from _tasks(before, after, envelope)
    yield from _decisions(held, before, after, envelope)


def _session_changed(
    held: Held, before: SessionState, after: SessionState, envelope: Envelope[SessionEvent]
) -> Iterator[SessionEntity]:
    old = held.get(("session", after.session_id))
    if old is not None and not isinstance(envelope.event, _SAYS_MORE) and _shown_of(before) == _shown_of(after):
        return
    session = _session(held, after, envelope)
    if old is None or old.model_copy(update={"version": 0, "updated_at": 0}) != session.model_copy(
        update={"version": 0, "updated_at": 0}
    ):
        yield session


def _session(held: Held, state: SessionState, envelope: Envelope[SessionEvent]) -> SessionEntity:
    old = held.get(("session", state.session_id))
    event = envelope.event
    fields = {} if not isinstance(old, SessionEntity) else old.model_dump()
    fields |= {
        "id": state.session_id,
        "version": envelope.version,
        "workspace_id": state.workspace_id,
        "roots": tuple(RootFolder(name=root.name, path=shown(root.path)) for root in state.roots),
        "title": state.title,
        "request": state.request.preview,
        "status": state.status,
        "applying": state.apply is not None or state.applies_itself,
        "autonomy": state.autonomy,
        "model": state.model,
        "recorded": state.recording is not None,
        "forked_from": state.forked_from,
        "images": tuple(one.name for one in state.images),
        "created_at": state.created_at,
        "updated_at": state.updated_at,
        "base": state.base,
        "draft": state.draft,
        "plan_summary": state.plan.summary if state.plan else "",
        "plan_risks": state.plan.risks if state.plan else (),
        "stopped": None
        if state.stopped is None
        else StoppedReason(category=state.stopped.category, reason=state.stopped.reason, way_on=state.stopped.way_on),
    }
    match event:
        case BaseTaken(skipped=skipped, skipped_count=skipped_count):
            fields |= {"skipped": tuple(shown(one) for one in skipped), "skipped_count": skipped_count}
        case ProposalMade(proposal=proposal, verified=verified, unverified=unverified):
            fields |= {"summary": proposal.summary.preview, "verified": verified, "unverified": unverified}
            fields |= {"commit_message": event.commit_message.preview, "described_by": event.described_by}
        case ProposalEdited(note=note):
            fields["unverified"] = tuple(dict.fromkeys((*fields.get("unverified", ()), note)))
        case WorkEstimated():
            fields["estimate"] = EstimateInfo(
                model=event.model,
                tasks=event.tasks,
                input_tokens=event.input_tokens,
                output_tokens=event.output_tokens,
                nano_usd=event.nano_usd,
                seconds=event.seconds,
                basis=event.basis,
                recorded_tasks=event.recorded_tasks,
            )
        case SessionFinished(summary=summary):
            fields["summary"] = summary.preview
        case _:
            pass
    return SessionEntity.model_validate(fields)


def _usage(state: SessionState) -> UsageEntity:
    spent, limits = state.spent, state.limits
    return UsageEntity(
        id=state.session_id,
        version=state.version,
        steps=spent.steps,
        steps_limit=limits.steps,
        milliseconds=spent.milliseconds,
        seconds_limit=limits.seconds,
        cost_nano_usd=spent.nano_usd,
        reserved_nano_usd=state.model_call.reserved_nano_usd if state.model_call else 0,
        limit_nano_usd=limits.nano_usd,
        unpriced_calls=spent.unpriced_calls,
        model_calls=spent.model_calls,
        tool_calls=spent.tool_calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cached_tokens=spent.cached_tokens,
    )


def _tasks(before: SessionState, after: SessionState, envelope: Envelope[SessionEvent]) -> Iterator[TaskEntity]:
    if isinstance(envelope.event, PlanEdited) and before.plan is not None:
        for ordinal, task in enumerate(before.plan.tasks):
            skipped = TaskProgress(task=task, status="skipped", reason="You edited the plan.")
            yield _task(skipped, ordinal, envelope.version)
    if isinstance(envelope.event, PlanProposed | PlanEdited):
        for ordinal, task in enumerate(envelope.event.plan.tasks):
            yield _task(TaskProgress(task=task), ordinal, envelope.version, proposed=True)
    if isinstance(envelope.event, PlanRejected) and before.plan is not None:
        for ordinal, task in enumerate(before.plan.tasks):
            skipped = TaskProgress(task=task, status="skipped", reason="The plan was rejected.")
            yield _task(skipped, ordinal, envelope.version)
    if before.tasks is after.tasks:
        return
    old = {progress.task.task_id: progress for progress in before.tasks}
    for ordinal, progress in enumerate(after.tasks):
        if old.get(progress.task.task_id) != progress:
            yield _task(progress, ordinal, envelope.version)
    left = {progress.task.task_id for progress in after.tasks}
    for ordinal, progress in enumerate(before.tasks):
        if progress.task.task_id not in left:
            gone = TaskProgress(task=progress.task, status="skipped", reason="The plan was revised.")
            yield _task(gone, ordinal, envelope.version)


def _task(progress: TaskProgress, ordinal: int, version: int, *, proposed: bool = False) -> TaskEntity:
    task = progress.task
    return TaskEntity(
        id=task.task_id,
        version=version,
        ordinal=ordinal,
        title=task.title,
        description=task.description,
        status="proposed" if proposed else progress.status,
        phase=progress.phase,
        depends_on=task.depends_on,
        checks=task.checks,
        files=task.files,
        repairs=progress.repairs,
        report=progress.report,
        reason=progress.reason,
    )


def _decisions(
    held: Held, before: SessionState, after: SessionState, envelope: Envelope[SessionEvent]
) -> Iterator[DecisionEntity]:
    event = envelope.event
    if isinstance(event, DecisionRequested):
        yield _decision(event.decision, envelope.version)
    elif isinstance(event, DecisionTaken):
        old = held.get(("decision", event.decision_id))
        if isinstance(old, DecisionEntity):
            yield old.model_copy(
                update={
                    "version": envelope.version,
                    "state": "answered",
                    "answer": event.answer if not event.text.length else f"{event.answer}: {event.text.preview}",
                    "answered_by": envelope.actor.client,
                }
            )
    elif isinstance(event, SessionCancelled):
        for decision in before.decisions:
            old = held.get(("decision", decision.decision_id))
            if isinstance(old, DecisionEntity):
                yield old.model_copy(update={"version": envelope.version, "state": "void"})


def _decision(decision: Decision, version: int) -> DecisionEntity:
    return DecisionEntity(
        id=decision.decision_id,
        version=version,
        ordinal=version,
        subject=decision.subject,
        prompt=decision.prompt.preview,
        prompt_document=decision.prompt.document,
        options=decision.options,
        free_text=decision.free_text,
        grants=tuple(rule.describe() for rule in decision.grants),
        state="open",
    )
