"""What is news in a change, told once: across reconnects, repeated snapshots and newer versions of the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli import amounts
from draftsmith.cli.watching.lines import Line, finding_line, gate_line, numbered, step_lines, task_line
from draftsmith.cli.watching.plan import plan_told, waits_for_approval
from draftsmith.client.messages import SessionEntity, TaskEntity

if TYPE_CHECKING:
    from draftsmith.client.held import Change, HeldSession
    from draftsmith.client.messages import AnyEntity, FindingEntity, GateEntity, StepEntity

EARLIER_STEPS = 10
"""Finished steps that are told of what happened before the watching began."""


class Telling:
    def __init__(self, held: HeldSession) -> None:
        self._held = held
        self._told: set[tuple[str, str, str]] = set()
        self._planned: set[str] = set()
        self._proposed: set[str] = set()
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
            shown = amounts.count(len(left_out), "earlier step")
            lines.append(Line(mark="·", text=f"{shown} or more not shown", tone="quiet"))
        recent = {step["id"] for step in steps[-EARLIER_STEPS:]}
        lines += self._plan()
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
        tasks = [one for one in self._held.of("task", TaskEntity) if one["status"] != "skipped" or one is task]
        line = task_line(task, *numbered(tasks).get(task["id"], (1, 1)))
        plan = self._plan(task)
        return [*plan, line] if line is not None and self._is_news("task", task["id"], task["status"]) else plan

    def _plan(self, changed: TaskEntity | None = None) -> list[Line]:
        """The plan when tasks of it are new, and that it was approved when somebody was asked."""
        if changed is not None and changed["status"] == "skipped":
            self._planned.discard(changed["id"])  # the next plan may use the ids of a rejected one
        if changed is not None and changed["id"] in self._proposed and changed["status"] != "proposed":
            self._proposed.clear()
            return [] if changed["status"] == "skipped" else [Line(mark="✓", text="Plan approved", tone="ok")]
        tasks = [task for task in self._held.of("task", TaskEntity) if task["status"] != "skipped"]
        fresh = [task for task in tasks if task["id"] not in self._planned and (changed is None or _is_open(task))]
        earlier = [task for task in tasks if task["id"] in self._planned]
        self._planned |= {task["id"] for task in fresh}
        if not any(_is_open(task) for task in fresh):
            return []
        if waits_for_approval(self._held):
            self._proposed = {task["id"] for task in fresh}
        revised = any(_is_open(task) for task in earlier)
        proposed = any(task["status"] == "proposed" for task in fresh)
        if len(fresh) == 1 and not (proposed or revised) and (earlier or not self._summary()):
            return []  # begun without a plan: its task tells it all
        numbers = {task["id"]: number for number, task in enumerate(fresh if proposed else tasks, 1)}
        return plan_told(self._held, fresh, numbers, revised=revised)

    def _summary(self) -> str:
        return next((session["plan_summary"] for session in self._held.of("session", SessionEntity)), "")

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


def _is_open(task: TaskEntity) -> bool:
    return task["status"] in ("proposed", "pending", "active")


def _is_current(entity: AnyEntity, recent: set[str]) -> bool:
    match entity["kind"]:
        case "step":
            return entity["id"] in recent
        case "task":
            return entity["status"] == "active"
        case _:
            return False
