"""Why a hunk is there: the task it belongs to, what touched its file, its gates, and remarks of the review on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.ending import latest_findings
from draftsmith.cli.watching.lines import Line, finding_line, gate_line, prose_lines
from draftsmith.client.messages import GateEntity, StepEntity, TaskEntity

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import HunkText

_NEAR = 3
"""Lines around a hunk in which a remark still concerns it."""
_STEPS_SHOWN = 5


def why(hunk: HunkText, held: HeldSession) -> list[Line]:
    """Lines for people; one that says so when nothing is known."""
    path = hunk["path"]
    steps = [step for step in held.of("step", StepEntity) if any(_same(path, one) for one in step["touched"])]
    task_ids = {step["task_id"] for step in steps if step["task_id"]}
    tasks = [
        task
        for task in held.of("task", TaskEntity)
        if task["id"] in task_ids or any(_same(path, name) for name in task["files"])
    ]
    lines: list[Line] = []
    for task in tasks:
        lines.append(Line(mark="▸", text=one_line(task["title"]), tone="head", detail=task["status"]))
        about = task["report"] or task["description"]
        if about:
            lines += prose_lines(about, indent="  ")
        gates = [gate for gate in held.of("gate", GateEntity) if gate["task_id"] == task["id"]]
        lines += [line for gate in gates if (line := gate_line(gate)) is not None]
    titles = list(dict.fromkeys(one_line(step["title"]) for step in steps))
    lines += [Line(mark="·", text=title, tone="quiet") for title in titles[-_STEPS_SHOWN:]]
    lines += [
        finding_line(one) for one in latest_findings(held) if _same(path, one["path"]) and _near(hunk, one["line"])
    ]
    return lines or [Line(mark="·", text="No task, step or remark names this file.", tone="quiet")]


def _same(path: str, other: str) -> bool:
    """Steps and remarks may name a file from its root or from further up."""
    return bool(other) and (path == other or path.endswith("/" + other) or other.endswith("/" + path))


def _near(hunk: HunkText, line: int) -> bool:
    length = max(hunk["before"].count("\n"), hunk["after"].count("\n")) + 1
    return line == 0 or hunk["base_start"] - _NEAR <= line <= hunk["base_start"] + length + _NEAR
