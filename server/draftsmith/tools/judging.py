"""Arguments of the planner's and the reviewer's tools. They are only parsed here; the pipeline acts on them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.domain.gates import Finding
from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, Task
from draftsmith.domain.text import count
from draftsmith.tools.control import PlannedTask
from draftsmith.tools.tool import Arguments, Tool


class BeginWork(Arguments):
    title: str = Field(min_length=1, max_length=100, description="what will be done, in a few words")


class SubmitPlan(Arguments):
    title: str = Field(min_length=1, max_length=100, description="the whole request in a few words")
    summary: str = Field(default="", max_length=2_000, description="the approach and why, for the user who approves it")
    tasks: tuple[PlannedTask, ...] = Field(min_length=1, max_length=40)
    risks: tuple[str, ...] = Field(default=(), max_length=10, description="what may go wrong or is not known")

    def plan(self) -> Plan:
        """The tasks as a domain plan; call `plan_defect` on it."""
        return Plan(
            summary=self.summary,
            risks=self.risks,
            tasks=tuple(
                Task(
                    task_id=TaskId(task.id),
                    title=task.title,
                    description=task.description,
                    depends_on=tuple(TaskId(needed) for needed in task.depends_on),
                    checks=task.checks,
                    files=task.files,
                )
                for task in self.tasks
            ),
        )


class ReviewFinding(Arguments):
    path: str = Field(default="", max_length=1_000, description="file, as in the diff; empty for the whole change")
    line: int = Field(default=0, ge=0, description="line in the new file, from 1; 0 for the whole file")
    severity: Literal["info", "minor", "major", "critical"]
    message: str = Field(min_length=1, max_length=2_000, description="what is wrong and why it matters")
    remedy: str = Field(default="", max_length=2_000, description="what to do about it")


class SubmitReview(Arguments):
    approved: bool = Field(description="true when the change does what the task asks and nothing major is wrong")
    summary: str = Field(min_length=1, max_length=2_000, description="the judgement in a few sentences")
    findings: tuple[ReviewFinding, ...] = Field(default=(), max_length=50)

    def as_findings(self) -> tuple[Finding, ...]:
        """The findings as the session keeps them."""
        return tuple(
            Finding(path=one.path, line=one.line, severity=one.severity, message=one.message, remedy=one.remedy)
            for one in self.findings
        )


BEGIN_WORK = Tool(
    name="begin_work",
    description=(
        "Start on the request at once, as one task without a plan. The right choice for a small request: a fix or a "
        "change that one person would make in one go. The last call of a reply; after it the coder begins."
    ),
    arguments=BeginWork,
    effect="control",
    title=lambda a: f"begin: {a.title}",
)

SUBMIT_PLAN = Tool(
    name="submit_plan",
    description=(
        "Give the plan for a larger request: at most 40 tasks, each after the tasks that it depends on, each one "
        "ending in a state in which the project's checks pass. Say how each task will be checked. The last call of "
        "a reply; the user may ask for another plan."
    ),
    arguments=SubmitPlan,
    effect="control",
    title=lambda a: f"plan: {a.title} ({count(len(a.tasks), 'task')})",
)

SUBMIT_REVIEW = Tool(
    name="submit_review",
    description=(
        "End the review. `approved` false sends the author back with your findings, so use it for what must change: "
        "findings of severity `major` or `critical`. At most 50 findings, each with its place and its remedy."
    ),
    arguments=SubmitReview,
    effect="control",
    title=lambda a: "approved" if a.approved else f"changes wanted ({count(len(a.findings), 'finding')})",
)
