"""Every kind of event is refused in a wrong state, with a sentence that helps."""

from __future__ import annotations

import pytest
from tests.unit.domain import histories as h
from tests.unit.domain.histories import Story

from draftsmith.domain.ids import CallId, DecisionId, RunnerId, TaskId
from draftsmith.domain.limits import Limits
from draftsmith.domain.policy import RuleId
from draftsmith.domain.session import events as e
from draftsmith.domain.text import EMPTY, Text


def new() -> Story:
    return Story().tell(h.started())


def ready(**changes: object) -> Story:
    return Story().tell(h.started(**changes), h.base())


def coding() -> Story:
    return ready().tell(h.begun(), h.task_started())


def in_gates() -> Story:
    return coding().tell(h.task_reported())


def calling() -> Story:
    return coding().tell(h.model_intended())


def with_tools(*tools: str) -> Story:
    return calling().tell(h.model_finished("m1", *(tools or ("c1", "c2"))))


def proposed(*hunks: str) -> Story:
    return ready().tell(h.proposal_made(*(hunks or ("h1", "h2"))))


def decided() -> Story:
    return proposed().tell(h.rejected("h1", "h2"))


def applying() -> Story:
    return proposed().tell(h.accepted("h1"), h.apply_intended("y1", "h1"))


def applied() -> Story:
    return applying().tell(h.apply_finished("y1", h1="on_disk"))


def ended() -> Story:
    return ready().tell(h.stopped())


def asked() -> Story:
    return ready().tell(h.question())


def planned() -> Story:
    return ready().tell(h.plan_proposed("t1", "t2"))


def approved() -> Story:
    return planned().tell(e.PlanApproved())


def limited(**limits: int) -> Story:
    return ready(limits=Limits(**limits))


def repair(task: str = "t1") -> e.RepairBegun:
    return e.RepairBegun(task_id=TaskId(task), reason="Red.")


def taken_up(fence: int) -> e.SessionTakenUp:
    return e.SessionTakenUp(runner_id=RunnerId("r"), fence=fence)


def revised(*tasks: str) -> e.PlanRevised:
    return e.PlanRevised(plan=h.plan(*tasks), reason="So.")


DONE = e.SessionFinished(summary=EMPTY)
STALL = e.StallNoticed(task_id=TaskId("t1"), description="Again.")
NO_PLAN = e.PlanRejected(feedback=EMPTY)

ESTIMATE = e.WorkEstimated(
    model="a/b", tasks=2, input_tokens=1, output_tokens=1, nano_usd=None, seconds=1, basis="rough", recorded_tasks=0
)

REFUSED: list[tuple[Story, e.SessionEvent, str]] = [
    (new(), h.started(), "The session has already started."),
    # begin and end
    (ready(), h.base(), "The snapshot of the workspace was already taken."),
    (ended(), h.base(), "The snapshot of the workspace was already taken."),
    (ready(), h.renewed(), "No further round was asked for."),
    (proposed(), h.renewed(), "No further round was asked for."),
    (proposed().tell(h.message()), h.base(), "The snapshot of the workspace was already taken."),
    (proposed().tell(h.message()), h.renewed(replaced="other"), "The draft has moved on since the snapshot was taken."),
    (
        proposed().tell(h.message(), h.accepted("h1"), h.apply_intended("y1", "h1")),
        h.renewed(),
        "Hunks are being written; the snapshot would hold some of them only.",
    ),
    (
        proposed().tell(h.message()),
        h.begun("t7"),
        "A new snapshot of the workspace is being taken for the further round.",
    ),
    (new().tell(taken_up(3)), taken_up(3), "Another runner took the session (fence 3)."),
    (new().tell(taken_up(3)), taken_up(2), "Another runner took the session (fence 3)."),
    (new(), DONE, "The session has no snapshot of the workspace yet."),
    (coding(), DONE, "Task t1 is not finished."),
    (calling(), DONE, "A model call is under way."),
    (with_tools(), DONE, "Tool calls are not finished."),
    (in_gates().tell(h.gate_intended()), DONE, "Gate tests is running."),
    (ended(), h.stopped(), "The session is already stopped."),
    (proposed(), h.stopped(), "The session is already proposed."),
    (ended(), e.SessionCancelled(), "The session is already stopped."),
    (ready().tell(e.SessionCancelled()), e.SessionCancelled(), "The session is already cancelled."),
    (ready(), h.resumed(), "The session is working; there is nothing to resume."),
    (decided(), h.resumed(), "The session is finished; there is nothing to resume."),
    (ready(), e.MessageReceived(text=EMPTY), "The message is empty."),
    (ready(), e.MessageReceived(text=Text(preview=" \n", length=2)), "The message is empty."),
    # plan
    (new(), h.begun(), "The session has no snapshot of the workspace yet."),
    (ended(), h.begun(), "The session is stopped; resume it first."),
    (ended(), ESTIMATE, "The session is stopped; resume it first."),
    (proposed(), h.begun(), "The session is proposed; send a message to let it go on."),
    (coding(), h.begun("t2"), "Task t1 is not finished."),
    (ready().tell(h.begun()), h.begun(), "There is already a task t1."),
    (ready(), h.plan_proposed(), "The plan has no task."),
    (coding(), h.plan_proposed("t2"), "Task t1 is not finished."),
    (
        coding().tell(h.task_finished()),
        h.plan_proposed("t2", "t1"),
        "Task t1 was worked on before; give the new task another id.",
    ),
    (ready(), e.PlanApproved(), "There is no plan to approve."),
    (approved(), e.PlanApproved(), "There is no plan to approve."),
    (ready(), h.plan_edited("e1"), "There is no plan to edit."),
    (approved(), h.plan_edited("e1"), "There is no plan to edit."),
    (planned(), h.plan_edited(), "The plan has no task."),
    (ready(), NO_PLAN, "There is no plan to reject."),
    (approved(), NO_PLAN, "There is no plan to reject."),
    (ready(), revised("t1"), "There is no approved plan to revise."),
    (planned(), revised("t1"), "There is no approved plan to revise."),
    (approved(), revised("t1", "t1"), "Two tasks have the id 't1'."),
    # tasks
    (planned(), h.task_started(), "The plan is not approved yet."),
    (approved(), h.task_started("t9"), "There is no task t9."),
    (approved().tell(h.task_started()), h.task_started("t2"), "Task t1 is not finished."),
    (coding().tell(h.task_finished()), h.task_started(), "Task t1 is done."),
    (approved(), h.task_reported(), "Task t1 is not the active one."),
    (in_gates(), h.task_reported(), "Task t1 is in its gates phase."),
    (coding(), h.critique(), "Task t1 is in its coding phase."),
    (coding(), repair(), "Task t1 is in its coding phase."),
    (approved(), repair(), "Task t1 is not the active one."),
    (approved(), h.task_finished(), "Task t1 is pending."),
    (coding(), h.task_finished(outcome="skipped"), "Task t1 is active."),
    (calling(), h.task_finished(), "A call is under way."),
    (in_gates().tell(h.gate_intended()), h.task_finished(), "A call is under way."),
    (approved(), STALL, "Task t1 is pending."),
    (ready(), STALL, "There is no task t1."),
    # environments
    (
        in_gates().tell(h.gate_intended()),
        h.environment_intended(),
        "A model call, a tool call or a gate is not finished.",
    ),
    (coding(), h.environment_finished("n1"), "No environment is being made by n1."),
    # gates
    (coding(), h.gate_intended(), "Task t1 is in its coding phase."),
    (in_gates().tell(h.gate_intended()), h.gate_intended("g2"), "Gate tests is running."),
    (in_gates().tell(h.stopped()), h.gate_intended(), "The session is stopped; resume it first."),
    (in_gates(), h.gate_finished(), "Gate run g1 is not under way."),
    (Story(), e.WorkspaceRulesTold(rules=()), "There is no such session."),
    (in_gates(), h.baseline(), "Gate run g1 is not under way."),
    (ready(), e.SessionRuleRemoved(rule_id=RuleId("u9")), "The session has no rule u9."),
    (
        ready(),
        e.SessionRulesAdded(rules=(h.rule(program=" "),), decision_id=DecisionId("")),
        "A rule names a program; `*` means every one.",
    ),
    (in_gates().tell(h.gate_intended()), h.gate_finished("g2"), "Gate run g2 is not under way."),
    # calls
    (new(), h.model_intended(), "The session has no snapshot of the workspace yet."),
    (calling(), h.model_intended("m2"), "A model call or tool call is not finished."),
    (with_tools(), h.model_intended("m2"), "A model call or tool call is not finished."),
    (limited(steps=0), h.model_intended(), "The limit of 0 steps is reached (0 taken)."),
    (
        limited(nano_usd=2_000_000_000),
        h.model_intended(reserved=2_000_000_001),
        "The next call could bring the cost to 2.0000 dollars; 2.0000 are allowed.",
    ),
    (ready(), h.model_finished(), "Model call m1 is not under way."),
    (calling(), h.model_finished("m2"), "Model call m2 is not under way."),
    (ready(), h.model_failed(), "Model call m1 is not under way."),
    (with_tools(), h.tool_intended("c9"), "Tool call c9 is not pending."),
    (with_tools().tell(h.stopped()), h.tool_intended("c1"), "The session is stopped; resume it first."),
    (
        with_tools().tell(h.tool_intended("c1")),
        h.tool_intended("c2"),
        "Another tool call with an effect is under way.",
    ),
    (
        with_tools().tell(h.question("d1", call="c1")),
        h.tool_intended("c1"),
        "Tool call c1 waits for the answer to d1.",
    ),
    (with_tools(), h.tool_finished("c9"), "Tool call c9 is not pending."),
    (
        with_tools(),
        h.tool_finished("c1", "tree1"),
        "Tool call c1 needs an intent before it changes the draft, and a tree after it.",
    ),
    (
        with_tools().tell(h.tool_intended("c1")),
        h.tool_finished("c1"),
        "Tool call c1 needs an intent before it changes the draft, and a tree after it.",
    ),
    (Story(), e.DriftNoticed(call_id=CallId("c"), recorded="ok", seen="failed"), "There is no such session."),
    (
        ended(),
        e.ModelSwitched(role="code", model="m", endpoint="key", instead_of="o", reason="It failed."),
        "The session is stopped; resume it first.",
    ),
    (
        ended(),
        e.ModelAwaited(role="code", reason="All are busy.", wait_ms=500),
        "The session is stopped; resume it first.",
    ),
    (
        ended(),
        e.ContextCompacted(role="code", task_id=None, elided_until=1, folded_until=1, before_tokens=9, after_tokens=5),
        "The session is stopped; resume it first.",
    ),
    # questions
    (new(), h.question(), "The session has no snapshot of the workspace yet."),
    (asked(), h.question(), "Decision d1 is already open."),
    (asked().tell(h.answer()), h.question(), "Decision d1 was already answered; ask a new one."),
    (ended(), h.question(), "The session is stopped; resume it first."),
    (ready(), h.answer(), "There is no open question d1."),
    (asked(), h.answer(word="perhaps"), "'perhaps' is not an answer to it; choose one of: yes, no."),
    # draft
    (new(), h.checkpoint(1), "The session has no draft yet."),
    (new(), h.restored("tree0", "tree1"), "The session has no draft yet."),
    (
        with_tools().tell(h.tool_intended("c1")),
        h.restored("tree0", "tree1"),
        "A command or an edit is under way; cancel the session first.",
    ),
    (
        in_gates().tell(h.gate_intended()),
        h.restored("tree0", "tree1"),
        "A command or an edit is under way; cancel the session first.",
    ),
    # proposal
    (new(), h.proposal_made("h1", base_tree="tree1"), "The proposal was made against another base."),
    (ready(), h.proposal_made("h1", base_tree="tree1"), "The proposal was made against another base."),
    (coding(), h.proposal_made("h1"), "Task t1 is not finished."),
    (proposed(), h.proposal_made("h1"), "The session is proposed; send a message to let it go on."),
    (ready(), h.accepted("h1"), "The session has no proposal yet."),
    (proposed(), h.accepted("h9"), "The proposal has no hunk h9."),
    (applying(), h.accepted("h2"), "Other hunks are being written; try again in a moment."),
    (applied(), h.accepted("h1"), "Hunk h1 is on disk and cannot be accepted."),
    (proposed().tell(h.accepted("h1")), h.accepted("h1"), "Hunk h1 is accepted and cannot be accepted."),
    (ready(), h.rejected("h1"), "The session has no proposal yet."),
    (applied(), h.rejected("h1"), "Hunk h1 is on disk and cannot be rejected."),
    (applying(), h.rejected("h2"), "Other hunks are being written; try again in a moment."),
    (applying(), h.apply_intended("y2", "h1"), "Other hunks are being written; try again in a moment."),
    (proposed(), h.apply_intended("y1", "h1"), "Hunk h1 is pending; accept it first."),
    (proposed().tell(h.rejected("h1")), h.apply_intended("y1", "h1"), "Hunk h1 is rejected; accept it first."),
    (proposed(), h.apply_intended("y1", "h9"), "The proposal has no hunk h9."),
    (applied(), h.apply_intended("y2", "h1", undoes="y9"), "There is no apply y9 that can be undone."),
    (applied(), h.apply_intended("y2", "h2", undoes="y1"), "Apply y1 did not write hunk h2."),
    (
        applied().tell(h.apply_intended("y2", "h1", undoes="y1"), h.apply_finished("y2", h1="reverted")),
        h.apply_intended("y3", "h1", undoes="y1"),
        "Apply y1 was already undone.",
    ),
    (proposed(), h.proposal_edited("h1", "h3", base_tree="tree1"), "The proposal was made against another base."),
    (proposed(), h.proposal_edited("h9", "h3"), "The proposal has no hunk h9."),
    (applied(), h.proposal_edited("h1", "h3"), "Hunk h1 is on disk and cannot be edited."),
    (coding(), h.proposal_edited("h1"), "The session is working; hunks can be edited once there is a proposal."),
    (proposed(), h.apply_finished("y1"), "Apply y1 is not under way."),
    (applying(), h.apply_finished("y2"), "Apply y2 is not under way."),
    (ready(), h.observed(h1="on_disk"), "The session has no proposal yet."),
    (proposed(), h.observed(h9="on_disk"), "The proposal has no hunk h9."),
]


@pytest.mark.parametrize(
    ("story", "event", "sentence"), REFUSED, ids=[f"{event.kind}: {sentence}" for _, event, sentence in REFUSED]
)
def test_an_event_in_the_wrong_state_is_refused(story: Story, event: e.SessionEvent, sentence: str) -> None:
    assert story.refuses(event) == sentence


def test_every_kind_of_event_is_refused_somewhere() -> None:
    assert {type(event) for _, event, _ in REFUSED} == set(h.EVENT_TYPES)


def test_outcomes_of_what_was_begun_are_taken_also_after_a_cancel() -> None:
    with_tools().tell(
        h.tool_intended("c1"), e.SessionCancelled(), h.tool_finished("c1", "tree1", outcome="interrupted")
    )
    calling().tell(e.SessionCancelled(), h.model_failed(category="cancelled"))
    in_gates().tell(h.gate_intended(), e.SessionCancelled(), h.gate_finished())
