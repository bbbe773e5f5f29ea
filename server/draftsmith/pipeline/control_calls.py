"""Control calls: the model steers the session by them, and nothing outside of the log changes."""

from __future__ import annotations

from typing import Protocol

from draftsmith.domain.decisions import Decision
from draftsmith.domain.gates import Finding
from draftsmith.domain.ids import DecisionId, TaskId
from draftsmith.domain.plan import Plan, Task, plan_defect
from draftsmith.domain.session.events import (
    CritiqueFinished,
    DecisionRequested,
    PlanProposed,
    PlanRevised,
    SessionEvent,
    TaskReported,
    ToolOutcome,
    WorkBegun,
)
from draftsmith.domain.session.state import PendingToolCall, SessionState
from draftsmith.domain.text import count, hold
from draftsmith.pipeline.desk import Desk
from draftsmith.tools.control import AskUser, Finish, UpdatePlan
from draftsmith.tools.judging import BeginWork, SubmitPlan, SubmitReview
from draftsmith.tools.tool import Arguments


class FinishCall(Protocol):
    """Stages the outcome of a call, with the events that follow from it."""

    def __call__(
        self,
        desk: Desk,
        pending: PendingToolCall,
        outcome: ToolOutcome,
        title: str,
        text: str,
        *,
        extra: tuple[SessionEvent, ...] = (),
        documents: tuple[bytes, ...] = (),
    ) -> None: ...


def control(desk: Desk, pending: PendingToolCall, arguments: Arguments, finish: FinishCall) -> None:
    """Acts on a control call's arguments."""
    others = [call for call in desk.log.state.tool_calls if call.request.call_id != pending.request.call_id]
    if others and not isinstance(arguments, UpdatePlan):
        finish(
            desk,
            pending,
            "mistake",
            pending.request.name,
            f"{pending.request.name} comes last in a reply, after all other calls. Call it again when you have seen"
            " their results.",
        )
        return
    match arguments:
        case BeginWork():
            _begin(desk, pending, arguments, finish)
        case SubmitPlan():
            _plan(desk, pending, arguments, finish)
        case SubmitReview():
            _review(desk, pending, arguments, finish)
        case UpdatePlan():
            _revise(desk, pending, arguments, finish)
        case AskUser():
            _ask(desk, pending, arguments, finish)
        case Finish():
            _report(desk, pending, arguments, finish)
        case _:
            raise TypeError(f"{type(arguments).__name__} is not a control call's")


def next_task_id(state: SessionState) -> TaskId:
    """An id for a task that is begun without a plan; the same log gives the same id."""
    taken = {task.task.task_id for task in state.tasks}
    number = len(state.tasks) + 1
    while f"work-{number}" in taken:
        number += 1
    return TaskId(f"work-{number}")


def _begin(desk: Desk, pending: PendingToolCall, arguments: BeginWork, finish: FinishCall) -> None:
    begun = WorkBegun(title=arguments.title, task_id=next_task_id(desk.log.state))
    finish(desk, pending, "ok", f"begin: {arguments.title}", "The work begins.", extra=(begun,))


def _plan(desk: Desk, pending: PendingToolCall, arguments: SubmitPlan, finish: FinishCall) -> None:
    plan = arguments.plan()
    taken = {task.task.task_id for task in desk.log.state.tasks}
    defect = plan_defect(plan)
    if clash := taken & {task.task_id for task in plan.tasks}:
        defect = f"Task id {min(clash)!r} was used before; choose another."
    if defect:
        finish(desk, pending, "mistake", "plan", f"{defect} Submit it again.")
        return
    proposed = PlanProposed(title=arguments.title, plan=plan)
    title = f"plan: {arguments.title} ({count(len(plan.tasks), 'task')})"
    finish(desk, pending, "ok", title, "The plan is recorded.", extra=(proposed,))


def _review(desk: Desk, pending: PendingToolCall, arguments: SubmitReview, finish: FinishCall) -> None:
    if pending.task_id is None:
        finish(desk, pending, "mistake", "review", "There is no task under review.")
        return
    done = CritiqueFinished(
        task_id=pending.task_id,
        approved=arguments.approved,
        findings=(*arguments.as_findings(), *_of_gates(desk)),
        summary=arguments.summary,
    )
    title = "review: approved" if arguments.approved else f"review: {count(len(arguments.findings), 'finding')}"
    finish(desk, pending, "ok", title, "The review is recorded.", extra=(done,))


def _of_gates(desk: Desk) -> tuple[Finding, ...]:
    """What tools remarked and no gate failed for: kept with the reviewer's own findings, so that people see it."""
    return tuple(one for result in desk.log.state.gates if result.verdict == "passed" for one in result.findings)


def _revise(desk: Desk, pending: PendingToolCall, arguments: UpdatePlan, finish: FinishCall) -> None:
    """Tasks begun or done stay; ids of theirs in the new list are taken as naming them."""
    state = desk.log.state
    kept = tuple(task.task for task in state.tasks if task.status != "pending")
    names = {task.task_id for task in kept}
    fresh: tuple[Task, ...] = tuple(task for task in arguments.plan().tasks if task.task_id not in names)
    plan = Plan(
        tasks=(*kept, *fresh),
        summary=state.plan.summary if state.plan else "",
        risks=state.plan.risks if state.plan else (),
    )
    if defect := plan_defect(plan):
        finish(desk, pending, "mistake", "revise the plan", f"{defect} Send it again.")
        return
    revised = PlanRevised(plan=plan, reason=arguments.reason)
    text = f"The plan has now {count(len(fresh), 'task')} after the ones begun or done."
    finish(desk, pending, "ok", f"revise the plan: {arguments.reason[:80]}", text, extra=(revised,))


def _ask(desk: Desk, pending: PendingToolCall, arguments: AskUser, finish: FinishCall) -> None:
    state = desk.log.state
    if state.autonomy == "auto":
        text = "The user is not there to be asked. Decide yourself, and say in your summary what you decided."
        finish(desk, pending, "ok", "ask: nobody is there", text)
        return
    decision_id = DecisionId(f"d_{pending.request.call_id}")
    answered = next((one for one in state.answered if one.decision_id == decision_id), None)
    if answered is not None:
        said = answered.text.preview or answered.answer
        finish(desk, pending, "ok", f"ask: {arguments.question[:80]}", f"The user answers: {said}")
        return
    prompt, documents = hold(arguments.question)
    decision = Decision(
        decision_id=decision_id,
        subject="question",
        prompt=prompt,
        options=arguments.options,
        free_text=True,
        call_id=pending.request.call_id,
    )
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)


def _report(desk: Desk, pending: PendingToolCall, arguments: Finish, finish: FinishCall) -> None:
    if pending.task_id is None:
        finish(desk, pending, "mistake", "finish", "There is no task to finish.")
        return
    lines = [arguments.summary]
    lines += [f"It checked: {one}" for one in arguments.verified]
    lines += [f"It did not check: {one}" for one in arguments.not_verified]
    report, documents = hold("\n".join(lines))
    impossible = arguments.outcome == "impossible"
    reported = TaskReported(task_id=pending.task_id, report=report, impossible=impossible)
    text = "Recorded: it cannot be done." if impossible else "Recorded. The gates and the reviewer look at it now."
    finish(desk, pending, "ok", f"finish: {arguments.outcome}", text, extra=(reported,), documents=documents)
