"""Recorded replies are written readably, read back whole and played without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import (
    AssistantMessage,
    Role,
    SystemMessage,
    ToolCall,
    ToolMessage,
    Usage,
    UserMessage,
)
from draftsmith.domain.errors import UserError
from draftsmith.models.exchange import (
    CallOutcome,
    Exchange,
    Provenance,
    Recording,
    RequestSummary,
    exchange_line,
    header_line,
    read_recording,
)
from draftsmith.models.http_gateway import HttpGateway
from draftsmith.models.recording import RecordingGateway
from draftsmith.models.replay import ReplayGateway, ReplayPace, load_recording
from draftsmith.ports.models import Credential, Delta, ModelFailure, ModelRequest, TextDelta, ToolCallDelta, ToolSpec
from vendor.server import VendorServer

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
        request=RequestSummary(messages=2, characters=9, tools=tuple(draw(st.lists(words, max_size=2)))),
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
        request=RequestSummary(messages=1, characters=1, tools=()),
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


async def test_a_recorded_session_can_be_replayed_with_its_outcomes(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "session.jsonl"
    script = [
        {"text": "I plan.", "when": {"last": "plan"}},
        {"tool_calls": [{"name": "edit", "arguments": {"path": "ä.py"}}, {"name": "edit", "arguments": "{broken"}]},
        {"text": "Done."},
    ]
    asked = [ask("plan", "plan"), ask("code", "go", thread="1"), ask("code", "on", thread="1")]
    live: list[AssistantMessage] = []
    async with VendorServer(script) as server:
        credential = Credential(provider="openai", label="x", value=KEY, base_url=server.openai_url, origin="test")
        gateway = RecordingGateway(HttpGateway(), file, PROVENANCE)
        for request in asked:
            reply = await gateway.complete(request, credentials=credential, on_delta=lambda _: None)
            live.append(reply.message)
            for number, call in enumerate(reply.message.tool_calls):
                gateway.note_outcome(call.call_id, ["ok", "refused"][number])
        gateway.note_outcome("unknown", "ok")
        await gateway.aclose()
    text = file.read_text(encoding="utf-8")
    assert KEY not in text
    assert '"arguments": {"path": "ä.py"}' in text
    assert [json.loads(line).get("role") for line in text.splitlines()] == [None, "plan", "code", "code"]
    recording = await load_recording(file)
    assert recording.provenance == PROVENANCE
    player = ReplayGateway(recording, pace=AT_ONCE)
    for request, message in zip(asked, live, strict=True):
        reply = await player.complete(request, credentials=None, on_delta=lambda _: None)
        assert reply.message.text == message.text
        assert meaning(reply.message) == meaning(message)
        expected = [player.expected_outcome(call.call_id) for call in reply.message.tool_calls]
        assert expected == ["ok", "refused"][: len(expected)]


async def test_recording_on_continues_the_file(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    for text in ("one", "two"):
        recorder = RecordingGateway(replay(exchange("code", text)), file, PROVENANCE)
        await recorder.complete(ask("code"), credentials=None, on_delta=lambda _: None)
        await recorder.aclose()
    recording = await load_recording(file)
    assert [item.message.text for item in recording.exchanges] == ["one", "two"]


async def test_the_request_is_summed_up_and_not_stored(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    recorder = RecordingGateway(replay(exchange("code", "x")), file, PROVENANCE)
    messages = (
        SystemMessage(text="s" * 10),
        AssistantMessage(text="a", tool_calls=(ToolCall(call_id="1", name="edit", arguments="{}"),)),
        ToolMessage(call_id="1", name="edit", text="tt"),
    )
    request = ModelRequest(model="openai/x", messages=messages, tools=(TOOL,), max_output_tokens=1, role="code")
    await recorder.complete(request, credentials=None, on_delta=lambda _: None)
    await recorder.aclose()
    summary = (await load_recording(file)).exchanges[0].request
    assert summary == RequestSummary(messages=3, characters=15, tools=("edit",))
    assert "ssssssssss" not in file.read_text(encoding="utf-8")


async def test_a_missing_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.jsonl"):
        await load_recording(tmp_path / "nowhere.jsonl")
