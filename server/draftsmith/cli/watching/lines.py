"""One line for each thing that happened. Text is cleaned here; how it looks is the screen's business."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from draftsmith.cli import amounts
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.wrapping import hang, paragraphs, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.client.messages import CaseResult, FindingEntity, GateEntity, StepEntity, TaskEntity

Tone = Literal["ok", "bad", "warn", "quiet", "plain", "head"]
_SLOW_MS = 1_000
_UNPLANNED = "work-"
"""How the hub's ids of tasks begin that no plan has."""
_TOLD_OTHERWISE = frozenset({"begin_work", "submit_plan", "finish", "submit_review", "ask_user"})
"""Tools that steer the session: what they do is told by plans, tasks, reviews and questions."""
_REASON_LINES = 3
_SHORT = 80
"""Characters of a note that stand beside its title; longer ones stand below."""
_EXIT = re.compile(r"Exit code (-?\d+)(?: \(died of (\w+)\))?")
"""How the text of a command's result begins: its end is no field of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`mark` is one character that repeats the tone for those who see no colours; `code` is never wrapped."""

    mark: str
    text: str
    tone: Tone = "plain"
    detail: str = ""
    code: bool = False

    def plain(self, room: int | None = None) -> str:
        """The line without colours, broken into several where it is longer than `room` cells."""
        body = f"{self.text}  {self.detail}" if self.detail else self.text
        whole = f"{self.mark} {body}" if self.mark else body
        return whole if self.code else wrapped(whole, room, indent=self.hang)

    @property
    def hang(self) -> int:
        """Cells by which later lines of it are indented."""
        return (len(self.mark) + 1 if self.mark else 0) + hang(self.text)


def prose_lines(text: str, tone: Tone = "plain", *, indent: str = "") -> list[Line]:
    """Words of several paragraphs, as the model or the user wrote them."""
    return [
        Line(mark="", text=f"{indent}{line}" if line else "", tone=tone, code=not is_prose)
        for line, is_prose in paragraphs(clean(text).strip())
    ]


def step_lines(step: StepEntity) -> list[Line]:
    """What a finished step is worth telling. Gates are told by their own lines."""
    match step["step"]:
        case "tool":
            return _tool(step)
        case "model":
            return _model(step)
        case "note":
            return _note(step)
        case "gate":
            return []


def _tool(step: StepEntity) -> list[Line]:
    slow = amounts.duration(step["duration_ms"]) if step["duration_ms"] >= _SLOW_MS else ""
    title = one_line(step["title"] or step["tool"])
    if step["state"] == "running":
        return [Line(mark="·", text=f"{title} …", tone="quiet")]
    if step["state"] == "ok" and step["tool"] in _TOLD_OTHERWISE:
        return []
    if step["state"] == "ok":
        ended = command_end(step["tool"], step["text"])
        detail = " · ".join(part for part in (ended, slow) if part)
        # Not the agent's failure: it may well have wanted to see a test fail.
        return [Line(mark="✗" if ended else "✓", text=title, tone="warn" if ended else "ok", detail=detail)]
    said = step["outcome"] if step["outcome"] not in ("", "failed") else "failed"
    detail = " · ".join(part for part in (said, slow) if part)
    reason = [
        Line(mark=" ", text=f"  {one_line(text)}", tone="quiet")
        for text in clean(step["text"][:2_000]).strip().splitlines()[:_REASON_LINES]
    ]
    return [Line(mark="✗", text=title, tone="bad", detail=detail), *reason]


def command_end(tool: str, text: str) -> str:
    """How a command ended that did not end well, from the text of its result; else empty."""
    found = _EXIT.match(text) if tool == "run_command" else None
    if found is None or found[1] == "0":
        return ""
    return f"exit {found[1]}" + (f", {found[2]}" if found[2] else "")


def _model(step: StepEntity) -> list[Line]:
    title = one_line(step["title"])
    if step["state"] == "running":
        return [Line(mark="·", text=f"{title} …", tone="quiet")]
    if step["state"] == "cancelled":
        return [Line(mark="–", text=f"{title} cancelled", tone="quiet")]
    if step["state"] != "ok":
        return [Line(mark="✗", text=f"{title} failed", tone="bad", detail=one_line(step["text"]))]
    if step["role"] != "code":
        return []  # plans, reviews and commit messages are told by what they hold
    return prose_lines(step["text"])


def _note(step: StepEntity) -> list[Line]:
    title, text = one_line(step["title"]), clean(step["text"]).strip()
    mark, tone = _verdict(title)
    if title == "Stopped":
        return [Line(mark="✗", text=title, tone="bad")]  # why, and the way on, is told at the end
    if len(text) <= _SHORT and "\n" not in text:
        return [Line(mark=mark, text=title, tone=tone, detail=text)]
    return [Line(mark=mark, text=title, tone=tone), *prose_lines(text, indent="  ")]


def _verdict(title: str) -> tuple[str, Tone]:
    if title.startswith("Review: "):
        return ("✓", "ok") if title == "Review: approved" else ("✗", "warn")
    return ("·", "quiet")


def numbered(tasks: Sequence[TaskEntity]) -> dict[str, tuple[int, int]]:
    """Each task's number and of how many: tasks of the plan by themselves, work begun without one by itself."""
    planned = [task["id"] for task in tasks if not task["id"].startswith(_UNPLANNED)]
    alone = {task["id"]: (1, 1) for task in tasks}
    return alone | {task_id: (number, len(planned)) for number, task_id in enumerate(planned, 1)}


def task_line(task: TaskEntity, number: int, total: int) -> Line | None:
    """A line when the task's state is news."""
    title = f"{number}/{total} {one_line(task['title'])}" if total > 1 else one_line(task["title"])
    match task["status"]:
        case "active":
            return Line(mark="▸", text=title, tone="head")
        case "done":
            return Line(mark="✓", text=title, tone="ok", detail="done")
        case "failed":
            return Line(mark="✗", text=title, tone="bad", detail=one_line(task["reason"], 1_000) or "failed")
        case "skipped" if not task["reason"].startswith("The plan was "):
            return Line(mark="–", text=title, tone="quiet", detail=one_line(task["reason"]) or "skipped")
        case _:
            return None


def gate_line(gate: GateEntity) -> Line | None:
    """A line when the gate has an answer; "not verified" is one."""
    name = one_line(gate["gate"])
    slow = amounts.duration(gate["duration_ms"]) if gate["duration_ms"] >= _SLOW_MS else ""
    match gate["verdict"]:
        case "passed":
            tests = gate.get("tests")
            counted = one_line(tests["summary"], 200) if tests else ""
            detail = " · ".join(part for part in (counted, one_line(gate["command"], 80), slow) if part)
            return Line(mark="✓", text=f"{name}: passed", tone="ok", detail=detail)
        case "failed":
            return Line(mark="✗", text=f"{name}: failed", tone="bad", detail=one_line(gate["reason"], 400))
        case "not_verified":
            return Line(mark="–", text=f"{name}: not verified", tone="warn", detail=one_line(gate["reason"], 400))
        case "running":
            return None


SHOWN_TESTS = 10


def suite_lines(gate: GateEntity) -> list[Line]:
    """The tests that fail or waver, with place and message; what is fixed by name."""
    tests = gate.get("tests")
    if not tests:
        return []
    kinds: tuple[tuple[str, Tone, list[CaseResult], int], ...] = (
        (
            "newly failing" if tests["compared"] else "failing",
            "bad",
            tests["newly_failing"],
            tests["newly_failing_count"],
        ),
        ("failed before as well", "warn", tests["still_failing"], tests["still_failing_count"]),
        ("flaky", "warn", tests["flaky"], tests["flaky_count"]),
        ("fixed", "ok", tests["fixed"], tests["fixed_count"]),
    )
    lines: list[Line] = []
    for what, tone, cases, many in kinds:
        for case in cases[:SHOWN_TESTS]:
            place = f"{case['path']}:{case['line']}" if case["line"] else case["path"]
            said = case["message"].split("\n", 1)[0] if tone != "ok" else ""
            detail = " · ".join(part for part in (one_line(place), one_line(said, 200)) if part)
            lines.append(Line(mark=" ", text=f"{what}: {one_line(case['name'], 200)}", tone=tone, detail=detail))
        if many > len(cases[:SHOWN_TESTS]):
            lines.append(Line(mark=" ", text=f"{what}: {many - len(cases[:SHOWN_TESTS])} more", tone=tone))
    return lines


def finding_line(finding: FindingEntity) -> Line:
    place = one_line(finding["path"]) + (f":{finding['line']}" if finding["line"] else "")
    tone: Tone = "warn" if finding["severity"] in ("major", "critical") else "quiet"
    text = " ".join(part for part in (finding["severity"], place) if part)
    return Line(mark="!", text=text, tone=tone, detail=one_line(finding["message"], 2_000))
