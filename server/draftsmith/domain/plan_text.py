"""The plan as text that a person can edit, and back again: what was written reads as the same plan.

Reading is strict: what cannot be understood is an error with its line, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, Task, plan_defect

_HEADING = re.compile(r"^(#+)\s*(.*)$")
_TASK = re.compile(r"^(\d+)[.):]?\s+(\S.*)$")
_KEY = re.compile(r"^(after|check|file)\s*:\s*(.*)$", re.IGNORECASE)
_NEARLY = re.compile(r"^(checks|files|depends|depends on|depends_on|dependencies|needs)\s*:", re.IGNORECASE)
_MEANT = {"checks": "check", "files": "file"}
_NUMBERS = re.compile(r"^\d+(\s*,\s*\d+)*$")
_RISKS = "risks"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPlan:
    """What the text says. Tasks are named by their place: "1", "2" and so on."""

    title: str
    plan: Plan


class PlanUnreadable(UserError):
    """`line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        remedy = "Edit that line and save again; `draftsmith plan` shows the form."
        super().__init__(f"Line {line}: {message}", code="plan_unreadable", remedy=remedy)
        self.line = line


def write_plan(title: str, plan: Plan) -> str:
    """The plan in the form that `read_plan` reads. Tasks are numbered in their order."""
    numbers = {task.task_id: str(number) for number, task in enumerate(plan.tasks, start=1)}
    parts = [f"# {_one_line(title) or 'Plan'}"]
    parts += _prose(plan.summary)
    for task in plan.tasks:
        parts += ["", f"## {numbers[task.task_id]}. {_one_line(task.title)}"]
        if task.depends_on:
            parts.append(f"after: {', '.join(numbers[one] for one in task.depends_on)}")
        parts += [f"file: {_one_line(name)}" for name in task.files if name.strip()]
        parts += [f"check: {_one_line(check)}" for check in task.checks if check.strip()]
        parts += _prose(task.description)
    if risks := [_one_line(risk) for risk in plan.risks if risk.strip()]:
        parts += ["", "## Risks", *(f"- {risk}" for risk in risks)]
    return "\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _prose(text: str) -> list[str]:
    """Lines that would be read as something else are written with a backslash before them."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return ["", *(f"\\{line}" if _special(line) or line.startswith("\\") else line for line in lines)] if lines else []


def _special(line: str) -> bool:
    return bool(_HEADING.match(line) or _KEY.match(line) or _NEARLY.match(line))


@dataclass(slots=True)
class _Section:
    """One task as it is read; `label` is the number that the person gave it."""

    line: int
    label: str
    title: str
    after: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    files: list[str] = field(default_factory=list[str])
    checks: list[str] = field(default_factory=list[str])
    prose: list[str] = field(default_factory=list[str])


def read_plan(text: str) -> WrittenPlan:
    """The plan that the text describes, with its tasks numbered anew. Raises PlanUnreadable."""
    reading = _Reading()
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        reading.take(number, line.rstrip())
    return reading.done(max(1, len(lines)))


class _Reading:
    def __init__(self) -> None:
        self._title: str | None = None
        self._summary: list[str] = []
        self._tasks: list[_Section] = []
        self._risks: list[str] = []
        self._in_risks = False

    def take(self, number: int, line: str) -> None:
        if heading := _HEADING.match(line):
            self._heading(number, len(heading[1]), heading[2].strip())
        elif self._title is None:
            if line.strip():
                raise PlanUnreadable(number, "the plan begins with its title: `# Title`.")
        elif self._in_risks:
            self._risk(number, line)
        elif self._tasks:
            self._of_task(number, line, self._tasks[-1])
        elif _KEY.match(line):
            raise PlanUnreadable(number, "this belongs to a task, and no task has begun: `## 1. Title`.")
        else:
            self._summary.append(line.removeprefix("\\"))

    def _heading(self, number: int, level: int, words: str) -> None:
        if level == 1:
            if self._title is not None:
                raise PlanUnreadable(number, "there is a title already; a task begins with `## 1. Title`.")
            if not words:
                raise PlanUnreadable(number, "the title is empty.")
            self._title = words
            return
        if self._title is None:
            raise PlanUnreadable(number, "the plan begins with its title: `# Title`.")
        if level > 2:
            raise PlanUnreadable(number, "only `#` and `##` begin a heading; put `\\` before it to mean the text.")
        if self._in_risks:
            raise PlanUnreadable(number, "the risks come last; put this task before them.")
        if words.casefold() == _RISKS:
            self._in_risks = True
            return
        task = _TASK.match(words)
        if task is None:
            raise PlanUnreadable(
                number, f"a task begins with `## {len(self._tasks) + 1}. Title`, the risks with `## Risks`."
            )
        known = next((one for one in self._tasks if one.label == task[1]), None)
        if known is not None:
            raise PlanUnreadable(number, f"there is a task {task[1]} already, on line {known.line}.")
        self._tasks.append(_Section(line=number, label=task[1], title=task[2].strip()))

    def _risk(self, number: int, line: str) -> None:
        if not line.strip():
            return
        if not line.lstrip().startswith(("- ", "* ")):
            raise PlanUnreadable(number, "a risk is one line that begins with `- `.")
        self._risks.append(line.lstrip()[2:].strip())

    def _of_task(self, number: int, line: str, task: _Section) -> None:
        key = _KEY.match(line)
        if key is None:
            if nearly := _NEARLY.match(line):
                meant = _MEANT.get(nearly[1].casefold(), "after")
                raise PlanUnreadable(
                    number, f"write `{meant}:`, one for each line; or put `\\` before it to mean the text."
                )
            task.prose.append(line.removeprefix("\\"))
            return
        name, said = key[1].casefold(), key[2].strip()
        if not said:
            raise PlanUnreadable(number, f"`{name}:` says nothing; fill it in or take it out.")
        match name:
            case "after":
                if not _NUMBERS.match(said):
                    raise PlanUnreadable(number, "`after:` takes the numbers of tasks: `after: 1, 2`.")
                task.after += [(number, label.strip()) for label in said.split(",")]
            case "file":
                task.files.append(said)
            case _:
                task.checks.append(said)

    def done(self, last: int) -> WrittenPlan:
        if self._title is None:
            raise PlanUnreadable(last, "there is no plan; it begins with its title: `# Title`.")
        if not self._tasks:
            raise PlanUnreadable(last, "the plan has no task; one begins with `## 1. Title`.")
        places: dict[str, TaskId] = {}
        tasks: list[Task] = []
        for place, section in enumerate(self._tasks, start=1):
            tasks.append(_task(section, TaskId(str(place)), places, {one.label for one in self._tasks}))
            places[section.label] = TaskId(str(place))
        plan = Plan(tasks=tuple(tasks), summary=_joined(self._summary), risks=tuple(self._risks))
        if defect := plan_defect(plan):
            raise PlanUnreadable(last, defect)
        return WrittenPlan(title=self._title, plan=plan)


def _task(section: _Section, task_id: TaskId, places: dict[str, TaskId], labels: set[str]) -> Task:
    depends: list[TaskId] = []
    for line, label in section.after:
        if label == section.label:
            raise PlanUnreadable(line, f"task {label} cannot come after itself.")
        if label not in labels:
            raise PlanUnreadable(line, f"there is no task {label}.")
        if label not in places:
            raise PlanUnreadable(line, f"task {label} is further down; put it before task {section.label}.")
        depends.append(places[label])
    return Task(
        task_id=task_id,
        title=section.title,
        description=_joined(section.prose),
        depends_on=tuple(dict.fromkeys(depends)),
        checks=tuple(section.checks),
        files=tuple(section.files),
    )


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip()


def renamed(plan: Plan, prefix: str) -> Plan:
    """The same plan with `prefix` before every task's id: ids are used once in a session."""

    def name(task_id: TaskId) -> TaskId:
        return TaskId(f"{prefix}{task_id}")

    tasks: Iterable[Task] = (
        replace(task, task_id=name(task.task_id), depends_on=tuple(name(one) for one in task.depends_on))
        for task in plan.tasks
    )
    return replace(plan, tasks=tuple(tasks))
