"""Legal histories of a session: written by hand with `Story`, or grown by asking the rules what may come next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Literal, Protocol, TypeVar, get_args

from draftsmith.domain.codec import Event, decode_envelope, encode_envelope
from draftsmith.domain.conversation import Usage
from draftsmith.domain.decisions import Decision
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.gates import Finding, GateResult
from draftsmith.domain.ids import (
    ApplyId,
    CallId,
    CheckpointId,
    DecisionId,
    DocumentId,
    EventId,
    HunkId,
    RunnerId,
    SessionId,
    TaskId,
    TreeId,
    WorkspaceId,
    session_stream,
)
from draftsmith.domain.limits import Limits
from draftsmith.domain.plan import Plan, Task
from draftsmith.domain.policy import Rule, RuleId
from draftsmith.domain.proposal import Hunk, HunkResult, HunkStatus, Proposal, ProposedFile
from draftsmith.domain.roots import Root
from draftsmith.domain.session import events as e
from draftsmith.domain.session.commands import SessionCommand
from draftsmith.domain.session.decide import decide
from draftsmith.domain.session.evolve import evolve
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.testing import CaseCounts
from draftsmith.domain.text import EMPTY, Text, inline

T = TypeVar("T")
Outcome = Literal["done", "failed", "skipped"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
SESSION = SessionId("s1")
EVENT_TYPES: tuple[type[e.SessionEvent], ...] = get_args(e.SessionEvent)
STATUSES: tuple[HunkStatus, ...] = get_args(HunkStatus)


class Pick(Protocol):
    """Chooses one of the options."""

    def __call__(self, options: Sequence[T]) -> T: ...


def first(options: Sequence[T]) -> T:
    return options[0]


class Refused(AssertionError):
    """The rules did not allow the next event of a story."""


class Story:
    """A session that grows event by event; an event that the rules refuse ends the test."""

    def __init__(self) -> None:
        self.state = SessionState()
        self.envelopes: list[Envelope[e.SessionEvent]] = []

    def tell(self, *events: e.SessionEvent, client: str = "cli") -> Story:
        for event in events:
            if reason := refusal(self.state, event):
                raise Refused(f"{event.kind}: {reason}")
            self.envelopes.append(envelope(event, version=self.state.version + 1, client=client))
            self.state = evolve(self.state, self.envelopes[-1])
        return self

    def ask(self, command: SessionCommand, *, client: str = "cli") -> Story:
        """A client's command, with every event that follows from it."""
        return self.tell(*decide(self.state, command), client=client)

    def refuses(self, event: e.SessionEvent) -> str:
        """The sentence with which the rules refuse the event."""
        reason = refusal(self.state, event)
        assert reason is not None, f"{event.kind} is legal"
        return reason


def envelope(event: e.SessionEvent, *, version: int, client: str = "cli") -> Envelope[e.SessionEvent]:
    return Envelope(
        event_id=EventId(f"e{version}"),
        stream_id=session_stream(SESSION),
        version=version,
        at=1_000 + version,
        actor=Actor(client=client),
        causation_id="c",
        correlation_id="c",
        event=event,
    )


def fold(envelopes: Iterable[Envelope[e.SessionEvent]], state: SessionState | None = None) -> SessionState:
    return reduce(evolve, envelopes, state or SessionState())


def stored(envelopes: Iterable[Envelope[e.SessionEvent]]) -> list[Envelope[Event]]:
    """The envelopes as they come back from a store."""
    return [decode_envelope(encode_envelope(one)) for one in envelopes]


# --- events with sensible contents ---


def started(**changes: object) -> e.SessionStarted:
    fields = {
        "session_id": SESSION,
        "workspace_id": WorkspaceId("w1"),
        "roots": (Root(name="app", path="/home/me/app"),),
        "request": inline("Mend the date parser\nand add a test"),
        "autonomy": "auto",
        "limits": Limits(),
        "model": "m",
    }
    return e.SessionStarted(**{**fields, **changes})  # pyright: ignore[reportArgumentType] (names are literal at each call)


def base(tree: str = "tree0") -> e.BaseTaken:
    return e.BaseTaken(tree=TreeId(tree), files=3)


def renewed(number: int = 0, *, tree: str = "tree0", replaced: str = "tree0") -> e.BaseRenewed:
    return e.BaseRenewed(
        checkpoint_id=CheckpointId(f"b{number}"),
        round_id=CheckpointId(f"n{number}"),
        tree=TreeId(tree),
        draft_tree=TreeId(tree),
        replaced=TreeId(replaced),
        changed_count=1,
        left_out_count=0,
        report=inline("The user changed a."),
    )


def begun(task: str = "t1") -> e.WorkBegun:
    return e.WorkBegun(title="Mend it", task_id=TaskId(task))


def task_started(task: str = "t1") -> e.TaskStarted:
    return e.TaskStarted(task_id=TaskId(task))


def task_reported(task: str = "t1") -> e.TaskReported:
    return e.TaskReported(task_id=TaskId(task), report=inline("Done."))


def task_finished(task: str = "t1", outcome: Outcome = "done") -> e.TaskFinished:
    return e.TaskFinished(task_id=TaskId(task), outcome=outcome)


def plan(*tasks: str) -> Plan:
    return Plan(tasks=tuple(Task(task_id=TaskId(task), title=f"Task {task}") for task in tasks))


def plan_edited(*tasks: str) -> e.PlanEdited:
    return e.PlanEdited(title="My plan", plan=plan(*tasks))


def plan_proposed(*tasks: str) -> e.PlanProposed:
    return e.PlanProposed(title="The plan", plan=plan(*tasks))


def model_intended(call: str = "m1", *, reserved: int | None = 10, task: str | None = None) -> e.ModelCallIntended:
    return e.ModelCallIntended(
        call_id=CallId(call),
        role="code",
        task_id=TaskId(task) if task else None,
        model="m",
        counted_tokens=5,
        reserved_nano_usd=reserved,
    )


def model_finished(call: str = "m1", *tools: str, cost: int | None = 4) -> e.ModelCallFinished:
    return e.ModelCallFinished(
        call_id=CallId(call),
        text=inline("Thus."),
        reasoning=EMPTY,
        tool_calls=tuple(
            e.RequestedToolCall(call_id=CallId(tool), name="edit", arguments=inline('{"path":"a"}')) for tool in tools
        ),
        stop_reason="tool_calls" if tools else "end",
        usage=Usage(input_tokens=5, output_tokens=2),
        cost_nano_usd=cost,
        duration_ms=7,
    )


def model_failed(call: str = "m1", *, category: str = "server", charged: int = 10) -> e.ModelCallFailed:
    return e.ModelCallFailed(
        call_id=CallId(call),
        category=category,
        message="It broke.",
        retryable=True,
        charged_nano_usd=charged,
        duration_ms=3,
    )


def tool_intended(call: str, tree: str = "tree0", effect: e.Effect = "edit") -> e.ToolCallIntended:
    return e.ToolCallIntended(call_id=CallId(call), effect=effect, tree=TreeId(tree))


def tool_finished(call: str, tree: str | None = None, *, outcome: e.ToolOutcome = "ok") -> e.ToolCallFinished:
    return e.ToolCallFinished(
        call_id=CallId(call),
        outcome=outcome,
        title="edit a",
        text=inline("ok"),
        tree=TreeId(tree) if tree else None,
        duration_ms=2,
    )


def gate_intended(call: str = "g1", task: str = "t1") -> e.GateIntended:
    return e.GateIntended(call_id=CallId(call), task_id=TaskId(task), gate="tests", command="pytest")


ENVIRONMENT_OUTCOMES: tuple[e.EnvironmentOutcome, ...] = get_args(e.EnvironmentOutcome)


def environment_intended(call: str = "n1", wanted: str = "w1") -> e.EnvironmentIntended:
    return e.EnvironmentIntended(call_id=CallId(call), wanted=wanted, name="npm", command="npm ci")


def environment_finished(call: str, outcome: e.EnvironmentOutcome = "made") -> e.EnvironmentFinished:
    hosts = ("packages.example.org",)
    return e.EnvironmentFinished(call_id=CallId(call), outcome=outcome, reason="npm ci", hosts=hosts)


def gate_finished(call: str = "g1", task: str = "t1") -> e.GateFinished:
    result = GateResult(gate="tests", verdict="passed", reason="3 passed", duration_ms=4)
    return e.GateFinished(call_id=CallId(call), task_id=TaskId(task), result=result)


def baseline(call: str = "g1") -> e.BaselineRun:
    return e.BaselineRun(
        call_id=CallId(call),
        base=TreeId("tree0"),
        root=0,
        command="pytest",
        passed=False,
        report=None,
        counts=CaseCounts(failed=1),
        duration_ms=4,
    )


def rule(name: str = "u1", program: str = "make") -> Rule:
    return Rule(rule_id=RuleId(name), effect="allow", program=program, words=(name,))


def critique(task: str = "t1", *, approved: bool = True) -> e.CritiqueFinished:
    finding = Finding(path="a", line=1, severity="minor", message="A name.")
    return e.CritiqueFinished(task_id=TaskId(task), approved=approved, findings=(finding,))


def question(decision: str = "d1", *, call: str | None = None) -> e.DecisionRequested:
    return e.DecisionRequested(
        decision=Decision(
            decision_id=DecisionId(decision),
            subject="command" if call else "question",
            prompt=inline("May it?"),
            options=("yes", "no"),
            call_id=CallId(call) if call else None,
        )
    )


def plan_question(decision: str = "p1") -> e.DecisionRequested:
    return e.DecisionRequested(
        decision=Decision(
            decision_id=DecisionId(decision),
            subject="plan",
            prompt=inline("This plan?"),
            options=("approve", "reject"),
            free_text=True,
        )
    )


def answer(decision: str = "d1", word: str = "yes") -> e.DecisionTaken:
    return e.DecisionTaken(decision_id=DecisionId(decision), answer=word)


def checkpoint(number: int, *, green: bool = False) -> e.CheckpointTaken:
    return e.CheckpointTaken(
        checkpoint_id=CheckpointId(f"k{number}"), tree=TreeId(f"tree{number}"), label=f"Point {number}", green=green
    )


def restored(tree: str, replaced: str, number: int = 1) -> e.DraftRestored:
    return e.DraftRestored(
        checkpoint_id=CheckpointId(f"r{number}"), tree=TreeId(tree), replaced=TreeId(replaced), reason="Red."
    )


def hunk_ids(*names: str) -> tuple[HunkId, ...]:
    return tuple(HunkId(name) for name in names)


def proposal_made(*hunks: str, base_tree: str = "tree0") -> e.ProposalMade:
    return e.ProposalMade(
        proposal=Proposal(
            base=TreeId(base_tree),
            tree=TreeId("tree9"),
            document=DocumentId("doc"),
            files=(ProposedFile(path="a", root=0, change="modify", hunks=hunk_ids(*hunks)),),
            hunks=tuple(
                Hunk(hunk_id=HunkId(hunk), path="a", root=0, base_start=1, base_length=1, new_length=1)
                for hunk in hunks
            ),
        ),
        verified=("tests",),
        unverified=(),
    )


def proposal_edited(hunk: str, *hunks: str, base_tree: str = "tree0") -> e.ProposalEdited:
    """The hunk was edited; `hunks` are those of the proposal afterwards."""
    made = replace(proposal_made(*hunks, base_tree=base_tree).proposal, tree=TreeId("tree8"))
    return e.ProposalEdited(hunk_id=HunkId(hunk), proposal=made, note="a was edited by hand")


def accepted(*hunks: str) -> e.HunksAccepted:
    return e.HunksAccepted(hunks=hunk_ids(*hunks))


def rejected(*hunks: str) -> e.HunksRejected:
    return e.HunksRejected(hunks=hunk_ids(*hunks))


def apply_intended(apply: str, *hunks: str, undoes: str | None = None) -> e.ApplyIntended:
    return e.ApplyIntended(
        apply_id=ApplyId(apply),
        hunks=hunk_ids(*hunks),
        document=DocumentId("doc"),
        undoes=ApplyId(undoes) if undoes else None,
    )


def results(**statuses: HunkStatus) -> tuple[HunkResult, ...]:
    return tuple(HunkResult(hunk_id=HunkId(hunk), status=status) for hunk, status in statuses.items())


def result(hunk: str, status: HunkStatus) -> tuple[HunkResult, ...]:
    return (HunkResult(hunk_id=HunkId(hunk), status=status),)


def apply_finished(apply: str, **statuses: HunkStatus) -> e.ApplyFinished:
    return e.ApplyFinished(apply_id=ApplyId(apply), results=results(**statuses))


def observed(**statuses: HunkStatus) -> e.HunksObserved:
    return e.HunksObserved(results=results(**statuses))


def message(text: str = "Also this.") -> e.MessageReceived:
    return e.MessageReceived(text=inline(text))


def stopped(category: e.ErrorCategory = "budget") -> e.SessionStopped:
    return e.SessionStopped(category=category, reason="No more steps.", way_on="Raise the limit.")


def resumed() -> e.SessionResumed:
    return e.SessionResumed(limits=Limits(), model="m")


# --- what may come next ---


def candidate(kind: type[e.SessionEvent], state: SessionState, pick: Pick) -> e.SessionEvent:
    return candidates(state, pick)[kind]()


def candidates(state: SessionState, pick: Pick) -> dict[type[e.SessionEvent], Callable[[], e.SessionEvent]]:
    """For each kind an event that has a fair chance to be legal in `state`, and some chance not to be."""
    new = f"{state.version + 1}"
    tasks = [*[str(task.task.task_id) for task in state.tasks][-4:], "nobody"]
    model_call = state.model_call.call_id if state.model_call else "nobody"
    tools = {str(call.request.call_id): call.effect for call in state.tool_calls} or {"nobody": None}
    decisions = [str(one.decision_id) for one in (*state.decisions, *state.answered[-2:])] or ["nobody"]
    hunks = [str(hunk.hunk_id) for hunk in state.proposal.hunks] if state.proposal else []
    hunks = hunks or ["nobody"]
    apply = state.apply.apply_id if state.apply else "nobody"
    draft = state.draft or "tree0"

    def task() -> str:
        return str(state.active) if state.active and pick(CHANCE) else pick(tasks)

    def tool_done(call: str) -> e.ToolCallFinished:
        return tool_finished(call, f"tree{new}" if tools[call] or not pick(CHANCE) else None)

    def asked(which: int) -> e.DecisionRequested:
        questions = (
            question(f"d{new}"),
            plan_question(f"d{new}"),
            question(f"d{new}", call=next(iter(tools))),
            question(decisions[0]),
        )
        return questions[which]

    return {
        e.SessionStarted: lambda: started(),
        e.BaseTaken: lambda: base(),
        e.BaseRenewed: lambda: renewed(
            int(new), tree=pick(["tree0", f"tree{new}"]), replaced=draft if pick(CHANCE) else "tree0"
        ),
        e.SessionTakenUp: lambda: e.SessionTakenUp(runner_id=RunnerId("r"), fence=pick([state.fence + 1, state.fence])),
        e.SessionFinished: lambda: e.SessionFinished(summary=EMPTY),
        e.SessionStopped: lambda: stopped(),
        e.SessionCancelled: lambda: e.SessionCancelled(),
        e.SessionResumed: lambda: resumed(),
        e.MessageReceived: lambda: e.MessageReceived(text=pick([inline("More."), Text()])),
        e.WorkBegun: lambda: begun(pick([f"t{new}", *tasks])),
        e.PlanProposed: lambda: plan_proposed(*pick([(f"t{new}", f"u{new}"), (f"t{new}",), (tasks[0],), ()])),
        e.PlanApproved: lambda: e.PlanApproved(),
        e.PlanRejected: lambda: e.PlanRejected(feedback=inline("No.")),
        e.PlanEdited: lambda: plan_edited(*pick([(f"v{new}", f"w{new}"), (f"v{new}",), (tasks[0],), ()])),
        e.PlanRevised: lambda: e.PlanRevised(plan=plan(*pick([(f"t{new}",), (tasks[0], f"t{new}"), ()])), reason="So."),
        e.WorkEstimated: lambda: e.WorkEstimated(
            model="a/b",
            tasks=120,
            input_tokens=120,
            output_tokens=120,
            nano_usd=pick((None, 7)),
            seconds=120,
            basis="rough",
            recorded_tasks=0,
        ),
        e.TaskStarted: lambda: task_started(task()),
        e.TaskReported: lambda: task_reported(task()),
        e.CritiqueFinished: lambda: critique(task(), approved=pick(CHANCE)),
        e.RepairBegun: lambda: e.RepairBegun(task_id=TaskId(task()), reason="Red."),
        e.TaskFinished: lambda: task_finished(task(), pick(OUTCOMES)),
        e.StallNoticed: lambda: e.StallNoticed(task_id=TaskId(task()), description="Again."),
        e.EnvironmentIntended: lambda: environment_intended(f"n{new}", pick(["w1", "w2"])),
        e.EnvironmentFinished: lambda: environment_finished(
            state.environment.call_id if state.environment else "nobody", pick(ENVIRONMENT_OUTCOMES)
        ),
        e.GateIntended: lambda: gate_intended(f"g{new}", task()),
        e.BaselineRun: lambda: baseline(state.gate.call_id if state.gate else "nobody"),
        e.SessionRulesAdded: lambda: e.SessionRulesAdded(rules=(rule(f"u{new}"),), decision_id=DecisionId("")),
        e.SessionRuleRemoved: lambda: e.SessionRuleRemoved(
            rule_id=pick([*(one.rule_id for one in state.rules), RuleId("none")])
        ),
        e.WorkspaceRulesTold: lambda: e.WorkspaceRulesTold(rules=pick([(), (rule(f"w{new}"),)])),
        e.GateFinished: lambda: gate_finished(state.gate.call_id if state.gate else "nobody", task()),
        e.ModelCallIntended: lambda: model_intended(f"m{new}", reserved=pick([None, 10])),
        e.ModelCallFinished: lambda: model_finished(
            model_call, *pick([(), (f"a{new}",), (f"a{new}", f"b{new}")]), cost=pick([None, 4])
        ),
        e.ModelCallFailed: lambda: model_failed(model_call, category=pick(["server", "cancelled"])),
        e.ToolCallIntended: lambda: tool_intended(pick(list(tools)), draft),
        e.ToolCallFinished: lambda: tool_done(pick(list(tools))),
        e.ModelSwitched: lambda: e.ModelSwitched(
            role=pick(["plan", "code"]), model=pick(["m", "n"]), endpoint="key", instead_of="o", reason="It failed."
        ),
        e.ModelAwaited: lambda: e.ModelAwaited(role="code", reason="All are busy.", wait_ms=500),
        e.ContextCompacted: lambda: e.ContextCompacted(
            role=pick(["plan", "code"]),
            task_id=None,
            elided_until=int(new),
            folded_until=int(new),
            before_tokens=9,
            after_tokens=5,
        ),
        e.DriftNoticed: lambda: e.DriftNoticed(call_id=CallId("c"), recorded="ok", seen="failed"),
        e.DecisionRequested: lambda: asked(pick(range(4))),
        e.DecisionTaken: lambda: answer(pick(decisions), pick(["yes", "approve", "perhaps"])),
        e.CheckpointTaken: lambda: checkpoint(int(new), green=pick(CHANCE)),
        e.DraftRestored: lambda: restored("tree0", draft, int(new)),
        e.ProposalMade: lambda: proposal_made(
            *pick([("h1", "h2"), ("h2", "h3"), ("h1",), ()]), base_tree=state.base or "tree0"
        ),
        e.ProposalEdited: lambda: proposal_edited(pick(hunks), *pick([("h1", "h4"), ("h2", "h3")])),
        e.HunksAccepted: lambda: accepted(pick(hunks)),
        e.HunksRejected: lambda: rejected(pick(hunks)),
        e.ApplyIntended: lambda: apply_intended(
            f"y{new}", pick(hunks), undoes=pick([None, *(one.apply_id for one in state.applies[-2:])])
        ),
        e.ApplyFinished: lambda: e.ApplyFinished(apply_id=ApplyId(apply), results=result(pick(hunks), pick(STATUSES))),
        e.HunksObserved: lambda: e.HunksObserved(results=result(pick(hunks), pick(STATUSES))),
    }


CHANCE = (True, True, True, False)
"""Three times in four."""
