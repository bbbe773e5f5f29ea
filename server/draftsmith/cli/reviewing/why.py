"""Why a hunk is there: the task it belongs to, what touched its file, its gates, and remarks of the review on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.lines import Line, finding_line, gate_line, prose_lines, suite_lines
from draftsmith.client.messages import GateEntity
from draftsmith.client.proof import latest_findings, same_file, steps_at, tasks_at

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import HunkText

_NEAR = 3
"""Lines around a hunk in which a remark still concerns it."""
_STEPS_SHOWN = 5


def why(hunk: HunkText, held: HeldSession) -> list[Line]:
    """Lines for people; one that says so when nothing is known."""
    path = hunk["path"]
    steps = steps_at(held, path)
    tasks = tasks_at(held, path)
    lines: list[Line] = []
    for task in tasks:
        lines.append(Line(mark="▸", text=one_line(task["title"]), tone="head", detail=task["status"]))
        about = task["report"] or task["description"]
        if about:
            lines += prose_lines(about, indent="  ")
        gates = [gate for gate in held.of("gate", GateEntity) if gate["task_id"] == task["id"]]
        for gate in gates:
            if (line := gate_line(gate)) is not None:
                lines += (line, *suite_lines(gate))
    titles = list(dict.fromkeys(one_line(step["title"]) for step in steps))
    lines += [Line(mark="·", text=title, tone="quiet") for title in titles[-_STEPS_SHOWN:]]
    lines += [
        finding_line(one) for one in latest_findings(held) if same_file(path, one["path"]) and _near(hunk, one["line"])
    ]
    return lines or [Line(mark="·", text="No task, step or remark names this file.", tone="quiet")]


def _near(hunk: HunkText, line: int) -> bool:
    length = max(hunk["before"].count("\n"), hunk["after"].count("\n")) + 1
    return line == 0 or hunk["base_start"] - _NEAR <= line <= hunk["base_start"] + length + _NEAR
