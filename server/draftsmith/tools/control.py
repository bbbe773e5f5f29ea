"""Arguments of the tools that steer the session: the plan, questions, the end.

They are only parsed here; the pipeline acts on them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, Task
from draftsmith.domain.text import count
from draftsmith.tools.tool import Arguments, Tool


class PlannedTask(Arguments):
    id: str = Field(min_length=1, max_length=40, description="short and unique in the plan, for example 't3'")
    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=4_000)
    depends_on: tuple[str, ...] = Field(default=(), description="ids of tasks that come earlier in the list")
    checks: tuple[str, ...] = Field(default=(), description="how to see that it is done: commands or sentences")
    files: tuple[str, ...] = Field(default=(), description="paths likely to be changed")


class UpdatePlan(Arguments):
    tasks: tuple[PlannedTask, ...] = Field(min_length=1, max_length=40)
    reason: str = Field(min_length=1, max_length=1_000, description="why the plan changes, for the user")

    def plan(self) -> Plan:
        """The tasks as a domain plan; call `plan_defect` on it."""
        return Plan(
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
            )
        )


class AskUser(Arguments):
    question: str = Field(min_length=1, max_length=2_000)
    options: tuple[str, ...] = Field(
        default=(), max_length=6, description="answers to choose from, if they can be listed"
    )


class Finish(Arguments):
    outcome: Literal["done", "impossible"] = Field(
        default="done", description="'impossible' when the task cannot be done; the summary says why"
    )
    summary: str = Field(
        min_length=1, max_length=8_000, description="what was changed and why, for the person who reviews it"
    )
    verified: tuple[str, ...] = Field(default=(), description="what you saw work, and by which command")
    not_verified: tuple[str, ...] = Field(default=(), description="what you could not check, and why")


UPDATE_PLAN = Tool(
    name="update_plan",
    description=(
        "Replace the tasks that are not begun yet. Give the complete list of remaining tasks, at most 40, "
        "each after the tasks it depends on. Tasks that are done or under way stay as they are. Use it when "
        "the work turned out different from the plan, not to report progress."
    ),
    arguments=UpdatePlan,
    effect="control",
    title=lambda a: f"revise the plan ({count(len(a.tasks), 'task')})",
)

ASK_USER = Tool(
    name="ask_user",
    description=(
        "Ask the user one question and wait for the answer. Only for a choice that the task, the code and "
        "the project's rules leave open and that would be costly to change later; otherwise decide, and say "
        "so in the summary. At most 2,000 characters and 6 options; the user may also answer in their own words."
    ),
    arguments=AskUser,
    effect="control",
    title=lambda a: f"ask: {a.question[:80]}",
)

FINISH = Tool(
    name="finish",
    description=(
        "End the current task: the last call, after its checks passed or you know that they cannot. Remove scratch "
        "files first. The "
        "summary is at most 8,000 characters; say in 'verified' and 'not_verified' what was and what was not checked."
    ),
    arguments=Finish,
    effect="control",
    title=lambda a: f"finish: {a.outcome}",
)
