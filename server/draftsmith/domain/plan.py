"""The structured plan: tasks with dependencies and acceptance checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.ids import TaskId

MAX_TASKS = 40
TaskStatus = Literal["pending", "active", "done", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A node of the plan. `checks` are acceptance checks in words or as commands; `files` are likely touched."""

    task_id: TaskId
    title: str
    description: str = ""
    depends_on: tuple[TaskId, ...] = ()
    checks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Tasks in an order that respects their dependencies, and what may go wrong."""

    tasks: tuple[Task, ...]
    summary: str = ""
    risks: tuple[str, ...] = ()


def plan_defect(plan: Plan) -> str | None:
    """Why a plan cannot be worked on, or None. Tasks must come after what they depend on."""
    if not plan.tasks:
        return "The plan has no task."
    if len(plan.tasks) > MAX_TASKS:
        return f"The plan has {len(plan.tasks)} tasks; at most {MAX_TASKS} are allowed. Merge small ones."
    seen: set[TaskId] = set()
    for task in plan.tasks:
        if task.task_id in seen:
            return f"Two tasks have the id {task.task_id!r}."
        if not task.title.strip():
            return f"Task {task.task_id!r} has no title."
        missing = [needed for needed in task.depends_on if needed not in seen]
        if missing:
            return f"Task {task.task_id!r} depends on {missing[0]!r}, which does not come before it."
        seen.add(task.task_id)
    return None
