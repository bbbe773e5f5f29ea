"""What proves a change, or speaks against it, out of a session's entities: the same for every client. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import FindingEntity, GateEntity, StepEntity, TaskEntity

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession


def latest_findings(held: HeldSession) -> list[FindingEntity]:
    """The open remarks of each task's last review.

    A review without remarks leaves no entity, but gates run before every review: those that ran after a remark say
    that it was repaired since and reviewed anew.
    """
    findings = held.of("finding", FindingEntity)
    newest: dict[str, int] = {}
    for one in (*findings, *held.of("gate", GateEntity)):
        newest[one["task_id"]] = max(newest.get(one["task_id"], 0), one["ordinal"])
    return [finding for finding in findings if finding["ordinal"] == newest[finding["task_id"]]]


def steps_at(held: HeldSession, path: str) -> list[StepEntity]:
    """Steps that touched a file, given by its path in the workspace."""
    return [step for step in held.of("step", StepEntity) if any(same_file(path, one) for one in step["touched"])]


def tasks_at(held: HeldSession, path: str) -> list[TaskEntity]:
    """Tasks that touched a file, or said that they would."""
    task_ids = {step["task_id"] for step in steps_at(held, path) if step["task_id"]}
    return [
        task
        for task in held.of("task", TaskEntity)
        if task["id"] in task_ids or any(same_file(path, name) for name in task["files"])
    ]


def same_file(path: str, other: str) -> bool:
    """Steps and remarks may name a file from its root or from further up."""
    return bool(other) and (path == other or path.endswith("/" + other) or other.endswith("/" + path))
