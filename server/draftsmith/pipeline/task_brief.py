"""What a task is, in words: for the coder who does it and for the reviewer who judges it."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.ids import TaskId
from draftsmith.domain.session.state import SessionState, TaskProgress
from draftsmith.domain.text import Text
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.difference import changes_in_words
from draftsmith.pipeline.user_words import Word

REPORT_CHARACTERS = 1_500


async def coders_task(desk: Desk, task_id: TaskId) -> str:
    """The task, the plan that it is part of, what was done before, and what the user said."""
    state = desk.log.state
    parts = [*_plan(state, task_id), *_earlier(state, task_id)]
    parts += await _said(desk, desk.transcript.said_before(task_id))
    parts += [f"# What the user changed meanwhile\n{await desk.whole(text)}" for text in _renewals(desk, task_id)]
    remarks = desk.transcript.open_remarks()
    if remarks and not _planned(state, task_id):
        parts.append("# What the last review remarked\n" + "\n".join(f"- {one.describe()}" for one in remarks))
    looked = desk.transcript.planner_read()
    if looked:
        parts.append(f"The planner has read {', '.join(looked)}; what it read is not repeated here.")
    parts.append("# Your task\n" + _task(state, task_id, "Do only this task of the plan:"))
    parts += await _files_since(desk, task_id)
    return "\n\n".join(parts)


async def reviewers_task(desk: Desk, task_id: TaskId) -> str:
    """The task as it was given to the author."""
    state = desk.log.state
    said = await _said(desk, desk.transcript.said_until_report(task_id))
    summary = state.plan.summary if state.plan is not None and _planned(state, task_id) else ""
    plan = [f"# The plan that it is part of\n{summary}"] if summary else []
    return "\n\n".join([*plan, *said, "# The task that was given\n" + _task(state, task_id, "One task of a plan:")])


def _planned(state: SessionState, task_id: TaskId) -> bool:
    return state.plan is not None and task_id in {one.task_id for one in state.plan.tasks}


def _plan(state: SessionState, task_id: TaskId) -> list[str]:
    if state.plan is None or not _planned(state, task_id):
        return []
    status = {one.task.task_id: one.status for one in state.tasks}
    lines = [state.plan.summary] if state.plan.summary else []
    for task in state.plan.tasks:
        now = "this task" if task.task_id == task_id else status.get(task.task_id, "pending")
        lines.append(f"- {task.task_id}: {task.title} ({now})")
    lines += (f"Risk: {risk}" for risk in state.plan.risks)
    heading = "# The plan, as the user edited it" if state.plan_edited else "# The plan"
    return [f"{heading}\n" + "\n".join(lines)]


def _earlier(state: SessionState, task_id: TaskId) -> list[str]:
    """What was done before this task, as its coders reported it."""
    lines: list[str] = []
    for progress in _before(state, task_id):
        said = progress.report if progress.status == "done" else progress.reason
        lines.append(f"- {progress.task.title}: {progress.status}. {said[:REPORT_CHARACTERS]}".rstrip(". ") + ".")
    return ["# What was done before in this session\n" + "\n".join(lines)] if lines else []


async def _files_since(desk: Desk, task_id: TaskId) -> list[str]:
    """What the listing of files lacks, which is of the session's beginning, or of its round's."""
    state, begun = desk.log.state, desk.transcript.tree_at_start(task_id)
    if state.base is None or begun is None:
        return []
    changes = await changes_in_words(desk.store, state.base, begun, [root.name for root in state.roots])
    return [f"Earlier work of this session has changed the files listed above; {changes}"] if changes else []


def _before(state: SessionState, task_id: TaskId) -> Sequence[TaskProgress]:
    names = [one.task.task_id for one in state.tasks]
    return state.tasks[: names.index(task_id)] if task_id in names else ()


def _renewals(desk: Desk, task_id: TaskId) -> Sequence[Text]:
    return desk.transcript.renewed_before(task_id)


async def _said(desk: Desk, words: Sequence[Word]) -> list[str]:
    """Each of the user's words with the question that it answers."""
    lines = [f"- {await _word(desk, word)}" for word in words]
    if len(lines) > 1:
        lines[-1] = f"{lines[-1]} (the newest; it counts where they differ)"
    return ["# What the user said since the request\n" + "\n".join(lines)] if lines else []


async def _word(desk: Desk, word: Word) -> str:
    said = await desk.whole(word.text) or word.answer
    if not word.question.length:
        return f"{word.about}{said}"
    return f"Asked {await desk.whole(word.question)!r}, they said: {said}"


def _task(state: SessionState, task_id: TaskId, heading: str) -> str:
    if not _planned(state, task_id):
        began = bool(_before(state, task_id))
        return "Do what the user wants now." if began else "Carry out the request."
    task = next(one for one in state.tasks if one.task.task_id == task_id).task
    lines = [f"{heading} {task.title}"]
    if task.description:
        lines.append(task.description)
    if task.checks:
        lines.append("It is done when:\n" + "\n".join(f"- {check}" for check in task.checks))
    if task.files:
        lines.append(f"Files that are likely touched: {', '.join(task.files)}")
    return "\n\n".join(lines)
