"""Conversations as a projection of the log: what is taken back was never said."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain import histories as h
from tests.unit.domain.test_session_histories import CHOICES, log_of

from draftsmith.domain.conversation import (
    AssistantMessage,
    Message,
    Role,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.gates import GateResult
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.session import events as e
from draftsmith.domain.text import inline
from draftsmith.pipeline.conversation import _answered, _shortened
from draftsmith.pipeline.lines import Answered, Said, Told
from draftsmith.pipeline.transcript import Transcript

T1 = TaskId("t1")
ROLES: tuple[Role, ...] = ("plan", "code", "critique", "quick")


def everything(transcript: Transcript, log: list[Envelope[e.SessionEvent]]) -> list[object]:
    tasks = {None, *(getattr(one.event, "task_id", None) for one in log)}
    return [
        *([*transcript.lines(role, task)] for role in ROLES for task in sorted(tasks, key=str)),
        *(transcript.round(task) for task in sorted(tasks, key=str)),
        *(
            (transcript.said_before(task), transcript.said_until_report(task))
            for task in sorted(tasks, key=str)
            if task is not None
        ),
        transcript.played(),
    ]


def told(log: list[Envelope[e.SessionEvent]]) -> Transcript:
    transcript = Transcript()
    for one in log:
        transcript.apply(one)
    return transcript


@settings(max_examples=100)
@given(choices=CHOICES, cut=st.integers(0, 119), again=st.booleans())
def test_a_rewind_leaves_what_was_never_applied(choices: list[int], cut: int, again: bool) -> None:
    log = log_of(choices)
    cut = cut % (len(log) + 1)
    transcript = told(log)
    transcript.rewind(cut)
    kept = log[:cut]
    if again:
        for one in log[cut:]:
            transcript.apply(one)
        kept = log
    assert everything(transcript, log) == everything(told(kept), log)


@settings(max_examples=60)
@given(choices=CHOICES)
def test_a_conversation_only_grows_at_its_end(choices: list[int]) -> None:
    log = log_of(choices)
    transcript = Transcript()
    seen: list[object] = []
    for one in log:
        transcript.apply(one)
        lines: list[object] = [*transcript.lines("code", T1)]
        assert lines[: len(seen)] == seen, "what a vendor has cached was changed"
        seen = lines


def test_a_repair_tells_what_failed_in_this_round_and_not_in_the_last() -> None:
    def red(reason: str, call: str) -> tuple[e.SessionEvent, ...]:
        result = GateResult(gate="tests", verdict="failed", reason=reason, evidence=inline(f"output of {reason}"))
        return (
            h.gate_intended(call),
            e.GateFinished(call_id=CallId(call), task_id=T1, result=result),
            e.RepairBegun(task_id=T1, reason="Red."),
        )

    story = h.Story().tell(h.started(), h.base(), h.begun(), h.task_started())
    story.tell(h.task_reported(), *red("first", "g1"), h.task_reported(), *red("second", "g2"))
    said = [line.before for line in told(story.envelopes).lines("code", T1) if isinstance(line, Told)]
    assert [("first" in one, "second" in one) for one in said] == [(True, False), (False, True)]


def test_a_message_reaches_the_coder_of_the_task_at_hand_and_before_it_the_planner() -> None:
    story = h.Story().tell(h.started(), h.base(), h.message("early"))
    story.tell(h.begun(), h.task_started(), h.message("late"))
    transcript = told(story.envelopes)
    heard: tuple[tuple[Role, TaskId | None], ...] = (("plan", None), ("code", T1))
    words = {
        role: [line.text.preview for line in transcript.lines(role, task) if isinstance(line, Told)]
        for role, task in heard
    }
    assert words == {"plan": ["early"], "code": ["late"]}


def test_what_is_said_while_the_model_answers_follows_the_answer_and_its_results() -> None:
    story = h.Story().tell(h.started(), h.base(), h.begun(), h.task_started())
    story.tell(h.model_intended("m1", task="t1"), h.message("stop"))
    assert [*told(story.envelopes).lines("code", T1)] == [], "the answer under way does not know of it"
    story.tell(h.model_finished("m1", "c1"), h.tool_finished("c1"))
    kinds = [type(line) for line in told(story.envelopes).lines("code", T1)]
    assert kinds == [Said, Told, Answered]  # the conversation puts results right after their calls
    story.tell(h.model_intended("m2", task="t1"), h.message("go"), h.model_failed("m2"))
    *_, last = told(story.envelopes).lines("code", T1)
    assert isinstance(last, Told)
    assert last.text.preview == "go"


def test_later_work_is_told_everything_that_was_said_before_it_with_its_question() -> None:
    story = h.Story().tell(h.started(), h.base(), h.message("early"))
    story.tell(h.model_intended("m1"), h.model_finished("m1", "c1"))
    story.tell(h.question(), h.answer())
    story.tell(h.tool_finished("c1"), h.begun(), h.task_started(), h.message("late"), h.task_reported())
    transcript = told(story.envelopes)
    first, second = transcript.said_before(T1)
    assert (first.text.preview, first.question.preview) == ("early", "")
    assert (second.answer, second.question.length > 0) == ("yes", True)
    assert [one.text.preview for one in transcript.said_until_report(T1)] == ["early", "", "late"]


MESSAGES = st.lists(
    st.one_of(
        st.builds(UserMessage, text=st.text(max_size=5)),
        st.builds(
            AssistantMessage,
            text=st.text(max_size=5),
            reasoning=st.just(""),
            tool_calls=st.lists(st.integers(0, 8), max_size=3, unique=True).map(
                lambda numbers: tuple(ToolCall(call_id=f"c{n}", name="read", arguments="{}") for n in numbers)
            ),
        ),
        st.builds(
            ToolMessage,
            call_id=st.integers(0, 8).map(lambda n: f"c{n}"),
            name=st.just("read"),
            text=st.text(max_size=900),
        ),
    ),
    max_size=14,
)


@given(messages=MESSAGES)
def test_each_call_is_answered_at_once_and_nothing_answers_what_was_not_asked(messages: list[Message]) -> None:
    ordered = _answered(messages)
    place = 0
    while place < len(ordered):
        message = ordered[place]
        place += 1
        assert not isinstance(message, ToolMessage), "an answer to nothing"
        if isinstance(message, AssistantMessage):
            for call in message.tool_calls:
                answer = ordered[place]
                assert isinstance(answer, ToolMessage)
                assert answer.call_id == call.call_id
                place += 1
    others = [one for one in messages if not isinstance(one, ToolMessage)]
    assert [one for one in ordered if not isinstance(one, ToolMessage)] == others


@given(lines=st.lists(st.text(st.sampled_from("ab "), max_size=40), max_size=80), most=st.integers(1, 600))
def test_a_long_output_of_a_gate_is_told_by_its_ends(lines: list[str], most: int) -> None:
    text = "\n".join(lines)
    shown = _shortened(text, most)
    if len(text) <= most:
        assert shown == text
        return
    head, gap, tail = shown.partition("\n[… ")
    assert gap
    tail = tail.partition("]\n")[2]
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + len(tail) <= most
    assert _shortened(text, 0) == text
