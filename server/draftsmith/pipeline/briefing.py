"""The first messages of each role's conversation, from the log and the base: the same at every call.

What a workspace says (names, rules files, differences) is quoted as information.
"""

from __future__ import annotations

from draftsmith.domain.conversation import Message, Role, SystemMessage, UserMessage
from draftsmith.domain.ids import TaskId
from draftsmith.domain.session.state import SessionState
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.evidence import evidence
from draftsmith.pipeline.facts import ProjectFacts
from draftsmith.pipeline.prompts import instructions
from draftsmith.pipeline.task_brief import coders_task, reviewers_task

REVIEWERS_FILES = 60
"""Names that the reviewer is shown; it has the difference and can look."""


async def opening(desk: Desk, role: Role, task_id: TaskId | None) -> list[Message]:
    """System message and first user message of a role's conversation about a task."""
    state = desk.log.state
    shown = desk.facts.outline(REVIEWERS_FILES) if role == "critique" else desk.facts.files
    parts = [_workspace(state, desk.facts, shown), f"# The request\n{await desk.whole(state.request)}"]
    if role == "code" and task_id is not None:
        parts.append(await coders_task(desk, task_id))
    if role == "critique" and task_id is not None:
        parts.append(await reviewers_task(desk, task_id))
        parts.append(await evidence(desk, task_id))
    return [SystemMessage(text=instructions(role)), UserMessage(text="\n\n".join(parts))]


def _workspace(state: SessionState, facts: ProjectFacts, shown: tuple[str, ...]) -> str:
    folders = "\n".join(f"- {root.name}: {root.path}" for root in state.roots)
    lines = [f"# The workspace\nFolders:\n{folders}"]
    if facts.languages:
        lines.append(f"Languages: {', '.join(facts.languages)}")
    lines += (f"The project's {check.gate}: `{check.command}` (found in {check.source})" for check in facts.checks)
    lines += (
        f"No command for {gate} was found in the project's files."
        for gate in ("tests", "lint")
        if facts.check(gate) is None
    )
    names = "\n".join(shown)
    lines.append(f"Its {facts.file_count} files (folders with counts when there are many):\n{names}")
    lines += (f"Rules file {rules.path} says:\n<<<\n{rules.text}\n>>>" for rules in facts.rules)
    return "\n\n".join(lines)
