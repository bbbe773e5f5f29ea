from __future__ import annotations

from typing import Any

from draftsmith.cli.watching.plan import plan_text
from draftsmith.cli.watching.telling import Telling
from draftsmith.client.held import HeldSession
from unit.cli.entities import Entity, begun, entity, held, told


def planned(*, autonomy: str, status: str = "proposed") -> tuple[HeldSession, Telling, list[Entity]]:
    tasks = [
        entity("task", "a", ordinal=0, version=5, status=status, checks=["pytest"]),
        entity("task", "b", ordinal=1, version=5, status=status, title="Write it", depends_on=["a"]),
    ]
    session = held(
        entity("session", "s_1", autonomy=autonomy, title="Mend it", plan_summary="Two parts.", plan_risks=["Old."])
    )
    telling = begun(session)
    for task in tasks:
        session.put(task)  # pyright: ignore[reportArgumentType]  a plain dict
    return session, telling, tasks


def test_plan_that_waits_for_approval_is_told_whole_and_then_approved() -> None:
    session, telling, tasks = planned(autonomy="ask")
    lines = told(telling, *tasks)
    assert [line.strip() for line in lines if line] == [
        "Plan: Mend it",
        "Two parts.",
        "1. Read it",
        "check: pytest",
        "2. Write it (after 1)",
        "Risks: Old.",
    ]
    approved = [{**task, "status": "pending", "version": 7} for task in tasks]
    for task in approved:
        session.put(task)  # pyright: ignore[reportArgumentType]  a plain dict
    assert told(telling, *approved) == ["✓ Plan approved"]
    assert told(telling, {**approved[0], "status": "active", "version": 8}) == ["▸ 1/2 Read it"]


def test_plan_is_told_once_when_nobody_is_asked_about_it() -> None:
    for status in ("proposed", "pending"):
        session, telling, tasks = planned(autonomy="auto", status=status)
        lines = told(telling, *tasks)
        assert "Plan: Mend it" in lines
        assert "  2. Write it (after 1)" in lines
        assert "check: pytest" not in "".join(lines)
        later = [{**task, "status": "pending", "version": 7} for task in tasks]
        for task in later:
            session.put(task)  # pyright: ignore[reportArgumentType]  a plain dict
        assert told(telling, *later) == []


def test_plan_that_comes_again_after_it_was_rejected_is_told_again() -> None:
    session, telling, tasks = planned(autonomy="ask")
    told(telling, *tasks)
    for status, reason, version in (("skipped", "The plan was rejected.", 7), ("proposed", "", 9)):
        changed = [{**task, "status": status, "reason": reason, "version": version} for task in tasks]
        for task in changed:
            session.put(task)  # pyright: ignore[reportArgumentType]  a plain dict
        lines = told(telling, *changed)
    assert "Plan: Mend it" in lines


def test_task_begun_without_a_plan_is_told_as_itself() -> None:
    telling = begun(session := held(entity("session", "s_1")))
    task: Any = entity("task", "work-1", title="Fix add", version=4)
    session.put(task)
    assert told(telling, task) == []
    assert told(telling, {**task, "status": "active", "version": 5}) == ["▸ Fix add"]


def test_plan_is_asked_about_with_order_checks_and_risks() -> None:
    session = held(
        entity("session", "s_1", plan_summary="Two parts.", plan_risks=["It is old."]),
        entity("task", "a", ordinal=0, status="proposed", checks=["pytest"], files=["a.py"]),
        entity("task", "b", ordinal=1, status="proposed", title="Write it", depends_on=["a"]),
        entity("task", "z", ordinal=2, status="done", title="Earlier"),
    )
    text = plan_text(session)
    assert text.startswith("# Mend the parser\n\nTwo parts.\n\n## 1. Read it\nfile: a.py\ncheck: pytest\n")
    assert "\n## 2. Write it\nafter: 1\n" in text
    assert text.endswith("\n## Risks\n- It is old.\n")
    assert "Earlier" not in text
