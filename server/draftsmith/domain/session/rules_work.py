"""When plan and task events may happen."""

from __future__ import annotations

from typing import assert_never

from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, TaskStatus, plan_defect
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
from draftsmith.domain.session.readiness import working
from draftsmith.domain.session.state import SessionState, TaskPhase


def plan_refusal(state: SessionState, event: PlanEvent) -> str | None:
    match event:
        case WorkBegun(task_id=task_id):
            if reason := _unfinished(state):
                return reason
            known = any(task.task.task_id == task_id for task in state.tasks)
            return f"There is already a task {task_id}." if known else None
        case PlanProposed(plan=plan):
            return _unfinished(state) or plan_defect(plan) or _used_before(state, plan)
        case PlanEdited(plan=plan):
            if state.plan is None or state.plan_approved:
                return "There is no plan to edit."
            return _unfinished(state) or plan_defect(plan) or _used_before(state, plan)
        case PlanRevised(plan=plan):
            return plan_defect(plan) if state.plan_approved else "There is no approved plan to revise."
        case PlanApproved():
            none = state.plan is None or state.plan_approved
            return "There is no plan to approve." if none else _unfinished(state)
        case WorkEstimated():
            return working(state)
        case PlanRejected():
            return "There is no plan to reject." if state.plan is None or state.plan_approved else None
        case _:
            assert_never(event)


def _unfinished(state: SessionState) -> str | None:
    return None if state.active is None else f"Task {state.active} is not finished."


def _used_before(state: SessionState, plan: Plan) -> str | None:
    """Tasks that were worked on stay in the state, so that a new one needs an id of its own."""
    used = {task.task.task_id for task in state.tasks if task.status != "pending"}
    again = next((task.task_id for task in plan.tasks if task.task_id in used), None)
    return None if again is None else f"Task {again} was worked on before; give the new task another id."


def task_refusal(state: SessionState, event: TaskEvent) -> str | None:
    match event:
        case TaskStarted(task_id=task_id):
            if not state.plan_approved:
                return "The plan is not approved yet."
            return _unfinished(state) or _in_status(state, task_id, ("pending",))
        case TaskReported(task_id=task_id):
            return in_phase(state, task_id, ("coding",))
        case CritiqueFinished(task_id=task_id):
            return in_phase(state, task_id, ("gates", "critique"))
        case RepairBegun(task_id=task_id):
            return in_phase(state, task_id, ("gates", "critique", "closing"))
        case TaskFinished(task_id=task_id, outcome=outcome):
            if state.model_call is not None or state.gate is not None:
                return "A call is under way."
            return _in_status(state, task_id, ("pending",) if outcome == "skipped" else ("active",))
        case StallNoticed(task_id=task_id):
            return _in_status(state, task_id, ("active",))
        case _:
            assert_never(event)


def _in_status(state: SessionState, task_id: TaskId, allowed: tuple[TaskStatus, ...]) -> str | None:
    task = next((one for one in state.tasks if one.task.task_id == task_id), None)
    if task is None:
        return f"There is no task {task_id}."
    return None if task.status in allowed else f"Task {task_id} is {task.status}."


def in_phase(state: SessionState, task_id: TaskId, allowed: tuple[TaskPhase, ...]) -> str | None:
    task = state.active_task
    if task is None or task.task.task_id != task_id:
        return f"Task {task_id} is not the active one."
    return None if task.phase in allowed else f"Task {task_id} is in its {task.phase} phase."
