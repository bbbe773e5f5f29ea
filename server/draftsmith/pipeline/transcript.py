"""Each role's conversation as a projection of the log: what was said, in order, event by event.

Append-only while the log goes on, so that the prefix of a prompt stays the same for the vendors' caches.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from draftsmith.domain.conversation import Role
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.gates import Finding, GateResult
from draftsmith.domain.ids import CallId, TaskId, TreeId
from draftsmith.domain.plan_text import write_plan
from draftsmith.domain.session.events import (
    BaseRenewed,
    BaseTaken,
    ContextCompacted,
    CritiqueFinished,
    DraftRestored,
    EnvironmentFinished,
    GateFinished,
    MessageReceived,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    PlanEdited,
    PlanRejected,
    RepairBegun,
    RequestedToolCall,
    SessionEvent,
    StallNoticed,
    TaskReported,
    TaskStarted,
    ToolCallFinished,
)
from draftsmith.domain.text import Text
from draftsmith.pipeline.folding import Outcome
from draftsmith.pipeline.lines import Answered, Line, Room, Said, Told
from draftsmith.pipeline.user_words import UserWords, Word

NUDGE = {
    "plan": "Call `begin_work` or `submit_plan` when you know enough; text alone does not move the work on.",
    "code": "Go on with a tool call. When the task is done, call `finish`; text alone does not end it.",
    "critique": "Call `submit_review` with your judgement; text alone does not end the review.",
    "quick": "",
}


GATE_CHARACTERS = 8_000
"""Of a gate's output; its end says most."""

UNTOLD = ("wants_network", "interrupted")
ENVIRONMENT = "The project's packages:"
ENVIRONMENT_CHARACTERS = 2_000

RENEWED = "Since then the workspace has changed under the draft:"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One line of one conversation; `round` tells reviews of the same task apart."""

    version: int
    role: Role
    task_id: TaskId | None
    round: int
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A model call begun."""

    version: int
    call_id: CallId
    role: Role
    task_id: TaskId | None


class Transcript:
    """Follows the log. `rewind` takes back events that did not become durable."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._calls: dict[CallId, tuple[int, Role, TaskId | None, str]] = {}
        self._active: list[tuple[int, TaskId]] = []
        self._rounds: list[tuple[int, TaskId]] = []
        self._gates: list[tuple[int, TaskId, GateResult]] = []
        self._findings: list[tuple[int, TaskId, tuple[Finding, ...], str]] = []
        self._words = UserWords()
        self._asked: list[_Asked] = []
        self._ended: list[tuple[int, CallId]] = []
        self._trees: list[tuple[int, TreeId]] = []
        self._starts: list[tuple[int, TaskId, TreeId | None]] = []
        self._renewals: list[tuple[int, Text]] = []
        self._rooms: list[tuple[int, Role, TaskId | None, Room]] = []
        self._outcomes: dict[CallId, tuple[int, Outcome, Text]] = {}

    # --- reading ---

    def lines(self, role: Role, task_id: TaskId | None) -> Iterator[Line]:
        """The conversation of a role about a task; of reviews only the present round."""
        yield from (line for _, line in self.placed(role, task_id))

    def placed(self, role: Role, task_id: TaskId | None) -> list[tuple[float, Line]]:
        """The same, each line with its place: the version of its event, or just after that of a reply."""
        present = self.round(task_id)
        placed = [
            (place, item.line)
            for item in self._items
            if item.role == role
            and item.task_id == task_id
            and (role != "critique" or item.round == present)
            and (place := self._place(item)) is not None
        ]
        placed.sort(key=lambda one: one[0])
        return placed

    def room(self, role: Role, task_id: TaskId | None) -> Room:
        """How the conversation was shortened last."""
        present = self._reported_at(task_id) if role == "critique" and task_id is not None else 0
        return next(
            (
                room
                for at, of_role, of_task, room in reversed(self._rooms)
                if (of_role, of_task) == (role, task_id) and at > present
            ),
            Room(),
        )

    @property
    def outcomes(self) -> dict[CallId, Outcome]:
        """How each tool call ended."""
        return {call_id: outcome for call_id, (_, outcome, _) in self._outcomes.items()}

    def output(self, call_id: str) -> Text | None:
        """What a tool call answered; None when there is no such call."""
        found = self._outcomes.get(CallId(call_id))
        return found[2] if found is not None else None

    def tree_until(self, version: int) -> TreeId | None:
        """The draft as it was then."""
        return next((tree for at, tree in reversed(self._trees) if at <= version), None)

    def _place(self, item: _Item) -> float | None:
        """Where the line stands. What was said while the model was answering follows that answer, which was given
        without it; None: the answer is not there yet."""
        if not isinstance(item.line, Told):
            return item.version
        ends = {call_id: version for version, call_id in self._ended}
        for asked in self._asked:
            if (asked.role, asked.task_id) == (item.role, item.task_id) and asked.version < item.version:
                ended = ends.get(asked.call_id)
                if ended is None:
                    return None
                if item.version < ended:
                    return ended + 0.5
        return item.version

    def round(self, task_id: TaskId | None) -> int:
        """How often the coder has reported this task."""
        return sum(1 for _, reported in self._rounds if reported == task_id)

    def said_before(self, task_id: TaskId) -> tuple[Word, ...]:
        """What the user had said after the request when the task began, oldest first."""
        began = next((version for version, started, _ in reversed(self._starts) if started == task_id), 0)
        return self._words.before(began)

    def said_until_report(self, task_id: TaskId) -> tuple[Word, ...]:
        """What the user had said after the request when the coder last reported the task, oldest first."""
        return self._words.before(self._reported_at(task_id))

    def newest_message(self) -> str:
        """The beginning of what the user said last, on one line."""
        return self._words.newest_message()

    def renewed_before(self, task_id: TaskId) -> tuple[Text, ...]:
        """What the user had changed in the workspace before the task began and since the one before it began."""
        places = [place for place, (_, started, _) in enumerate(self._starts) if started == task_id]
        if not places:
            return ()
        earlier = self._starts[places[0] - 1][0] if places[0] else 0
        return tuple(text for at, text in self._renewals if earlier < at < self._starts[places[0]][0])

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
        self._words.rewind(version)
        self._asked = [item for item in self._asked if item.version <= version]
        self._ended = [item for item in self._ended if item[0] <= version]
        self._trees = [item for item in self._trees if item[0] <= version]
        self._starts = [item for item in self._starts if item[0] <= version]
        self._renewals = [item for item in self._renewals if item[0] <= version]
        self._rooms = [item for item in self._rooms if item[0] <= version]
        self._outcomes = {name: one for name, one in self._outcomes.items() if one[0] <= version}

    def apply(self, envelope: Envelope[SessionEvent]) -> None:
        """Takes one event in."""
        version = envelope.version
        self._words.apply(envelope)
        match envelope.event:
            case ModelCallIntended(call_id=call_id, role=role, task_id=task_id):
                self._calls[call_id] = (version, role, task_id, "")
                self._asked.append(_Asked(version=version, call_id=call_id, role=role, task_id=task_id))
            case ModelCallFailed(call_id=call_id):
                self._ended.append((version, call_id))
            case ModelCallFinished() as event:
                self._ended.append((version, event.call_id))
                self._said(version, event)
            case ToolCallFinished() as event:
                self._answered(version, event)
            case ContextCompacted() as event:
                self._shortened(version, event)
            case BaseTaken(tree=tree, draft_tree=draft_tree):
                self._trees.append((version, draft_tree or tree))
            case DraftRestored(tree=tree):
                self._trees.append((version, tree))
            case BaseRenewed(draft_tree=tree, report=report):
                self._trees.append((version, tree))
                self._renewed(version, report)
            case PlanRejected(feedback=feedback):
                self._add(
                    version, "plan", None, Told(before="The user wants another plan:", text=feedback, weight="user")
                )
            case PlanEdited(title=title, plan=plan):
                words = f"The user put this plan in place of yours and approved it:\n{write_plan(title, plan)}"
                self._add(version, "plan", None, Told(before=words, weight="user"))
            case MessageReceived(text=text):
                self._message(version, text)
            case event:
                self._task_event(version, event)

    def _shortened(self, version: int, event: ContextCompacted) -> None:
        """A summary holds until the next one."""
        before = self.room(event.role, event.task_id)
        room = replace(
            before,
            elided=event.elided_until,
            folded=event.folded_until,
            digest=event.digest if event.digest.length else before.digest,
            digested=event.folded_until if event.digest.length else before.digested,
            asked=event.asked_until,
        )
        self._rooms.append((version, event.role, event.task_id, room))

    def _said(self, version: int, event: ModelCallFinished) -> None:
        _, role, task_id, _ = self._calls[event.call_id]
        for request in event.tool_calls:
            self._calls[request.call_id] = (version, role, task_id, request.name)
        said = Said(text=event.text, reasoning=event.reasoning, tool_calls=event.tool_calls)
        self._add(version, role, task_id, said)
        if not event.tool_calls:
            self._add(version, role, task_id, Told(before=NUDGE[role]))

    def _answered(self, version: int, event: ToolCallFinished) -> None:
        if event.tree is not None:
            self._trees.append((version, event.tree))
        _, role, task_id, name = self._calls[event.call_id]
        outcome = Outcome(title=event.title, outcome=event.outcome, touched=event.touched)
        self._outcomes[event.call_id] = (version, outcome, event.text)
        self._add(version, role, task_id, Answered(call_id=event.call_id, name=name, text=event.text))

    def _message(self, version: int, text: Text) -> None:
        task_id = self._active[-1][1] if self._active else None
        role: Role = "code" if task_id else "plan"
        self._add(version, role, task_id, Told(before="The user says:", text=text, weight="user"))

    def _renewed(self, version: int, report: Text) -> None:
        """The user's changes since the last round: told in a conversation that goes on, and to who begins a task."""
        if report.length:
            self._renewals.append((version, report))
            task_id = self._active[-1][1] if self._active else None
            self._add(version, "code" if task_id else "plan", task_id, Told(before=RENEWED, text=report, weight="user"))

    def _task_event(self, version: int, event: SessionEvent) -> None:
        match event:
            case TaskStarted(task_id=task_id):
                self._active.append((version, task_id))
                self._starts.append((version, task_id, self._trees[-1][1] if self._trees else None))
            case TaskReported(task_id=task_id):
                self._rounds.append((version, task_id))
            case EnvironmentFinished() as event if self._active and event.outcome not in UNTOLD:
                told = Told(before=f"{ENVIRONMENT} {event.reason}", text=event.text, most=ENVIRONMENT_CHARACTERS)
                if event.outcome != "failed":
                    told = Told(before=f"{ENVIRONMENT} {event.reason}")
                self._add(version, "code", self._active[-1][1], told)
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
                told = Told(before=before, text=result.evidence, most=GATE_CHARACTERS, weight="problem", at=version)
                self._add(version, "code", task_id, told)
        if self._findings and self._findings[-1][1] == task_id and self._findings[-1][0] > self._reported_at(task_id):
            _, _, findings, summary = self._findings[-1]
            told = Told(before=_review_words(findings, summary), weight="problem", at=version)
            self._add(version, "code", task_id, told)

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
