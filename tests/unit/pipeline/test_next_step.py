"""The pipeline's course: from each state the step that is due, and never one that the rules or limits forbid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from tests.unit.domain import histories as h
from tests.unit.domain.test_session_histories import CHOICES, grown

from draftsmith.domain.gates import Finding, GateResult, Verdict
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.limits import Limits, struck
from draftsmith.domain.session import events as e
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import EMPTY, inline
from draftsmith.pipeline import steps
from draftsmith.pipeline.next_step import MAX_PLAN_REJECTIONS, MAX_REPAIRS, MAX_SILENT_REPLIES, next_step

GATES = ("applies", "tests")
T1 = TaskId("t1")


def new(**changes: object) -> h.Story:
    return h.Story().tell(h.started(**changes), h.base())


def coding(**changes: object) -> h.Story:
    return new(**changes).tell(h.begun(), h.task_started())


def reported(**changes: object) -> h.Story:
    return coding(**changes).tell(h.task_reported())


def gate(story: h.Story, name: str, verdict: Verdict = "passed") -> h.Story:
    call = CallId(f"g{story.state.version}")
    result = GateResult(gate=name, verdict=verdict, reason="So it is.")
    return story.tell(
        e.GateIntended(call_id=call, task_id=T1, gate=name, command="x"),
        e.GateFinished(call_id=call, task_id=T1, result=result),
    )


def gated(verdict: Verdict = "passed", story: h.Story | None = None) -> h.Story:
    return gate(gate(story or reported(), "applies"), "tests", verdict)


def silent(story: h.Story, times: int = MAX_SILENT_REPLIES, *, task: str | None = None) -> h.Story:
    for number in range(times):
        name = f"q{story.state.version}{number}"
        story.tell(h.model_intended(name, task=task), h.model_finished(name))
    return story


def reviewed(*severities: str, approved: bool = False) -> h.Story:
    findings = tuple(
        Finding(path="a", line=1, severity=severity, message="No.")  # pyright: ignore[reportArgumentType] (literal below)
        for severity in severities
    )
    return gated().tell(e.CritiqueFinished(task_id=T1, approved=approved, findings=findings))


def after_repairs(times: int) -> h.Story:
    story = gated("failed")
    for _ in range(times):
        gated("failed", story.tell(e.RepairBegun(task_id=T1, reason="Red."), h.task_reported()))
    return story


def calls(story: h.Story, *outcomes: e.ToolOutcome) -> h.Story:
    for number, outcome in enumerate(outcomes):
        name = f"c{story.state.version}{number}"
        story.tell(h.model_intended(f"m{name}", task="t1"), h.model_finished(f"m{name}", name))
        story.tell(h.tool_finished(name, outcome=outcome))
    return story


def planned(*tasks: str, autonomy: str = "ask") -> h.Story:
    return new(autonomy=autonomy).tell(h.plan_proposed(*tasks))


def rejected_plans() -> h.Story:
    story = new(autonomy="ask")
    for number in range(MAX_PLAN_REJECTIONS):
        story.tell(h.plan_proposed(f"t{number}"), e.PlanRejected(feedback=inline("No.")))
    return story


def impossible() -> h.Story:
    return coding().tell(e.TaskReported(task_id=T1, report=inline("No way."), impossible=True))


CASES: dict[str, tuple[Callable[[], h.Story], steps.Step | type]] = {
    "no snapshot yet": (lambda: h.Story().tell(h.started()), steps.Done()),
    "a new session is triaged": (new, steps.AskModel(role="plan", task_id=None)),
    "a planner that never calls a tool": (lambda: silent(new()), steps.BeginTask),
    "a question is open": (lambda: new().tell(h.question()), steps.Wait()),
    "a plan that needs a word": (lambda: planned("a", "b"), steps.AskForPlan()),
    "a plan of one task": (lambda: planned("a"), steps.AskForPlan()),
    "a plan with full autonomy": (lambda: planned("a", "b", autonomy="auto"), steps.ApprovePlan()),
    "a plan was rejected": (
        lambda: planned("a", "b").tell(e.PlanRejected(feedback=inline("No."))),
        steps.AskModel(role="plan", task_id=None),
    ),
    "too many plans were rejected": (rejected_plans, steps.BeginTask),
    "work has begun": (lambda: new().tell(h.begun()), steps.StartTask(task_id=T1)),
    "a task is active": (coding, steps.AskModel(role="code", task_id=T1)),
    "a call is pending": (
        lambda: coding().tell(h.model_intended("m1", task="t1"), h.model_finished("m1", "c1", "c2")),
        steps.RunTool,
    ),
    "the coder says nothing": (lambda: silent(coding(), task="t1"), steps.FailTask),
    "the coder repeats itself": (lambda: calls(coding(), "failed", "failed", "failed"), steps.NoticeStall),
    "the coder was told and repeats itself": (
        lambda: calls(
            calls(coding(), "failed", "failed", "failed").tell(e.StallNoticed(task_id=T1, description="Again.")),
            *("failed", "failed", "failed"),
        ),
        steps.FailTask,
    ),
    "reported: the first gate": (reported, steps.RunGate(task_id=T1, gate="applies")),
    "one gate ran: the next": (lambda: gate(reported(), "applies"), steps.RunGate(task_id=T1, gate="tests")),
    "it cannot be done": (impossible, steps.FailTask),
    "a gate failed": (lambda: gated("failed"), steps.Repair),
    "a gate failed after all repairs": (lambda: after_repairs(MAX_REPAIRS), steps.FailTask),
    "a gate that could not be verified": (
        lambda: gated("not_verified"),
        steps.AskModel(role="critique", task_id=T1),
    ),
    "green: the review": (gated, steps.AskModel(role="critique", task_id=T1)),
    "the reviewer says nothing": (lambda: silent(gated(), task="t1"), steps.CloseTask(task_id=T1)),
    "the review approves": (lambda: reviewed(approved=True), steps.CloseTask(task_id=T1)),
    "the review finds trifles": (lambda: reviewed("minor"), steps.CloseTask(task_id=T1)),
    "the review finds a problem": (lambda: reviewed("minor", "critical"), steps.Repair),
    "everything is done": (
        lambda: reviewed(approved=True).tell(h.task_finished()),
        steps.Propose(),
    ),
    "the user said something meanwhile": (
        lambda: reviewed(approved=True).tell(h.task_finished(), h.message()),
        steps.BeginTask,
    ),
    "no more steps": (
        lambda: silent(new(limits=Limits(steps=1)), 1),
        steps.StopAtLimit,
    ),
    "cancelled": (lambda: coding().tell(e.SessionCancelled()), steps.Done()),
    "stopped": (lambda: coding().tell(h.stopped()), steps.Done()),
}


@pytest.mark.parametrize("case", CASES)
def test_the_step_that_is_due(case: str) -> None:
    make, due = CASES[case]
    step = next_step(make().state, GATES)
    if isinstance(due, type):
        assert isinstance(step, due)
    else:
        assert step == due


def test_a_task_waits_for_what_it_depends_on_and_is_skipped_when_that_failed() -> None:
    plan = h.plan("t1", "t2")
    needy = h.Task(task_id=TaskId("t2"), title="Second", depends_on=(T1,))
    story = new().tell(e.PlanProposed(title="P", plan=h.Plan(tasks=(plan.tasks[0], needy))), e.PlanApproved())
    assert next_step(story.state, GATES) == steps.StartTask(task_id=T1)
    story.tell(h.task_started(), h.task_finished(outcome="failed"))
    step = next_step(story.state, GATES)
    assert isinstance(step, steps.SkipTask)
    assert step.task_id == "t2"


def event_of(state: SessionState, step: steps.Step) -> e.SessionEvent | None:
    """What the engine records first for a step, where that is known from here."""
    match step:
        case steps.AskModel(role=role, task_id=task_id):
            return e.ModelCallIntended(
                call_id=CallId("new"), role=role, task_id=task_id, model="m", counted_tokens=1, reserved_nano_usd=0
            )
        case steps.BeginTask(title=title):
            return e.WorkBegun(title=title, task_id=TaskId("quite-new"))
        case steps.ApprovePlan():
            return e.PlanApproved()
        case steps.StartTask(task_id=task_id):
            return e.TaskStarted(task_id=task_id)
        case steps.SkipTask(task_id=task_id, reason=reason):
            return e.TaskFinished(task_id=task_id, outcome="skipped", reason=reason)
        case steps.NoticeStall(task_id=task_id, description=description):
            return e.StallNoticed(task_id=task_id, description=description)
        case steps.RunGate(task_id=task_id, gate=name):
            return e.GateIntended(call_id=CallId("new"), task_id=task_id, gate=name, command="")
        case steps.Repair(task_id=task_id, reason=reason):
            return e.RepairBegun(task_id=task_id, reason=reason)
        case steps.CloseTask(task_id=task_id):
            return e.TaskFinished(task_id=task_id, outcome="done")
        case steps.FailTask(task_id=task_id, reason=reason):
            return e.TaskFinished(task_id=task_id, outcome="failed", reason=reason)
        case steps.Propose():
            return e.SessionFinished(summary=EMPTY)
        case _:
            return None


def engine_s_own(event: e.SessionEvent, state: SessionState) -> bool:
    """Histories of the rules hold more than the engine does: it never plans anew once there are tasks."""
    return not (isinstance(event, e.PlanProposed) and state.tasks)


@settings(max_examples=150)
@given(choices=CHOICES)
def test_no_state_leads_to_a_crash_or_to_a_step_that_is_forbidden(choices: list[int]) -> None:
    replanned = False
    for before, event, state in grown(choices):
        replanned = replanned or not engine_s_own(event, before)
        step = next_step(state, GATES)
        if isinstance(step, steps.AskModel | steps.RunGate | steps.Repair | steps.StartTask):
            assert struck(state.limits, state.spent) is None, "work goes on beyond a limit"
        settled = state.model_call is None and state.gate is None and state.environment is None
        due = event_of(state, step)
        if settled and not replanned and due is not None:
            assert refusal(state, due) is None, f"{step} cannot be recorded"


@settings(max_examples=60)
@given(choices=CHOICES)
def test_whatever_is_over_is_left_alone_and_what_is_asked_is_waited_for(choices: list[int]) -> None:
    for _, _, state in grown(choices):
        step = next_step(state, GATES)
        assert isinstance(step, steps.Done) == (state.over or state.status == "starting")
        if state.decisions and not state.over and state.status != "starting":
            assert isinstance(step, steps.Wait)
