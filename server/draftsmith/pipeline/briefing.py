"""The first messages of each role's conversation, from the log and the base: the same at every call.

What a workspace says (names, rules files, differences) is quoted as information.
"""

from __future__ import annotations

from draftsmith.domain.conversation import Message, Role, SystemMessage, UserMessage
from draftsmith.domain.ids import TaskId
from draftsmith.domain.session.state import SessionState, TaskProgress
from draftsmith.domain.text import Text
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.difference import unified_difference
from draftsmith.pipeline.facts import ProjectFacts
from draftsmith.pipeline.prompts import instructions

EVIDENCE_CHARACTERS = 4_000
DIFFERENCE_CHARACTERS = 60_000


async def opening(desk: Desk, role: Role, task_id: TaskId | None) -> list[Message]:
    """System message and first user message of a role's conversation about a task."""
    state = desk.log.state
    parts = [_workspace(state, desk.facts), f"# The request\n{await whole(desk, state.request)}"]
    if role == "code" and task_id is not None:
        parts.append(await _task(desk, state, task_id))
    if role == "critique" and task_id is not None:
        parts.append(await _task(desk, state, task_id))
        parts.append(await _evidence(desk, state, task_id))
    return [SystemMessage(text=instructions(role)), UserMessage(text="\n\n".join(parts))]


async def whole(desk: Desk, text: Text) -> str:
    """The text itself, read from the documents when it is long."""
    if text.document is None:
        return text.preview
    return (await desk.log.document(text.document)).decode("utf-8", "replace")


def _workspace(state: SessionState, facts: ProjectFacts) -> str:
    folders = "\n".join(f"- {root.name}: {root.path}" for root in state.roots)
    lines = [f"# The workspace\nFolders:\n{folders}"]
    if facts.languages:
        lines.append(f"Languages: {', '.join(facts.languages)}")
    lines += (f"The project's {check.gate}: `{check.command}` (found in {check.source})" for check in facts.checks)
    if not any(check.gate == "tests" for check in facts.checks):
        lines.append("No test command was found in the project's files.")
    shown = "\n".join(facts.files)
    lines.append(f"Its {facts.file_count} files (folders with counts when there are many):\n{shown}")
    lines += (f"Rules file {rules.path} says:\n<<<\n{rules.text}\n>>>" for rules in facts.rules)
    return "\n\n".join(lines)


async def _task(desk: Desk, state: SessionState, task_id: TaskId) -> str:
    said = "\n".join([await whole(desk, text) for text in desk.transcript.unheard_before(task_id)])
    progress = next(one for one in state.tasks if one.task.task_id == task_id)
    task = progress.task
    if state.plan is None or task_id not in {one.task_id for one in state.plan.tasks}:
        if said and any(one.status == "done" for one in _before(state, task_id)):
            return f"# Your task\nThe request has been worked on before. The user wants more now:\n{said}"
        return "# Your task\nCarry out the request." + (f" The user added:\n{said}" if said else "")
    lines = [f"# Your task\nThe request is worked on by a plan. Do only this task of it:\n{task.title}"]
    if task.description:
        lines.append(task.description)
    if task.checks:
        lines.append("It is done when:\n" + "\n".join(f"- {check}" for check in task.checks))
    if task.files:
        lines.append(f"Files that are likely touched: {', '.join(task.files)}")
    others = [f"- {one.task.title}: {one.status}" for one in _before(state, task_id)]
    if others:
        lines.append("Tasks before it:\n" + "\n".join(others))
    if said:
        lines.append(f"The user said meanwhile:\n{said}")
    return "\n\n".join(lines)


def _before(state: SessionState, task_id: TaskId) -> tuple[TaskProgress, ...]:
    names = [one.task.task_id for one in state.tasks]
    return state.tasks[: names.index(task_id)]


async def _evidence(desk: Desk, state: SessionState, task_id: TaskId) -> str:
    """What the reviewer judges: the difference and what the gates found."""
    progress = next(one for one in state.tasks if one.task.task_id == task_id)
    lines = [f"# What the author says\n{progress.report}"] if progress.report else []
    gates: list[str] = []
    for result in state.gates:
        command = f" (`{result.command}`)" if result.command else ""
        gates.append(f"- {result.gate}{command}: {result.verdict.replace('_', ' ')}: {result.reason}")
        if result.verdict != "passed" and result.evidence.length:
            gates.append(result.evidence.preview[:EVIDENCE_CHARACTERS])
    lines.append("# What the gates found\n" + ("\n".join(gates) or "No gate ran."))
    if state.base is not None and state.draft is not None:
        text = await unified_difference(desk.store, state.base, state.draft, DIFFERENCE_CHARACTERS)
        lines.append(f"# The difference against the state before the session\n{text or 'Nothing was changed.'}")
    return "\n\n".join(lines)
