"""A conversation begun with one model is accepted by the next: ids, order of roles, images, nothing lost."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import (
    AssistantMessage,
    Image,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from draftsmith.models.providers import parse_model
from draftsmith.models.quirks import PLAIN, quirks_of
from draftsmith.models.shaping import NO_IMAGE, shaped

MISTRAL = quirks_of(parse_model("openai_compatible/devstral-small-2507"))
GEMMA = quirks_of(parse_model("ollama/gemma2:9b"))
TEXTS = st.text("abc", min_size=1, max_size=6)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    messages: list[Message] = [SystemMessage(text="rules"), UserMessage(text=draw(TEXTS))]
    for turn in range(draw(st.integers(0, 5))):
        calls = tuple(
            ToolCall(call_id=f"t_{turn}_{number}", name="read", arguments="{}")
            for number in range(draw(st.integers(0, 2)))
        )
        messages.append(AssistantMessage(text=draw(TEXTS), tool_calls=calls))
        messages += [ToolMessage(call_id=call.call_id, name="read", text=draw(TEXTS)) for call in calls]
        messages += [UserMessage(text=draw(TEXTS)) for _ in range(draw(st.integers(0, 2)))]
    return tuple(messages)


def words(messages: tuple[Message, ...]) -> str:
    return "".join(re.sub(r"\[After this:\]|\s", "", message.text) for message in messages)


@given(conversations())
def test_a_strict_template_gets_its_order_of_roles_and_every_word(messages: tuple[Message, ...]) -> None:
    result = shaped(messages, MISTRAL)
    for before, after in pairwise(result):
        assert not (isinstance(before, UserMessage | ToolMessage) and isinstance(after, UserMessage))
    assert words(result) == words(messages)


@given(conversations())
def test_ids_of_calls_and_answers_change_together(messages: tuple[Message, ...]) -> None:
    result = shaped(messages, MISTRAL)
    asked = [call.call_id for one in result if isinstance(one, AssistantMessage) for call in one.tool_calls]
    answered = [one.call_id for one in result if isinstance(one, ToolMessage)]
    assert asked == answered
    assert len(set(asked)) == len(asked)
    assert all(re.fullmatch("[A-Za-z0-9]{9}", one) for one in asked)


@given(conversations(), TEXTS)
def test_the_beginning_stays_the_same_when_a_conversation_goes_on(messages: tuple[Message, ...], text: str) -> None:
    before = shaped(messages, MISTRAL)
    after = shaped((*messages, AssistantMessage(text=text)), MISTRAL)
    assert after[: len(before)] == before


def test_rules_are_told_by_the_user_where_there_is_no_system() -> None:
    result = shaped((SystemMessage(text="rules"), UserMessage(text="do it")), GEMMA)
    assert result == (UserMessage(text="rules\n\ndo it"),)


def test_an_image_that_cannot_be_read_is_named() -> None:
    message = UserMessage(text="see", images=(Image(media_type="image/png", data=b"x"),))
    assert shaped((message,), PLAIN, images=False) == (UserMessage(text=f"see\n{NO_IMAGE}"),)
    assert shaped((message,), PLAIN) == (message,)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("openai_compatible/deepseek-v4-pro", "reasoning_content"),
        ("openai_compatible/moonshotai/kimi-k2-thinking", "reasoning_content"),
        ("openai/gpt-5.4", ""),
        ("llamacpp/qwen3-coder", ""),
    ],
)
def test_families_are_found_by_name(model: str, field: str) -> None:
    assert quirks_of(parse_model(model)).reasoning_back == field
