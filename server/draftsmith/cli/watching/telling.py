"""What is news in a change, told once: across reconnects, repeated snapshots and newer versions of the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.watching.lines import Line, finding_line, gate_line, step_lines, task_line
from draftsmith.client.messages import TaskEntity

if TYPE_CHECKING:
    from draftsmith.client.held import Change, HeldSession
    from draftsmith.client.messages import AnyEntity, FindingEntity, GateEntity, StepEntity

EARLIER_STEPS = 10
"""Finished steps that are told of what happened before the watching began."""


class Telling:
    def __init__(self, held: HeldSession) -> None:
        self._held = held
        self._told: set[tuple[str, str, str]] = set()
        self._begun = False

    def news(self, change: Change) -> list[Line]:
        """Lines for what the change brought, in the order in which it happened."""
        if change.whole and not self._begun:
            return self._begin(change)
        self._begun = True
        lines: list[Line] = []
        for entity in sorted(change.entities, key=lambda entity: entity["version"]):
            lines += self._tell(entity)
        return lines

    def _begin(self, change: Change) -> list[Line]:
        """The first snapshot: only its last steps are told, and open tasks."""
        self._begun = True
        lines: list[Line] = []
        steps = [entity for entity in change.entities if entity["kind"] == "step" and entity["state"] != "running"]
        steps.sort(key=lambda step: step["ordinal"])
        left_out = steps[:-EARLIER_STEPS]
        if left_out:
            lines.append(Line(mark="·", text=f"{len(left_out)} earlier steps or more are not shown", tone="quiet"))
        recent = {step["id"] for step in steps[-EARLIER_STEPS:]}
        for entity in sorted(change.entities, key=lambda entity: entity["version"]):
            told = self._tell(entity)
            if _is_current(entity, recent):
                lines += told
        return lines

    def _tell(self, entity: AnyEntity) -> list[Line]:
        match entity["kind"]:
            case "step":
                return self._step(entity)
            case "task":
                return self._task(entity)
            case "gate":
                return self._gate(entity)
            case "finding":
                return self._finding(entity)
            case _:
                return []

    def _step(self, step: StepEntity) -> list[Line]:
        if step["state"] == "running" or not self._is_news("step", step["id"]):
            return []
        return step_lines(step)

    def _task(self, task: TaskEntity) -> list[Line]:
        tasks = [one["id"] for one in self._held.of("task", TaskEntity) if one["status"] != "skipped"]
        number = tasks.index(task["id"]) + 1 if task["id"] in tasks else len(tasks)
        line = task_line(task, number, len(tasks))
        return [line] if line is not None and self._is_news("task", task["id"], task["status"]) else []

    def _gate(self, gate: GateEntity) -> list[Line]:
        line = gate_line(gate)
        # The same gate runs again after a repair: each run is news.
        return [line] if line is not None and self._is_news("gate", gate["id"], str(gate["version"])) else []

    def _finding(self, finding: FindingEntity) -> list[Line]:
        return [finding_line(finding)] if self._is_news("finding", finding["id"]) else []

    def _is_news(self, kind: str, entity_id: str, state: str = "") -> bool:
        key = (kind, entity_id, state)
        if key in self._told:
            return False
        self._told.add(key)
        return True


def _is_current(entity: AnyEntity, recent: set[str]) -> bool:
    match entity["kind"]:
        case "step":
            return entity["id"] in recent
        case "task":
            return entity["status"] == "active"
        case _:
            return False
