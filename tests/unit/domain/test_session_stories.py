"""What a session does, told as short histories."""

from __future__ import annotations

import pytest
from tests.unit.domain import histories as h
from tests.unit.domain.histories import Refused, Story

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.ids import CheckpointId, DecisionId, SessionId, TaskId, TreeId, WorkspaceId
from draftsmith.domain.limits import Limits
from draftsmith.domain.plan_text import read_plan
from draftsmith.domain.roots import Root
from draftsmith.domain.session import commands as c
from draftsmith.domain.session import events as e
from draftsmith.domain.session.decide import decide
from draftsmith.domain.session.state import KEPT, KEPT_CALLS, SessionState
from draftsmith.domain.text import EMPTY, Text, inline


def ready(**changes: object) -> Story:
    return Story().tell(h.started(**changes), h.base())


def coding() -> Story:
    return ready().tell(h.begun(), h.task_started())


def proposed(*hunks: str) -> Story:
    return ready().tell(h.proposal_made(*hunks))


def statuses(story: Story) -> dict[str, str]:
    assert story.state.proposal is not None
    return {hunk.hunk_id: hunk.status for hunk in story.state.proposal.hunks}


def last(story: Story) -> e.SessionEvent:
    return story.envelopes[-1].event


# --- start ---


def start(request: Text, *, roots: tuple[Root, ...] = (Root(name="a", path="/a"),)) -> c.StartSession:
    return c.StartSession(
        session_id=SessionId("s"),
        workspace_id=WorkspaceId("w"),
        roots=roots,
        request=request,
        autonomy="ask",
        limits=Limits(),
        model="m",
    )


def test_a_session_starts_with_what_was_asked() -> None:
    state = Story().ask(start(inline("  Mend it\nplease"))).state
    assert (state.status, state.title, state.version, state.autonomy) == ("starting", "Mend it", 1, "ask")
    assert state.created_at == state.updated_at == 1_001


@pytest.mark.parametrize("request_text", [EMPTY, Text(preview=" \n\t", length=3)])
def test_an_empty_request_is_refused(request_text: Text) -> None:
    with pytest.raises(IllegalCommand, match="The request is empty"):
        decide(SessionState(), start(request_text))


def test_a_session_without_a_folder_is_refused() -> None:
    with pytest.raises(IllegalCommand, match="at least one folder"):
        decide(SessionState(), start(inline("Mend it"), roots=()))


def test_a_fork_begins_where_the_other_session_was() -> None:
    story = Story().tell(h.started(), e.BaseTaken(tree=TreeId("tree0"), files=1, draft_tree=TreeId("tree5")))
    assert (story.state.base, story.state.draft) == ("tree0", "tree5")
    assert story.state.green is not None
    assert story.state.green.tree == "tree5"


# --- questions ---


def test_a_question_makes_the_session_wait_and_its_answer_lets_it_go_on() -> None:
    story = ready().tell(h.question())
    assert story.state.status == "waiting"
    story.ask(c.AnswerDecision(decision_id=DecisionId("d1"), answer="yes"))
    assert (story.state.status, story.state.decisions) == ("working", ())


def test_the_session_waits_for_the_last_of_several_answers() -> None:
    story = ready().tell(h.question("d1"), h.question("d2"), h.answer("d2"))
    assert story.state.status == "waiting"
    assert story.tell(h.answer("d1")).state.status == "working"


def test_the_second_answer_is_told_who_gave_the_first_and_what_it_was() -> None:
    story = ready().tell(h.question()).ask(c.AnswerDecision(decision_id=DecisionId("d1"), answer="no"), client="vscode")
    with pytest.raises(IllegalCommand, match=r"already answered by vscode: no\."):
        decide(story.state, c.AnswerDecision(decision_id=DecisionId("d1"), answer="yes"))
    assert [one.answer for one in story.state.answered] == ["no"]


def test_free_text_is_an_answer_where_it_is_allowed() -> None:
    story = ready().tell(h.plan_proposed("t1"), h.plan_question())
    story.tell(h.answer("p1", "as you like"))
    assert story.state.answered[-1].answer == "as you like"


def test_a_command_waits_for_its_own_answer_only() -> None:
    story = coding().tell(h.model_intended(), h.model_finished("m1", "c1", "c2"), h.question("d1", call="c1"))
    story.refuses(h.tool_intended("c1"))
    story.tell(h.tool_intended("c2"), h.tool_finished("c2", "tree1"), h.answer("d1"), h.tool_intended("c1"))


# --- plan ---


def planned() -> Story:
    return ready().tell(h.plan_proposed("t1", "t2"), h.plan_question())


def plan_answer(word: str, text: Text = EMPTY) -> c.AnswerDecision:
    return c.AnswerDecision(decision_id=DecisionId("p1"), answer=word, text=text)


def test_approving_a_plan_makes_its_tasks() -> None:
    story = planned().ask(plan_answer("approve"))
    assert [task.task.task_id for task in story.state.tasks] == ["t1", "t2"]
    assert (story.state.plan_approved, story.state.status) == (True, "working")


@pytest.mark.parametrize(
    ("word", "text", "feedback"),
    [
        ("reject", inline("Smaller steps."), inline("Smaller steps.")),
        ("Use one file.", EMPTY, inline("Use one file.")),
    ],
)
def test_rejecting_a_plan_keeps_the_reason_and_makes_no_task(word: str, text: Text, feedback: Text) -> None:
    story = planned().ask(plan_answer(word, text))
    rejection = last(story)
    assert isinstance(rejection, e.PlanRejected)
    assert rejection.feedback == feedback
    assert (story.state.plan, story.state.tasks, story.state.plan_rejections) == (None, (), 1)
    story.tell(h.plan_proposed("t1"), e.PlanApproved())


def edit_plan(decision: str = "p1", *titles: str) -> c.EditPlan:
    written = read_plan("# Mine\n" + "".join(f"## {place}. {title}\n" for place, title in enumerate(titles, 1)))
    return c.EditPlan(decision_id=DecisionId(decision), title=written.title, plan=written.plan)


def test_an_edited_plan_is_the_users_own_and_is_approved_with_that() -> None:
    story = planned().ask(edit_plan("p1", "Tests first", "Then the code"))
    assert [type(one.event) for one in story.envelopes[-3:]] == [e.PlanEdited, e.DecisionTaken, e.PlanApproved]
    state = story.state
    assert [one.task.title for one in state.tasks] == ["Tests first", "Then the code"]
    assert not {one.task.task_id for one in state.tasks} & {"t1", "t2"}, "ids are used once"
    assert (state.title, state.plan_edited, state.plan_approved, state.status) == ("Mine", True, True, "working")
    assert state.answered[-1].answer == "edited"


def test_an_edit_of_a_plan_that_is_no_longer_asked_about_is_refused() -> None:
    story = planned().ask(plan_answer("reject"))
    for decision in ("p1", "nobody"):
        with pytest.raises(IllegalCommand, match="not waiting for an answer"):
            story.ask(edit_plan(decision, "Mine"))
    assert story.state.plan is None


def test_a_revision_replaces_only_what_was_not_begun() -> None:
    story = ready().tell(h.plan_proposed("t1", "t2", "t3"), e.PlanApproved(), h.task_started("t1"))
    story.tell(h.task_finished("t1"), h.task_started("t2"))
    story.tell(e.PlanRevised(plan=h.plan("t1", "t2", "t4"), reason="Finer."))
    assert [(one.task.task_id, one.status) for one in story.state.tasks] == [
        ("t1", "done"),
        ("t2", "active"),
        ("t4", "pending"),
    ]


def test_a_second_round_keeps_the_tasks_of_the_first() -> None:
    story = coding().tell(h.task_finished("t1"), h.proposal_made("h1"), h.message(), h.renewed())
    story.tell(h.plan_proposed("t2"))
    story.tell(e.PlanApproved(), h.task_started("t2"))
    assert [one.task.task_id for one in story.state.tasks] == ["t1", "t2"]


def test_tasks_of_the_current_plan_are_remembered_however_many_ended_before() -> None:
    story = ready()
    for number in range(KEPT + 20):
        story.tell(h.begun(f"t{number}"), h.task_started(f"t{number}"), h.task_finished(f"t{number}"))
    assert KEPT <= len(story.state.tasks) <= KEPT + 1
    story.tell(h.plan_proposed("p1", "p2"), e.PlanApproved(), h.task_started("p1"), h.task_finished("p1"))
    for number in range(KEPT + 5):
        story.tell(e.PlanRevised(plan=h.plan("p1", f"q{number}"), reason="On."))
        story.tell(h.task_started(f"q{number}"), h.task_finished(f"q{number}"))
    kept = {one.task.task_id: one.status for one in story.state.tasks}
    assert kept[TaskId("p1")] == "done"
    assert len(kept) <= KEPT + 2


# --- the way of a task ---


def test_a_task_goes_through_gates_and_critique_and_back_for_a_repair() -> None:
    story = coding().tell(h.task_reported(), h.gate_intended(), h.gate_finished(), h.critique(approved=False))
    assert story.state.active_task is not None
    assert story.state.active_task.phase == "closing"
    assert (story.state.critique_approved, len(story.state.gates)) == (False, 1)
    story.tell(e.RepairBegun(task_id=TaskId("t1"), reason="A name."))
    assert (story.state.active_task.repairs, story.state.active_task.phase) == (1, "coding")
    story.tell(h.task_reported())
    assert (story.state.gates, story.state.critique_approved) == ((), None)
    story.tell(h.task_finished())
    assert story.state.active is None


def test_a_gate_run_again_replaces_its_result() -> None:
    story = coding().tell(h.task_reported())
    for call in ("g1", "g2"):
        story.tell(h.gate_intended(call), h.gate_finished(call))
    assert len(story.state.gates) == 1


def test_costs_and_steps_add_up() -> None:
    story = coding().tell(h.model_intended("m1"), h.model_finished("m1", "c1", cost=4), h.tool_finished("c1"))
    story.tell(h.model_intended("m2"), h.model_failed("m2", charged=10))
    story.tell(h.model_intended("m3", reserved=None), h.model_finished("m3", cost=None))
    spent = story.state.spent
    assert (spent.steps, spent.model_calls, spent.tool_calls, spent.nano_usd, spent.unpriced_calls) == (4, 3, 1, 14, 1)
    assert (spent.milliseconds, spent.input_tokens, spent.output_tokens) == (7 + 2 + 3 + 7, 10, 4)


def test_failures_in_a_row_strike_and_a_success_or_a_cancel_does_not_count() -> None:
    story = ready(limits=Limits(errors=2)).tell(h.model_intended("m1"), h.model_failed("m1"))
    story.tell(h.model_intended("m2"), h.model_failed("m2", category="cancelled"))
    story.tell(h.model_intended("m3"), h.model_finished("m3"))
    for call in ("m4", "m5"):
        story.tell(h.model_intended(call), h.model_failed(call))
    assert story.refuses(h.model_intended("m6")) == "2 calls failed in a row; 2 are allowed."


def test_an_intent_keeps_when_and_from_where_the_effect_begins() -> None:
    story = coding().tell(h.model_intended(), h.model_finished("m1", "c1", "c2"), h.tool_intended("c1", "tree0"))
    first, second = story.state.tool_calls
    assert (first.effect, first.tree, first.at) == ("edit", "tree0", story.envelopes[-1].at)
    assert (second.effect, second.tree, second.at) == (None, None, 0)


# --- what stall detection looks at ---


def reading(story: Story, number: int) -> Story:
    return story.tell(
        h.model_intended(f"m{number}"), h.model_finished(f"m{number}", f"c{number}"), h.tool_finished(f"c{number}")
    )


def test_the_last_tool_calls_are_remembered_and_no_more() -> None:
    story = coding()
    for number in range(2 * KEPT_CALLS):
        reading(story, number)
        assert len(story.state.trace) == min(number + 1, KEPT_CALLS)
    stall = e.StallNoticed(task_id=TaskId("t1"), description="Again.")
    story.tell(stall)
    assert story.state.trace == ()
    assert story.state.active_task is not None
    assert story.state.active_task.stalls == 1


def test_replies_without_a_tool_call_are_counted_until_one_comes() -> None:
    story = coding()
    for number in (1, 2):
        story.tell(h.model_intended(f"m{number}"), h.model_finished(f"m{number}"))
        assert story.state.idle_replies == number
    assert reading(story, 3).state.idle_replies == 0


@pytest.mark.parametrize("event", [h.resumed(), h.message()], ids=lambda event: event.kind)
def test_a_session_that_goes_on_is_not_held_to_what_stalled_it(event: e.SessionEvent) -> None:
    story = reading(coding(), 1).tell(h.model_intended("m2"), h.model_finished("m2"), h.stopped("stall"))
    assert story.state.trace
    assert story.state.idle_replies
    story.tell(event)
    assert (story.state.trace, story.state.idle_replies) == ((), 0)


# --- cancel, stop, resume ---


def test_cancel_drops_the_open_questions_and_resume_goes_on() -> None:
    story = ready().tell(h.question()).ask(c.CancelSession())
    assert (story.state.status, story.state.decisions) == ("cancelled", ())
    story.refuses(h.answer())
    story.ask(c.ResumeSession())
    assert story.state.status == "working"
    story.tell(h.begun())


def test_cancel_before_the_snapshot_resumes_before_the_snapshot() -> None:
    story = Story().tell(h.started()).ask(c.CancelSession()).ask(c.ResumeSession())
    assert story.state.status == "starting"
    story.tell(h.base())


def test_a_stop_is_explained_until_the_session_resumes_with_other_limits() -> None:
    story = ready(limits=Limits(errors=1)).tell(h.model_intended(), h.model_failed(), h.stopped())
    assert story.state.stopped is not None
    assert story.state.stopped.way_on == "Raise the limit."
    story.ask(c.ResumeSession(limits=Limits(errors=5), model="bigger"))
    assert (story.state.limits.errors, story.state.model, story.state.stopped) == (5, "bigger", None)
    assert story.state.spent.errors_in_a_row == 0
    story.ask(c.CancelSession()).ask(c.ResumeSession())
    assert (story.state.limits.errors, story.state.model) == (5, "bigger")


def test_a_message_lets_a_session_go_on_that_failed_too_often() -> None:
    story = ready(limits=Limits(errors=1)).tell(h.model_intended(), h.model_failed(), h.stopped())
    story.ask(c.SendMessage(text=inline("The key works now.")))
    assert (story.state.status, story.state.stopped, story.state.unread_messages) == ("starting", None, 1)
    story.tell(h.renewed(), h.model_intended("m2"))
    assert story.state.unread_messages == 0


def test_a_message_before_the_snapshot_does_not_hide_why_the_session_stopped() -> None:
    story = Story().tell(h.started(), h.stopped(), h.message())
    assert story.state.status == "stopped"
    assert story.state.stopped is not None


@pytest.mark.parametrize("event", [h.resumed(), h.message()], ids=lambda event: event.kind)
def test_a_session_that_goes_on_still_waits_for_its_open_question(event: e.SessionEvent) -> None:
    story = ready().tell(h.question(), h.stopped(), event)
    if event.kind == "message_received":
        story.tell(h.renewed())
    assert story.state.status == "waiting"
    assert story.tell(h.answer()).state.status == "working"


def test_a_command_to_a_session_that_is_not_there_says_so() -> None:
    for command in (c.CancelSession(), c.ResumeSession(), c.SendMessage(text=inline("Hi"))):
        with pytest.raises(IllegalCommand, match="There is no such session"):
            decide(SessionState(), command)


# --- proposal ---


def test_hunks_go_from_pending_over_accepted_to_disk_and_the_session_is_finished() -> None:
    story = proposed("h1", "h2").tell(h.accepted("h1"))
    assert (story.state.status, statuses(story)) == ("proposed", {"h1": "accepted", "h2": "pending"})
    story.tell(h.apply_intended("y1", "h1"), h.apply_finished("y1", h1="on_disk"))
    assert story.state.status == "proposed"
    story.ask(c.RejectHunks(hunks=h.hunk_ids("h2")))
    assert story.state.status == "finished"


def test_undo_opens_a_finished_session_again() -> None:
    story = proposed("h1").tell(h.accepted("h1"), h.apply_intended("y1", "h1"), h.apply_finished("y1", h1="on_disk"))
    assert story.state.status == "finished"
    story.tell(h.apply_intended("y2", "h1", undoes="y1"), h.apply_finished("y2", h1="reverted"))
    assert (story.state.status, story.state.applies[0].undone) == ("proposed", True)
    story.tell(h.accepted("h1"), h.apply_intended("y3", "h1"), h.apply_finished("y3", h1="in_buffer"))
    assert story.state.status == "finished"


def test_undo_seen_in_the_editor_makes_the_hunk_pending_and_saving_settles_it() -> None:
    story = proposed("h1").tell(h.accepted("h1"), h.apply_intended("y1", "h1"), h.apply_finished("y1", h1="in_buffer"))
    assert story.state.status == "finished"
    assert story.tell(h.observed(h1="pending")).state.status == "proposed"
    assert story.tell(h.observed(h1="on_disk")).state.status == "finished"


def test_a_conflict_is_kept_open_and_can_be_accepted_again_or_rejected() -> None:
    story = proposed("h1").tell(h.accepted("h1"), h.apply_intended("y1", "h1"), h.apply_finished("y1", h1="conflicted"))
    assert story.state.status == "proposed"
    story.tell(h.accepted("h1"), h.apply_intended("y2", "h1"), h.apply_finished("y2", h1="conflicted"))
    assert story.tell(h.rejected("h1")).state.status == "finished"


def test_a_new_proposal_keeps_what_was_decided_about_hunks_that_are_still_there() -> None:
    story = proposed("h1", "h2", "h3").tell(h.accepted("h1"), h.apply_intended("y1", "h1"))
    story.tell(h.apply_finished("y1", h1="on_disk"), h.rejected("h2"), h.message(), h.renewed())
    assert story.state.status == "working"
    story.tell(h.proposal_made("h1", "h2", "h4"))
    assert statuses(story) == {"h1": "on_disk", "h2": "rejected", "h4": "pending"}
    assert story.state.status == "proposed"


def test_an_edited_hunk_stands_in_place_of_the_one_before_and_the_others_keep_their_state() -> None:
    story = proposed("h1", "h2").tell(h.rejected("h2"), h.proposal_edited("h1", "h2", "h3"))
    assert statuses(story) == {"h2": "rejected", "h3": "pending"}
    assert story.state.draft == "tree8"
    assert story.state.status == "proposed"


def test_a_new_proposal_with_nothing_left_to_decide_is_finished() -> None:
    story = proposed("h1", "h2").tell(h.rejected("h1"), h.message(), h.renewed(), h.proposal_made("h1"))
    assert story.state.status == "finished"


def test_an_apply_can_be_undone_after_a_new_proposal_dropped_its_hunk() -> None:
    story = proposed("h1").tell(h.accepted("h1"), h.apply_intended("y1", "h1"), h.apply_finished("y1", h1="on_disk"))
    story.tell(h.message(), h.renewed(), h.proposal_made("h2"), h.apply_intended("y2", "h1", undoes="y1"))
    story.tell(h.apply_finished("y2", h1="reverted"))
    assert story.state.applies[0].undone


def test_hunks_can_be_decided_while_the_session_works_on() -> None:
    story = proposed("h1").tell(h.message(), h.renewed(), h.rejected("h1"))
    assert story.state.status == "working"


def test_a_further_round_waits_for_a_new_snapshot_and_goes_back_to_no_older_state() -> None:
    story = proposed("h1").tell(h.checkpoint(1, green=True), h.message())
    assert (story.state.status, story.state.base_is_old) == ("starting", True)
    story.tell(h.renewed(7, tree="tree7"))
    state = story.state
    assert (state.status, state.base, state.draft, state.base_is_old) == ("working", "tree7", "tree7", False)
    assert [point.label for point in state.checkpoints[-2:]] == [
        "Before your changes were taken in",
        "Start of a further round",
    ]
    assert state.green is not None
    assert state.green.tree == "tree7", "what fails would go back to a state without the user's changes"


def test_a_further_round_that_was_cancelled_before_its_snapshot_takes_one_when_it_goes_on() -> None:
    story = proposed("h1").tell(h.message(), e.SessionCancelled())
    assert story.state.status == "cancelled"
    story.tell(h.resumed())
    assert (story.state.status, story.state.base_is_old) == ("starting", True)


def test_no_hunks_means_no_event() -> None:
    story = proposed("h1")
    assert decide(story.state, c.RejectHunks(hunks=())) == ()


# --- checkpoints ---


def test_the_last_green_checkpoint_is_never_forgotten() -> None:
    story = ready().tell(h.checkpoint(1, green=True))
    for number in range(2, 3 * KEPT):
        story.tell(h.checkpoint(number))
        assert story.state.green is not None
        assert story.state.green.checkpoint_id == "k1"
        assert len(story.state.checkpoints) <= KEPT
    assert story.state.checkpoints[-1].checkpoint_id == f"k{3 * KEPT - 1}"
    story.tell(h.checkpoint(999, green=True))
    assert story.state.green == story.state.checkpoints[-1]


def test_a_restore_can_itself_be_undone() -> None:
    story = coding().tell(h.model_intended(), h.model_finished("m1", "c1"))
    story.tell(h.tool_intended("c1"), h.tool_finished("c1", "tree7"))
    assert story.state.draft == "tree7"
    story.ask(c.RestoreCheckpoint(checkpoint_id=CheckpointId("r1"), tree=TreeId("tree0")))
    assert (story.state.draft, story.state.checkpoints[-1].tree) == ("tree0", "tree7")
    story.ask(c.RestoreCheckpoint(checkpoint_id=CheckpointId("r2"), tree=story.state.checkpoints[-1].tree))
    assert story.state.draft == "tree7"


def test_a_restore_without_a_draft_is_refused() -> None:
    story = Story().tell(h.started())
    with pytest.raises(IllegalCommand, match="no draft yet"):
        decide(story.state, c.RestoreCheckpoint(checkpoint_id=CheckpointId("r"), tree=TreeId("tree0")))


# --- applies as commands ---


def test_the_hubs_own_commands_follow_the_rules_too() -> None:
    story = proposed("h1")
    intended = h.apply_intended("y1", "h1")
    story.ask(c.BeginApply(apply_id=intended.apply_id, hunks=intended.hunks, document=intended.document))
    assert [one.event for one in story.envelopes[-2:]] == [h.accepted("h1"), intended]
    story.ask(c.EndApply(apply_id=intended.apply_id, results=h.result("h1", "on_disk")))
    assert story.state.status == "finished"
    with pytest.raises(IllegalCommand, match="not under way"):
        decide(story.state, c.EndApply(apply_id=intended.apply_id, results=()))
    undo = h.apply_intended("y2", "h1", undoes="y1")
    story.ask(c.BeginApply(apply_id=undo.apply_id, hunks=undo.hunks, document=undo.document, undoes=undo.undoes))
    assert last(story) == undo


def test_a_story_stops_at_what_the_rules_refuse() -> None:
    with pytest.raises(Refused, match="no snapshot"):
        Story().tell(h.started(), h.begun())


def test_the_state_knows_which_model_answered_each_role_last() -> None:
    state = ready().tell(h.model_intended("m1")).state
    assert [(one.role, one.model) for one in state.models] == [("code", "m")]
    switched = e.ModelSwitched(role="code", model="n", endpoint="key", instead_of="m", reason="It failed.")
    state = ready().tell(switched).state
    assert [(one.role, one.model, one.endpoint) for one in state.models] == [("code", "n", "key")]
