"""Each role's conversation as a projection of the log: what was said, in order, event by event.

Append-only while the log goes on, so that the prefix of a prompt stays the same for the vendors' caches.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from draftsmith.domain.conversation import Role
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.gates import Finding, GateResult
from draftsmith.domain.ids import CallId, TaskId, TreeId
from draftsmith.domain.session.events import (
    BaseTaken,
    CritiqueFinished,
    DraftRestored,
    GateFinished,
    MessageReceived,
    ModelCallFinished,
    ModelCallIntended,
    PlanRejected,
    RepairBegun,
    RequestedToolCall,
    SessionEvent,
    StallNoticed,
    TaskReported,
    TaskStarted,
    ToolCallFinished,
)
from draftsmith.domain.session.evolve_calls import READS_MESSAGES
from draftsmith.domain.text import EMPTY, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The model's reply, with its tool calls."""

    text: Text
    reasoning: Text
    tool_calls: tuple[RequestedToolCall, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The result of a tool call."""

    call_id: CallId
    name: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something the pipeline or the user says to the model. `before` is our own text, `text` the quoted one."""

    before: str
    text: Text = EMPTY


Line = Said | Answered | Told

NUDGE = {
    "plan": "Call `begin_work` or `submit_plan` when you know enough; text alone does not move the work on.",
    "code": "Go on with a tool call. When the task is done, call `finish`; text alone does not end it.",
    "critique": "Call `submit_review` with your judgement; text alone does not end the review.",
    "quick": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One line of one conversation; `round` tells reviews of the same task apart."""

    version: int
    role: Role
    task_id: TaskId | None
    round: int
    line: Line


class Transcript:
    """Follows the log. `rewind` takes back events that did not become durable."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._calls: dict[CallId, tuple[int, Role, TaskId | None, str]] = {}
        self._active: list[tuple[int, TaskId]] = []
        self._rounds: list[tuple[int, TaskId]] = []
        self._gates: list[tuple[int, TaskId, GateResult]] = []
        self._findings: list[tuple[int, TaskId, tuple[Finding, ...], str]] = []
        self._words: list[tuple[int, Text]] = []
        self._heard: list[int] = []
        self._unheard: list[tuple[int, TaskId, tuple[Text, ...]]] = []
        self._trees: list[tuple[int, TreeId]] = []
        self._starts: list[tuple[int, TaskId, TreeId | None]] = []
        self._feedback: list[tuple[int, Text]] = []

    # --- reading ---

    def lines(self, role: Role, task_id: TaskId | None) -> Iterator[Line]:
        """The conversation of a role about a task; of reviews only the present round."""
        present = self.round(task_id)
        for item in self._items:
            if item.role == role and item.task_id == task_id and (role != "critique" or item.round == present):
                yield item.line

    def round(self, task_id: TaskId | None) -> int:
        """How often the coder has reported this task."""
        return sum(1 for _, reported in self._rounds if reported == task_id)

    def unheard_before(self, task_id: TaskId) -> tuple[Text, ...]:
        """What the user had said when the task began and no planner or coder had been sent yet, oldest first."""
        return next((texts for _, started, texts in reversed(self._unheard) if started == task_id), ())

    def plan_feedback(self) -> tuple[Text, ...]:
        """What the user said of plans that they rejected."""
        return tuple(text for _, text in self._feedback)

    def planner_read(self) -> tuple[str, ...]:
        """Files that the planner read, as it named them."""
        calls = [item.line for item in self._items if item.role == "plan" and isinstance(item.line, Said)]
        names = [_path_of(call) for said in calls for call in said.tool_calls if call.name == "read"]
        return tuple(dict.fromkeys(name for name in names if name))

    def tree_at_start(self, task_id: TaskId) -> TreeId | None:
        """The draft when the task began."""
        return next((tree for _, started, tree in reversed(self._starts) if started == task_id), None)

    def open_remarks(self) -> tuple[Finding, ...]:
        """What the last review remarked, of whatever task."""
        return self._findings[-1][2] if self._findings else ()

    def earlier_review(self, task_id: TaskId) -> tuple[tuple[Finding, ...], TreeId | None] | None:
        """The findings of the review of the round before, and the draft that it judged; None in the first round."""
        reported = self._reported_at(task_id)
        judged = [item for item in self._findings if item[1] == task_id and item[0] < reported]
        if not judged:
            return None
        at, _, findings, _ = judged[-1]
        return findings, next((tree for version, tree in reversed(self._trees) if version <= at), None)

    def played(self) -> dict[tuple[str, str], int]:
        """How many replies each role and thread has had: where a recording goes on after a restart."""
        counts: dict[tuple[str, str], int] = {}
        for item in self._items:
            if isinstance(item.line, Said):
                key = (item.role, item.task_id or "")
                counts[key] = counts.get(key, 0) + 1
        return counts

    # --- following ---

    def rewind(self, version: int) -> None:
        """Forgets every event after `version`."""
        self._items = [item for item in self._items if item.version <= version]
        self._calls = {name: call for name, call in self._calls.items() if call[0] <= version}
        self._active = [item for item in self._active if item[0] <= version]
        self._rounds = [item for item in self._rounds if item[0] <= version]
        self._gates = [item for item in self._gates if item[0] <= version]
        self._findings = [item for item in self._findings if item[0] <= version]
        self._words = [item for item in self._words if item[0] <= version]
        self._heard = [item for item in self._heard if item <= version]
        self._unheard = [item for item in self._unheard if item[0] <= version]
        self._trees = [item for item in self._trees if item[0] <= version]
        self._starts = [item for item in self._starts if item[0] <= version]
        self._feedback = [item for item in self._feedback if item[0] <= version]

    def apply(self, envelope: Envelope[SessionEvent]) -> None:
        """Takes one event in."""
        version = envelope.version
        match envelope.event:
            case ModelCallIntended(call_id=call_id, role=role, task_id=task_id):
                self._calls[call_id] = (version, role, task_id, "")
                if role in READS_MESSAGES:
                    self._heard.append(version)
            case ModelCallFinished() as event:
                self._said(version, event)
            case ToolCallFinished(call_id=call_id, text=text, tree=tree):
                if tree is not None:
                    self._trees.append((version, tree))
                _, role, task_id, name = self._calls[call_id]
                self._add(version, role, task_id, Answered(call_id=call_id, name=name, text=text))
            case BaseTaken(tree=tree, draft_tree=draft_tree):
                self._trees.append((version, draft_tree or tree))
            case DraftRestored(tree=tree):
                self._trees.append((version, tree))
            case PlanRejected(feedback=feedback):
                self._feedback.append((version, feedback))
                self._add(version, "plan", None, Told(before="The user wants another plan:", text=feedback))
            case MessageReceived(text=text):
                self._message(version, text)
            case event:
                self._task_event(version, event)

    def _said(self, version: int, event: ModelCallFinished) -> None:
        _, role, task_id, _ = self._calls[event.call_id]
        for request in event.tool_calls:
            self._calls[request.call_id] = (version, role, task_id, request.name)
        said = Said(text=event.text, reasoning=event.reasoning, tool_calls=event.tool_calls)
        self._add(version, role, task_id, said)
        if not event.tool_calls:
            self._add(version, role, task_id, Told(before=NUDGE[role]))

    def _message(self, version: int, text: Text) -> None:
        task_id = self._active[-1][1] if self._active else None
        self._words.append((version, text))
        role: Role = "code" if task_id else "plan"
        self._add(version, role, task_id, Told(before="The user says:", text=text))

    def _task_event(self, version: int, event: SessionEvent) -> None:
        match event:
            case TaskStarted(task_id=task_id):
                self._active.append((version, task_id))
                self._starts.append((version, task_id, self._trees[-1][1] if self._trees else None))
                heard = self._heard[-1] if self._heard else 0
                said = tuple(text for at, text in self._words if at > heard)
                self._unheard.append((version, task_id, said))
            case TaskReported(task_id=task_id):
                self._rounds.append((version, task_id))
            case GateFinished(task_id=task_id, result=result):
                self._gates.append((version, task_id, result))
            case CritiqueFinished(task_id=task_id, findings=findings, summary=summary):
                self._findings.append((version, task_id, findings, summary))
            case RepairBegun(task_id=task_id):
                self._repair(version, task_id)
            case StallNoticed(task_id=task_id, description=description):
                words = f"You are not getting on: {description}. Do something else, or call `finish` and say why."
                self._add(version, "code", task_id, Told(before=words))
            case _:
                pass

    def _repair(self, version: int, task_id: TaskId) -> None:
        """What the gates and the review found, for the coder, each with its evidence."""
        found = {
            result.gate: result
            for at, of_task, result in self._gates
            if of_task == task_id and at > self._reported_at(task_id)
        }
        for result in found.values():
            if result.verdict == "failed":
                command = f" (`{result.command}`)" if result.command else ""
                before = f"Gate {result.gate} failed{command}: {result.reason}\nIts output:"
                self._add(version, "code", task_id, Told(before=before, text=result.evidence))
        if self._findings and self._findings[-1][1] == task_id and self._findings[-1][0] > self._reported_at(task_id):
            _, _, findings, summary = self._findings[-1]
            self._add(version, "code", task_id, Told(before=_review_words(findings, summary)))

    def _reported_at(self, task_id: TaskId) -> int:
        return max((version for version, reported in self._rounds if reported == task_id), default=0)

    def _add(self, version: int, role: Role, task_id: TaskId | None, line: Line) -> None:
        item = _Item(version=version, role=role, task_id=task_id, round=self.round(task_id), line=line)
        self._items.append(item)


def _review_words(findings: tuple[Finding, ...], summary: str) -> str:
    lines = ["The review wants changes. Mend what is major or critical, then call `finish` again.", summary]
    return "\n".join([*lines, *(f"- {finding.describe()}" for finding in findings)])


def _path_of(call: RequestedToolCall) -> str:
    """The path that a `read` call names; calls that do not parse name none."""
    try:
        return str(json.loads(call.arguments.preview)["path"])
    except (ValueError, KeyError, TypeError):
        return ""
