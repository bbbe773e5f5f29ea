"""`next_step(state, gates) -> Step`: the pipeline's course as a pure function of the session's state.

No I/O: the same log leads to the same steps, also on another runner after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.limits import struck
from draftsmith.domain.session.state import SessionState, TaskProgress
from draftsmith.pipeline import steps
from draftsmith.pipeline.stall import stall

MAX_REPAIRS = 3
"""How often gates or critique may send the coder back to one task."""

MAX_STALLS = 2
"""Stalls in one task after which it fails: the coder is told once, then stopped."""

MAX_SILENT_REPLIES = 3
"""Replies in a row without a tool call after which the role is taken to have nothing more to say."""

MAX_PLAN_REJECTIONS = 5

FOLLOW_UP = "Follow up"
"""Title of work that a message asks for; the engine puts the message's own words to it."""

BLOCKING = ("major", "critical")
"""Severities of findings that send the coder back."""


def next_step(state: SessionState, gates: Sequence[str], unprepared: Sequence[str] = ()) -> steps.Step:
    """What to do now. `gates` are the names of the gates that a task has to pass, in order; `unprepared` the
    environments that are still to be made for it."""
    if state.over or state.status == "starting":
        return steps.Done()
    if state.decisions:
        return steps.Wait()
    if state.tool_calls:
        return steps.RunTool(call=state.tool_calls[0])
    if hit := struck(state.limits, state.spent):
        return steps.StopAtLimit(struck=hit)
    task = state.active_task
    if task is not None:
        if unprepared and task.phase in ("coding", "gates") and not task.impossible:
            return steps.Prepare(wanted=unprepared[0])
        return _within_task(state, task, gates)
    return _between_tasks(state)


def _between_tasks(state: SessionState) -> steps.Step:
    if not state.tasks or (state.plan is not None and not state.plan_approved):
        return _planning(state)
    finished = {one.task.task_id for one in state.tasks if one.status == "done"}
    waiting = [one for one in state.tasks if one.status == "pending"]
    for one in waiting:
        if all(needed in finished for needed in one.task.depends_on):
            return steps.StartTask(task_id=one.task.task_id)
    if waiting:
        return steps.SkipTask(task_id=waiting[0].task.task_id, reason="A task that it depends on was not finished.")
    if state.unread_messages:
        return steps.BeginTask(title=FOLLOW_UP)
    return steps.Propose()


def _planning(state: SessionState) -> steps.Step:
    if state.plan is None:
        silent = state.idle_replies >= MAX_SILENT_REPLIES
        if silent or state.plan_rejections >= MAX_PLAN_REJECTIONS:
            return steps.BeginTask(title=state.title)
        return steps.AskModel(role="plan", task_id=None)
    if state.autonomy == "auto":
        return steps.ApprovePlan()
    return steps.AskForPlan()


def _within_task(state: SessionState, task: TaskProgress, gates: Sequence[str]) -> steps.Step:
    task_id = task.task.task_id
    match task.phase:
        case "coding":
            return _coding(state, task)
        case "gates" | "critique" if task.impossible:
            return steps.FailTask(task_id=task_id, reason=f"The coder says that it cannot be done: {task.report}")
        case "gates" | "critique":
            ran = {result.gate for result in state.gates}
            for gate in gates:
                if gate not in ran:
                    return steps.RunGate(task_id=task_id, gate=gate)
            failed = [result for result in state.gates if result.verdict == "failed"]
            if failed:
                reasons = "; ".join(f"{one.gate}: {one.reason}" for one in failed)
                return _repair_or_fail(task, f"Gates failed: {reasons}")
            if state.idle_replies >= MAX_SILENT_REPLIES:
                return steps.CloseTask(task_id=task_id)
            return steps.AskModel(role="critique", task_id=task_id)
        case "closing":
            blocking = [finding for finding in state.findings if finding.severity in BLOCKING]
            if state.critique_approved or not blocking or task.repairs >= MAX_REPAIRS:
                return steps.CloseTask(task_id=task_id)
            return steps.Repair(task_id=task_id, reason=_found(len(blocking)))


def _found(count: int) -> str:
    return "The review found a problem." if count == 1 else f"The review found {count} problems."


def _coding(state: SessionState, task: TaskProgress) -> steps.Step:
    task_id = task.task.task_id
    if state.idle_replies >= MAX_SILENT_REPLIES:
        return steps.FailTask(task_id=task_id, reason="The model stopped calling tools without finishing the task.")
    description = stall(state.trace)
    if description is not None:
        if task.stalls + 1 >= MAX_STALLS:
            return steps.FailTask(task_id=task_id, reason=f"No progress: {description}")
        return steps.NoticeStall(task_id=task_id, description=description)
    return steps.AskModel(role="code", task_id=task_id)


def _repair_or_fail(task: TaskProgress, reason: str) -> steps.Step:
    if task.repairs >= MAX_REPAIRS:
        return steps.FailTask(task_id=task.task.task_id, reason=f"{reason} (after {task.repairs} repairs)")
    return steps.Repair(task_id=task.task.task_id, reason=reason)
