"""The plan as text: what was written reads as the same plan, and what cannot be read is told by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import TaskId
from draftsmith.domain.plan import Plan, Task, plan_defect
from draftsmith.domain.plan_text import PlanUnreadable, read_plan, renamed, write_plan

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)
WORDS = LINE.filter(bool)
TRICKY = st.sampled_from(
    ["# not a title", "## 1. no task", "check: no check", "\\# escaped", "files: a, b", "- dash", "after: 1"]
)
PROSE = st.lists(LINE | TRICKY, max_size=4).map(lambda lines: "\n".join(lines).strip())


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 5))
    tasks = tuple(
        Task(
            task_id=TaskId(str(number)),
            title=draw(WORDS),
            description=draw(PROSE),
            depends_on=tuple(TaskId(str(one)) for one in range(1, number) if draw(st.booleans())),
            checks=tuple(draw(st.lists(WORDS, max_size=2))),
            files=tuple(draw(st.lists(WORDS, max_size=2))),
        )
        for number in range(1, count + 1)
    )
    return Plan(tasks=tasks, summary=draw(PROSE), risks=tuple(draw(st.lists(WORDS, max_size=2))))


@given(title=WORDS, plan=plans())
def test_what_is_written_reads_as_the_same_plan(title: str, plan: Plan) -> None:
    written = read_plan(write_plan(title, plan))
    assert (written.title, written.plan) == (title, plan)


@given(st.text(max_size=300) | st.lists(TRICKY | WORDS, max_size=12).map("\n".join))
def test_any_text_is_a_sound_plan_or_an_error_with_a_line_that_is_there(text: str) -> None:
    try:
        written = read_plan(text)
    except PlanUnreadable as error:
        unreadable = error
    else:
        assert plan_defect(written.plan) is None
        return
    assert 1 <= unreadable.line <= max(1, len(text.splitlines()))
    assert unreadable.message.startswith(f"Line {unreadable.line}: ")


def test_tasks_are_numbered_anew_and_dependencies_follow_their_tasks() -> None:
    text = "# T\n## 7. Second thoughts\n## 2. First\nafter: 7\n## 30. Last\nafter: 2, 7\n"
    tasks = read_plan(text).plan.tasks
    assert [(task.task_id, task.depends_on) for task in tasks] == [("1", ()), ("2", ("1",)), ("3", ("2", "1"))]
    assert [(task.task_id, task.depends_on) for task in renamed(Plan(tasks=tasks), "e-").tasks] == [
        ("e-1", ()),
        ("e-2", ("e-1",)),
        ("e-3", ("e-2", "e-1")),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "there is no plan"),
        ("Do it", 1, "begins with its title"),
        ("# T\nwords\n", 2, "has no task"),
        ("# T\n# U\n## 1. A", 2, "a title already"),
        ("#\n## 1. A", 1, "the title is empty"),
        ("## 1. A", 1, "begins with its title"),
        ("# T\n## Write it", 2, "`## 1. Title`"),
        ("# T\n## 1. A\n## 1. B", 3, "a task 1 already, on line 2"),
        ("# T\n## 1. A\n### Deep", 3, "only `#` and `##`"),
        ("# T\ncheck: pytest\n## 1. A", 2, "no task has begun"),
        ("# T\n## 1. A\nafter: 4", 3, "there is no task 4"),
        ("# T\n## 1. A\nafter: 1", 3, "cannot come after itself"),
        ("# T\n## 1. A\nafter: 2\n## 2. B", 3, "task 2 is further down"),
        ("# T\n## 1. A\nafter: the tests", 3, "takes the numbers"),
        ("# T\n## 1. A\ncheck:", 3, "says nothing"),
        ("# T\n## 1. A\nchecks: pytest", 3, "write `check:`"),
        ("# T\n## 1. A\ndepends on: 2", 3, "write `after:`"),
        ("# T\n## 1. A\n## Risks\nIt is old", 4, "begins with `- `"),
        ("# T\n## 1. A\n## Risks\n- Old\n## 2. B", 5, "the risks come last"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(PlanUnreadable) as caught:
        read_plan(text)
    assert caught.value.line == line
    assert words in str(caught.value)
