"""The first messages of each role's conversation, from the log and the base: the same at every call.

What a workspace says (names, rules files, differences) is quoted as information.
"""

from __future__ import annotations

from draftsmith.domain.conversation import Image, Message, Role, SystemMessage, UserMessage
from draftsmith.domain.ids import TaskId
from draftsmith.domain.session.state import SessionState
from draftsmith.pipeline.code_map import briefed_map
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.evidence import evidence
from draftsmith.pipeline.facts import ProjectFacts
from draftsmith.pipeline.needs import SHOWN_IMAGES
from draftsmith.pipeline.prompts import instructions
from draftsmith.pipeline.task_brief import coders_task, reviewers_task

MAPPED_ROLES: frozenset[Role] = frozenset(("plan", "code"))
"""The reviewer judges a difference and looks for what it needs."""

REVIEWERS_FILES = 60
"""Names that the reviewer is shown; it has the difference and can look."""


async def opening(desk: Desk, role: Role, task_id: TaskId | None) -> list[Message]:
    """System message and first user message of a role's conversation about a task."""
    state = desk.log.state
    shown = desk.facts.outline(REVIEWERS_FILES) if role == "critique" else desk.facts.files
    request = await desk.whole(state.request)
    parts = [_workspace(state, desk.facts, shown)]
    if role in MAPPED_ROLES and (code_map := await briefed_map(desk, request)):
        parts.append(code_map)
    parts.append(f"# The request\n{request}{_shown_with_it(state, role)}")
    if role == "code" and task_id is not None:
        parts.append(await coders_task(desk, task_id))
    if role == "critique" and task_id is not None:
        parts.append(await reviewers_task(desk, task_id))
        parts.append(await evidence(desk, task_id))
    images = await _images(desk) if role in SHOWN_IMAGES else ()
    return [SystemMessage(text=instructions(role)), UserMessage(text="\n\n".join(parts), images=images)]


async def _images(desk: Desk) -> tuple[Image, ...]:
    """The pictures of the request; read once, since they are part of every prompt."""
    if desk.images is None:
        desk.images = tuple(
            [
                Image(media_type=one.media_type, data=await desk.log.document(one.document))
                for one in desk.log.state.images
            ]
        )
    return desk.images


def _shown_with_it(state: SessionState, role: Role) -> str:
    names = ", ".join(one.name for one in state.images)
    if not names:
        return ""
    if role in SHOWN_IMAGES:
        return f"\n\nThe user's pictures follow: {names}."
    return f"\n\nWith pictures that you are not shown: {names}."


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
    if told := facts.text():
        lines.append(told)
    names = "\n".join(shown)
    lines.append(
        f"Its {facts.file_count} files when the session began (folders with counts when there are many):\n{names}"
    )
    lines += _not_in_draft(state)
    lines += (f"Rules file {rules.path} says:\n<<<\n{rules.text}\n>>>" for rules in facts.rules)
    return "\n\n".join(lines)


def _not_in_draft(state: SessionState) -> list[str]:
    """So that nobody wonders why something fails here, or makes it anew."""
    if not state.ignored_kinds:
        return []
    kinds = ", ".join(state.ignored_kinds)
    return [f"Ignored by git, so the user has them and the draft does not: {kinds}. Tests may be skipped for it."]
