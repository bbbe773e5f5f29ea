"""Recorded replies are written readably, read back whole and played without a model."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.codec import Event
from draftsmith.domain.conversation import (
    AssistantMessage,
    Role,
    ToolCall,
    Usage,
    UserMessage,
)
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.session.events import (
    ModelCallFinished,
    ModelCallIntended,
    RequestedToolCall,
    ToolCallFinished,
    ToolOutcome,
)
from draftsmith.domain.text import hold, inline
from draftsmith.models.exchange import (
    CallOutcome,
    Exchange,
    Provenance,
    Recording,
    exchange_line,
    header_line,
    read_recording,
)
from draftsmith.models.from_log import is_replay, long_texts, recording_lines
from draftsmith.models.replay import ReplayGateway, ReplayPace
from draftsmith.ports.models import Delta, ModelFailure, ModelRequest, TextDelta, ToolCallDelta, ToolSpec

PROVENANCE = Provenance(
    recorded_at="2026-01-31T12:00:00Z", model="openai/gpt-4.1", draftsmith="0.1.0", by="a capable model", note=""
)
AT_ONCE = ReplayPace(first_s=0, between_s=0)
KEY = "sk-very-secret-key"
TOOL = ToolSpec(name="edit", description="Edit.", parameters='{"type": "object"}')

words = st.text(max_size=40)
objects = st.dictionaries(words, st.one_of(words, st.integers(-9, 9), st.booleans(), st.none()), max_size=3)
calls = st.builds(
    ToolCall,
    call_id=words,
    name=words,
    arguments=st.one_of(objects.map(lambda item: json.dumps(item, ensure_ascii=False)), words),
)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    message = AssistantMessage(
        text=draw(words), reasoning=draw(words), tool_calls=tuple(draw(st.lists(calls, max_size=3)))
    )
    outcome = st.one_of(st.none(), st.builds(CallOutcome, tool=words, kind=words))
    return Exchange(
        role=draw(st.sampled_from(("plan", "code", "critique", "quick"))),
        thread=draw(words),
        model=draw(words),
        message=message,
        stop_reason="end",
        usage=Usage(input_tokens=draw(st.integers(0, 10**9)), output_tokens=1),
        outcomes=tuple(draw(outcome) for _ in message.tool_calls),
    )


@given(st.lists(exchanges(), max_size=4))
def test_a_recording_is_read_back_as_it_was_written(recorded: list[Exchange]) -> None:
    text = header_line(PROVENANCE) + "".join(map(exchange_line, recorded))
    assert len(text.splitlines()) == 1 + len(recorded)
    back = read_recording(text.splitlines(), source="test")
    assert back == Recording(provenance=PROVENANCE, exchanges=tuple(recorded))


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda lines: [], 0),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[1][:-20]], 2),
        (lambda lines: [lines[0], lines[1].replace('"code"', '"boss"')], 2),
        (lambda lines: [lines[0], lines[1].replace('"text": "Hi"', '"text": 5')], 2),
        (lambda lines: [lines[0].replace('"format": 1', '"format": 99'), *lines[1:]], 1),
        (lambda lines: [lines[0], lines[1], "[]"], 3),
    ],
)
def test_damage_is_told_with_its_line(damage: Callable[[list[str]], list[str]], line: int) -> None:
    lines = [header_line(PROVENANCE).strip(), exchange_line(exchange("code", "Hi")).strip()]
    with pytest.raises(UserError) as caught:
        read_recording(damage(lines), source="demo.jsonl")
    assert caught.value.code == "recording_damaged"
    assert "demo.jsonl" in str(caught.value)
    assert line == 0 or f"line {line}" in str(caught.value)


def exchange(role: Role, text: str, *, thread: str = "", tool_calls: tuple[ToolCall, ...] = ()) -> Exchange:
    return Exchange(
        role=role,
        thread=thread,
        model="openai/gpt-4.1",
        message=AssistantMessage(text=text, tool_calls=tool_calls),
        stop_reason="end",
        usage=Usage(input_tokens=5, output_tokens=6),
        outcomes=tuple(CallOutcome(tool=call.name, kind="ok") for call in tool_calls),
    )


def ask(role: Role, text: str = "any prompt", *, thread: str = "") -> ModelRequest:
    return ModelRequest(
        model="openai/gpt-4.1",
        messages=(UserMessage(text=text),),
        tools=(TOOL,),
        max_output_tokens=100,
        role=role,
        thread=thread,
    )


def replay(*recorded: Exchange, played: dict[tuple[str, str], int] | None = None) -> ReplayGateway:
    return ReplayGateway(Recording(provenance=PROVENANCE, exchanges=recorded), pace=AT_ONCE, played=played)


def meaning(message: AssistantMessage) -> list[tuple[str, object]]:
    """Names and arguments; spaces and escapes of JSON do not count."""
    return [
        (call.name, json.loads(call.arguments) if call.arguments.endswith("}") else call.arguments)
        for call in message.tool_calls
    ]


async def played(gateway: ReplayGateway, request: ModelRequest) -> str:
    reply = await gateway.complete(request, credentials=None, on_delta=lambda _: None)
    return reply.message.text


async def test_replies_are_played_in_order_per_role_and_thread_whatever_the_prompt() -> None:
    gateway = replay(
        exchange("plan", "plan"),
        exchange("code", "a1", thread="a"),
        exchange("code", "b1", thread="b"),
        exchange("code", "a2", thread="a"),
    )
    assert await played(gateway, ask("code", "x", thread="b")) == "b1"
    assert await played(gateway, ask("code", "y", thread="a")) == "a1"
    assert await played(gateway, ask("plan", "z")) == "plan"
    assert await played(gateway, ask("code", "quite another prompt", thread="a")) == "a2"


async def test_an_exhausted_recording_is_a_failure_with_a_way_out() -> None:
    gateway = replay(exchange("code", "only"))
    await played(gateway, ask("code"))
    with pytest.raises(ModelFailure) as caught:
        await played(gateway, ask("code"))
    assert caught.value.category == "recording_exhausted"
    assert not caught.value.retryable
    assert "make record" in caught.value.remedy


async def test_a_replay_goes_on_where_an_earlier_process_stopped() -> None:
    call = ToolCall(call_id="old", name="edit", arguments="{}")
    recorded = (exchange("code", "1", tool_calls=(call,)), exchange("code", "2"))
    first = replay(*recorded)
    reply = await first.complete(ask("code"), credentials=None, on_delta=lambda _: None)
    second = replay(*recorded, played={("code", ""): 1})
    assert await played(second, ask("code")) == "2"
    assert second.expected_outcome(reply.message.tool_calls[0].call_id) == "ok"


async def test_a_replay_streams_and_costs_nothing() -> None:
    call = ToolCall(call_id="old", name="edit", arguments=json.dumps({"text": "y" * 100}))
    deltas: list[Delta] = []
    gateway = replay(exchange("code", "x" * 100, tool_calls=(call,)))
    reply = await gateway.complete(ask("code"), credentials=None, on_delta=deltas.append)
    assert "".join(delta.text for delta in deltas if isinstance(delta, TextDelta)) == "x" * 100
    arguments = "".join(delta.arguments for delta in deltas if isinstance(delta, ToolCallDelta))
    assert arguments == call.arguments
    assert len(deltas) > 8
    assert reply.cost_nano_usd == 0
    assert gateway.worst_case_cost_nano_usd(reply.model, 10, 10) == 0
    assert reply.usage == Usage(input_tokens=5, output_tokens=6)


def test_unknown_calls_have_no_expected_outcome() -> None:
    gateway = replay(exchange("code", "1"))
    for call_id in ("", "x", "replay_0_0", "replay_9_9", "replay_a_b", "call_0_0_0"):
        assert gateway.expected_outcome(call_id) is None


def logged() -> list[Event]:
    """The events of a session with a plan reply, and a coder's reply whose second call was a mistake."""
    long = '{"path": "ä.py", "text": "' + "x" * 9_000 + '"}'
    arguments, _ = hold(long)
    calls = (
        RequestedToolCall(call_id=CallId("t1"), name="edit", arguments=arguments),
        RequestedToolCall(call_id=CallId("t2"), name="edit", arguments=inline("{broken")),
    )
    return [
        intended("m1", "plan", None, counted=900),
        finished("m1", "I plan."),
        intended("m2", "code", "1", counted=7),
        finished("m2", "", calls),
        ended("t1", "ok"),
        ended("t2", "mistake"),
    ]


def intended(call_id: str, role: Role, task_id: str | None, *, counted: int) -> ModelCallIntended:
    return ModelCallIntended(
        call_id=CallId(call_id),
        role=role,
        task_id=None if task_id is None else TaskId(task_id),
        model="openai/gpt-4.1",
        counted_tokens=counted,
        reserved_nano_usd=1,
    )


def finished(call_id: str, text: str, calls: tuple[RequestedToolCall, ...] = ()) -> ModelCallFinished:
    return ModelCallFinished(
        call_id=CallId(call_id),
        text=inline(text),
        reasoning=inline(""),
        tool_calls=calls,
        stop_reason="tool_calls" if calls else "end",
        usage=Usage(input_tokens=100, output_tokens=5),
        cost_nano_usd=1,
        duration_ms=1,
    )


def ended(call_id: str, outcome: ToolOutcome) -> ToolCallFinished:
    return ToolCallFinished(call_id=CallId(call_id), outcome=outcome, title="edit", text=inline("done"))


async def test_any_session_can_be_recorded_from_its_log_and_replayed_with_its_outcomes() -> None:
    events = logged()
    long = '{"path": "ä.py", "text": "' + "x" * 9_000 + '"}'
    lines = list(recording_lines(events, dict.fromkeys(long_texts(events), long), PROVENANCE))
    recording = read_recording(lines, source="test")
    assert recording.provenance == PROVENANCE
    assert [(one.role, one.thread) for one in recording.exchanges] == [("plan", ""), ("code", "1")]
    assert recording.exchanges[0].usage.input_tokens == 900  # counted: the endpoint reported less
    assert recording.exchanges[1].usage.input_tokens == 100
    player = ReplayGateway(recording, pace=AT_ONCE)
    first = await player.complete(ask("plan", "anything"), credentials=None, on_delta=lambda _: None)
    assert first.message.text == "I plan."
    second = await player.complete(ask("code", "else", thread="1"), credentials=None, on_delta=lambda _: None)
    assert [json.loads(second.message.tool_calls[0].arguments)["path"], second.message.tool_calls[1].arguments] == [
        "ä.py",
        "{broken",
    ]
    assert [player.expected_outcome(call.call_id) for call in second.message.tool_calls] == ["ok", "mistake"]


def test_a_replay_is_not_recorded_again() -> None:
    assert not is_replay(logged())
