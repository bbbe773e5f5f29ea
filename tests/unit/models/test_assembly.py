"""Replies are put together from pieces, whatever a vendor's habits."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.models import assembly as module
from draftsmith.models.assembly import ReplyAssembly, ReplyTooLong, usage_from_chat
from draftsmith.ports.models import Delta, TextDelta, ToolCallDelta


def assembled(pieces: list[tuple[int | None, str, str, str]]) -> tuple[ReplyAssembly, list[Delta]]:
    deltas: list[Delta] = []
    assembly = ReplyAssembly(deltas.append)
    for piece in pieces:
        assembly.add_call(*piece)
    return assembly, deltas


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=4), min_size=1, max_size=4),
    st.integers(1, 9),
    st.booleans(),
)
def test_calls_come_out_as_they_went_in(arguments: list[dict[str, str]], size: int, interleaved: bool) -> None:
    texts = [json.dumps(item) for item in arguments]
    pieces = [
        [(index, f"id{index}", "edit", ""), *((index, "", "", t[i : i + size]) for i in range(0, len(t), size))]
        for index, t in enumerate(texts)
    ]
    flat = [piece for group in pieces for piece in group]
    if interleaved:
        flat = sorted(flat, key=lambda piece: not piece[2])  # all heads first, then the arguments
    assembly, _ = assembled(list(flat))
    calls = assembly.message().tool_calls
    assert [call.arguments for call in calls] == texts
    assert [call.call_id for call in calls] == [f"id{index}" for index in range(len(texts))]


def test_calls_that_all_have_index_zero_are_told_apart_by_their_ids() -> None:
    assembly, deltas = assembled([(0, "a", "edit", '{"x":1}'), (0, "b", "edit", '{"x":2}')])
    assert [call.arguments for call in assembly.message().tool_calls] == ['{"x":1}', '{"x":2}']
    assert [delta.index for delta in deltas if isinstance(delta, ToolCallDelta) and delta.name] == [0, 1]


def test_missing_and_repeated_ids_are_replaced() -> None:
    assembly, _ = assembled([(0, "", "edit", "{}"), (1, "same", "edit", "{}"), (2, "same", "edit", "{}")])
    ids = [call.call_id for call in assembly.message().tool_calls]
    assert len(set(ids)) == 3
    assert all(ids)


def test_a_call_without_arguments_has_an_empty_object() -> None:
    assembly, _ = assembled([(0, "a", "finish", "")])
    assert assembly.message().tool_calls[0].arguments == "{}"


@pytest.mark.parametrize(
    ("said", "calls", "expected"),
    [
        ("stop", False, "end"),
        ("stop", True, "tool_calls"),
        ("tool_calls", True, "tool_calls"),
        ("length", True, "length"),
        ("max_tokens", False, "length"),
        ("content_filter", False, "filtered"),
        ("something_new", False, "end"),
    ],
)
def test_the_vendors_reason_becomes_one_of_ours(said: str, calls: bool, expected: str) -> None:
    assembly, _ = assembled([(0, "a", "edit", "{}")] if calls else [])
    assembly.finish = said
    assert assembly.stop_reason() == expected


def test_empty_pieces_are_not_passed_on() -> None:
    deltas: list[Delta] = []
    assembly = ReplyAssembly(deltas.append)
    assembly.add_text("")
    assembly.add_reasoning("")
    assert not assembly.began
    assembly.add_text("x")
    assert deltas == [TextDelta(text="x")]


def test_an_endless_reply_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REPLY_CHARACTERS", 100)
    assembly = ReplyAssembly(lambda _: None)
    for _ in range(100):
        assembly.add_reasoning("x")
    with pytest.raises(ReplyTooLong):
        assembly.add_reasoning("x")


def test_usage_without_details_is_read() -> None:
    usage = usage_from_chat({"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": None})
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (7, 3, 0)
