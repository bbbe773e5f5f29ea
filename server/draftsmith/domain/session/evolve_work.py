"""How plan and task events change the state."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, Task, TaskStatus
from draftsmith.domain.session.events import (
    CritiqueFinished,
    PlanApproved,
    PlanEdited,
    PlanEvent,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RepairBegun,
    StallNoticed,
    TaskEvent,
    TaskFinished,
    TaskReported,
    TaskStarted,
    WorkBegun,
    WorkEstimated,
)
from draftsmith.domain.session.state import KEPT, SessionState, TaskProgress

ENDED: frozenset[TaskStatus] = frozenset({"done", "failed", "skipped"})


def evolve_plan(state: SessionState, event: PlanEvent) -> SessionState:
    match event:
        case WorkBegun(title=title, task_id=task_id):
            task = TaskProgress(task=Task(task_id=task_id, title=title))
            first_title = state.title if state.tasks else title
            tasks = _remembered((*state.tasks, task), state.plan)
            return replace(state, title=first_title, tasks=tasks, plan_approved=True)
        case PlanProposed(title=title, plan=plan):
            return replace(state, title=title, plan=plan, plan_approved=False, plan_edited=False, idle_replies=0)
        case PlanEdited(title=title, plan=plan):
            return replace(state, title=title, plan=plan, plan_edited=True)
        case PlanApproved():
            fresh = () if state.plan is None else _progress(state.plan)
            return replace(state, plan_approved=True, tasks=_remembered((*_settled(state), *fresh), state.plan))
        case WorkEstimated():
            return state
        case PlanRejected():
            return replace(state, plan=None, plan_rejections=state.plan_rejections + 1, idle_replies=0)
        case PlanRevised(plan=plan):
            kept = tuple(task for task in state.tasks if task.status != "pending")
            names = {task.task.task_id for task in kept}
            new = tuple(task for task in _progress(plan) if task.task.task_id not in names)
            return replace(state, plan=plan, tasks=_remembered((*kept, *new), plan))
        case _:
            assert_never(event)


def evolve_task(state: SessionState, event: TaskEvent) -> SessionState:
    match event:
        case TaskStarted(task_id=task_id):
            fresh = replace(
                state, active=task_id, gates=(), findings=(), critique_approved=None, trace=(), idle_replies=0
            )
            return change_task(fresh, task_id, status="active", phase="coding")
        case TaskReported(task_id=task_id, report=report, impossible=impossible):
            return change_task(
                replace(state, gates=(), critique_approved=None, idle_replies=0),
                task_id,
                phase="gates",
                report=report.preview,
                impossible=impossible,
            )
        case CritiqueFinished(task_id=task_id, approved=approved, findings=findings):
            judged = replace(state, findings=findings, critique_approved=approved, idle_replies=0)
            return change_task(judged, task_id, phase="closing")
        case RepairBegun(task_id=task_id):
            repairs = next(task.repairs for task in state.tasks if task.task.task_id == task_id)
            cleared = replace(state, trace=(), idle_replies=0)
            return change_task(cleared, task_id, phase="coding", repairs=repairs + 1)
        case TaskFinished(task_id=task_id, outcome=outcome, reason=reason):
            closed = replace(state, active=None if state.active == task_id else state.active)
            return change_task(closed, task_id, status=outcome, reason=reason)
        case StallNoticed(task_id=task_id):
            stalls = next(task.stalls for task in state.tasks if task.task.task_id == task_id)
            return change_task(replace(state, trace=(), idle_replies=0), task_id, stalls=stalls + 1)
        case _:
            assert_never(event)


def change_task(state: SessionState, task_id: TaskId, **changes: object) -> SessionState:
    """The state with some fields of one task replaced."""
    tasks = tuple(
        replace(task, **changes) if task.task.task_id == task_id else task  # pyright: ignore[reportArgumentType] (field names are literal at every call)
        for task in state.tasks
    )
    return replace(state, tasks=tasks)


def _progress(plan: Plan) -> tuple[TaskProgress, ...]:
    return tuple(TaskProgress(task=task) for task in plan.tasks)


def _settled(state: SessionState) -> tuple[TaskProgress, ...]:
    """Tasks of an earlier round that stay as they ended."""
    return tuple(task for task in state.tasks if task.status in ENDED)


def _remembered(tasks: tuple[TaskProgress, ...], plan: Plan | None) -> tuple[TaskProgress, ...]:
    """Every task of the plan and every one that has not ended; of the others the last KEPT."""
    current = {task.task_id for task in plan.tasks} if plan else set[TaskId]()
    old = [task.task.task_id for task in tasks if task.status in ENDED and task.task.task_id not in current]
    forgotten = set(old[:-KEPT])
    return tuple(task for task in tasks if task.task.task_id not in forgotten)
