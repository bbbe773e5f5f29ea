"""Small values with rules of their own: plans, text, workspaces, errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError, DraftsmithError, IllegalCommand, UserError
from draftsmith.domain.ids import DocumentId, SessionId, TaskId, ledger_stream, session_stream
from draftsmith.domain.plan import MAX_TASKS, Plan, Task, plan_defect
from draftsmith.domain.text import INLINE_LIMIT, Text, inline


def task(name: str, *needs: str, title: str = "Do it") -> Task:
    return Task(task_id=TaskId(name), title=title, depends_on=tuple(TaskId(one) for one in needs))


@pytest.mark.parametrize(
    ("tasks", "defect"),
    [
        ((), "The plan has no task."),
        ((task("a"), task("a")), "Two tasks have the id 'a'."),
        ((task("a", title=" "),), "Task 'a' has no title."),
        ((task("a", "a"),), "Task 'a' depends on 'a', which does not come before it."),
        ((task("a", "b"), task("b")), "Task 'a' depends on 'b', which does not come before it."),
        ((task("a"), task("b", "a", "z")), "Task 'b' depends on 'z', which does not come before it."),
    ],
)
def test_a_defect_of_a_plan_is_named(tasks: tuple[Task, ...], defect: str) -> None:
    assert plan_defect(Plan(tasks=tasks)) == defect


def test_a_plan_has_at_most_so_many_tasks() -> None:
    tasks = tuple(task(f"t{number}") for number in range(MAX_TASKS + 1))
    assert plan_defect(Plan(tasks=tasks[:-1])) is None
    assert "at most 40" in (plan_defect(Plan(tasks=tasks)) or "")


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=12))
def test_a_plan_without_a_defect_can_be_worked_on_from_first_to_last(needs: list[set[int]]) -> None:
    tasks = tuple(task(f"t{at}", *(f"t{one}" for one in sorted(wanted))) for at, wanted in enumerate(needs))
    workable = all(one < at for at, wanted in enumerate(needs) for one in wanted)
    assert (plan_defect(Plan(tasks=tasks)) is None) == workable


def test_text_is_inline_up_to_the_limit() -> None:
    assert inline("a" * INLINE_LIMIT) == Text(preview="a" * INLINE_LIMIT, length=INLINE_LIMIT)
    with pytest.raises(ValueError, match="put a document"):
        inline("a" * (INLINE_LIMIT + 1))


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        (Text(), True),
        (inline(" \t\r\n"), True),
        (inline("x"), False),
        (Text(preview="  ", length=9_000, document=DocumentId("d")), False),
    ],
)
def test_blank_text_is_nothing_but_white_space(text: Text, blank: bool) -> None:
    assert text.blank is blank


def test_streams_of_different_kinds_never_share_a_name() -> None:
    assert session_stream(SessionId("x")) == "session/x"
    assert ledger_stream("session/x") == "ledger/session/x"


def test_an_error_reads_as_what_happened_and_what_to_do() -> None:
    error = UserError("No folder /a.", code="no_folder", remedy="Create it.")
    assert str(error) == "No folder /a. Create it."
    assert str(UserError("No folder /a.", code="no_folder")) == "No folder /a."
    assert isinstance(IllegalCommand("x", code="y"), UserError)
    assert not AdapterError("x", code="y").retryable
    assert isinstance(AdapterError("x", code="y", retryable=True), DraftsmithError)
