"""The plan in words: as it is told when it is new, and as the text that is edited before it is approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.watching.lines import Line, prose_lines
from draftsmith.client.messages import SessionEntity, TaskEntity
from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, Task
from draftsmith.domain.plan_text import write_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.client.held import HeldSession


def waits_for_approval(held: HeldSession) -> bool:
    """Whether a plan is proposed about which the user is asked: small ones and sessions with full autonomy are not."""
    proposed = [task for task in held.of("task", TaskEntity) if task["status"] == "proposed"]
    session = _session(held)
    return len(proposed) > 1 and session is not None and session["autonomy"] != "auto"


def plan_told(
    held: HeldSession, tasks: Sequence[TaskEntity], numbers: dict[str, int], *, revised: bool = False
) -> list[Line]:
    """The plan with its summary, of a revised one what is new; tasks in detail only when they are to be approved."""
    session = _session(held)
    whole = waits_for_approval(held)
    head = "Plan revised" if revised else "Plan"
    title = f"{head}: {one_line(session['title'])}" if session else head
    lines = [Line(mark="", text=""), Line(mark="", text=title, tone="head")]
    if session and session["plan_summary"] and not revised:
        lines += [*prose_lines(session["plan_summary"], indent="  "), Line(mark="", text="")]
    for task in tasks:
        lines.append(Line(mark="", text=f"  {_numbered(task, numbers)}"))
        if whole:
            lines += [Line(mark="", text=f"     {text}", tone="quiet") for text in _particulars(task)]
    if session and session["plan_risks"] and not revised:
        risks = "; ".join(one_line(risk) for risk in session["plan_risks"])
        lines.append(Line(mark="", text=f"  Risks: {risks}", tone="quiet"))
    return [*lines, Line(mark="", text="")]


def plan_text(held: HeldSession) -> str:
    """The plan that waits for approval in the form in which it is edited; empty when none does."""
    tasks = [task for task in held.of("task", TaskEntity) if task["status"] == "proposed"]
    if not tasks:
        return ""
    session = _session(held)
    plan = Plan(
        tasks=tuple(_task(task) for task in tasks),
        summary=clean(session["plan_summary"]) if session else "",
        risks=tuple(clean(risk) for risk in session["plan_risks"]) if session else (),
    )
    return write_plan(clean(session["title"]) if session else "", plan)


def _task(task: TaskEntity) -> Task:
    return Task(
        task_id=TaskId(task["id"]),
        title=clean(task["title"]),
        description=clean(task["description"]),
        depends_on=tuple(TaskId(one) for one in task["depends_on"]),
        checks=tuple(clean(check) for check in task["checks"]),
        files=tuple(clean(name) for name in task["files"]),
    )


def _numbered(task: TaskEntity, numbers: dict[str, int]) -> str:
    after = [str(numbers[one]) for one in task["depends_on"] if one in numbers]
    return f"{numbers[task['id']]}. {one_line(task['title'])}" + (f" (after {', '.join(after)})" if after else "")


def _particulars(task: TaskEntity) -> list[str]:
    parts = clean(task["description"]).strip().splitlines()
    if task["files"]:
        parts.append(f"files: {', '.join(one_line(name) for name in task['files'])}")
    return parts + [f"check: {one_line(check, 400)}" for check in task["checks"]]


def _session(held: HeldSession) -> SessionEntity | None:
    return next(iter(held.of("session", SessionEntity)), None)
