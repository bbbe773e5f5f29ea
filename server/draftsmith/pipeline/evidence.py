"""What the reviewer judges: the difference that the task made, what the gates found, and what it said last time."""

from __future__ import annotations

from draftsmith.domain.ids import TaskId
from draftsmith.domain.session.state import SessionState
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.difference import changed_files, unified_difference
from draftsmith.pipeline.present_base import present_base

EVIDENCE_CHARACTERS = 4_000
DIFFERENCE_CHARACTERS = 60_000


async def evidence(desk: Desk, task_id: TaskId) -> str:
    """Everything that the judgement of one round rests on."""
    state = desk.log.state
    report = next(one.report for one in state.tasks if one.task.task_id == task_id)
    parts = [f"# What the author says\n{report}"] if report else []
    parts.append(_gates(state))
    parts += await _last_time(desk, task_id)
    parts.append(await _difference(desk, task_id))
    return "\n\n".join(parts)


def _gates(state: SessionState) -> str:
    lines: list[str] = []
    for result in state.gates:
        command = f" (`{result.command}`)" if result.command else ""
        lines.append(f"- {result.gate}{command}: {result.verdict.replace('_', ' ')}: {result.reason}")
        if result.verdict == "passed" and result.findings:
            lines += (f"  - {one.describe()}" for one in result.findings)
        if result.verdict != "passed" and result.evidence.length:
            lines.append(result.evidence.preview[:EVIDENCE_CHARACTERS])
    return "# What the gates found\n" + ("\n".join(lines) or "No gate ran.")


async def _last_time(desk: Desk, task_id: TaskId) -> list[str]:
    """The findings of the round before, and what the author changed since."""
    earlier = desk.transcript.earlier_review(task_id)
    draft = desk.log.state.draft
    if earlier is None or draft is None:
        return []
    findings, tree = earlier
    parts = ["# Your findings last time\n" + ("\n".join(f"- {one.describe()}" for one in findings) or "None.")]
    if tree is not None:
        since = await unified_difference(desk.store, tree, draft, _names(desk), DIFFERENCE_CHARACTERS // 2)
        parts.append(f"# What was changed since then\n{since or 'Nothing.'}")
    return parts


async def _difference(desk: Desk, task_id: TaskId) -> str:
    state = desk.log.state
    base = await present_base(desk)
    begun = desk.transcript.tree_at_start(task_id) or base
    if begun is None or state.draft is None or base is None:
        return "# The difference\nThere is no draft yet."
    text = await unified_difference(desk.store, begun, state.draft, _names(desk), DIFFERENCE_CHARACTERS)
    made = f"# The difference that this task made\n{text or 'Nothing was changed.'}"
    before = await changed_files(desk.store, base, begun) if begun != base else ()
    if before:
        made += f"\n\nEarlier tasks of this session had changed: {', '.join(before)}"
    return made


def _names(desk: Desk) -> list[str]:
    return [root.name for root in desk.log.state.roots]
