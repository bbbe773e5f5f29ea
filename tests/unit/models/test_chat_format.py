"""What is sent of a conversation is what it is, however much of it was encoded before."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from draftsmith.models.chat_format import EncodedConversations, encoded, encoded_tools, wire_messages, wire_tools
from draftsmith.models.providers import parse_model
from draftsmith.ports.models import ModelRequest, ToolSpec

NAME = parse_model("openai_compatible/some")
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
CALLS = st.builds(ToolCall, call_id=TEXTS, name=TEXTS, arguments=st.one_of(TEXTS, st.just('{"path": "a"}')))
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(SystemMessage, text=TEXTS),
    st.builds(UserMessage, text=TEXTS),
    st.builds(ToolMessage, call_id=TEXTS, name=TEXTS, text=TEXTS),
    st.builds(AssistantMessage, text=TEXTS, reasoning=TEXTS, tool_calls=st.lists(CALLS, max_size=2).map(tuple)),
)
THREADS = st.sampled_from(["t1", "t2"])
TOOLS = (ToolSpec(name="read", description="Reads “it”.", parameters='{"type": "object"}'),)


def request(messages: tuple[Message, ...], thread: str = "") -> ModelRequest:
    return ModelRequest(
        model="openai_compatible/some", messages=messages, max_output_tokens=9, role="code", thread=thread
    )


@given(st.lists(st.tuples(THREADS, st.integers(0, 6), st.lists(MESSAGES, max_size=3)), max_size=12))
def test_conversations_that_grow_or_change_are_sent_as_they_are(turns: list[tuple[str, int, list[Message]]]) -> None:
    conversations = EncodedConversations()
    said: dict[str, tuple[Message, ...]] = {}
    for thread, kept, more in turns:
        said[thread] = (*said.get(thread, ())[:kept], *more)
        asked = request(said[thread], thread)
        assert json.loads(conversations.messages(asked, NAME)) == wire_messages(asked, NAME)


def test_a_message_that_gave_way_in_the_middle_is_sent_as_it_is_now() -> None:
    conversations = EncodedConversations()
    before = (UserMessage(text="Go."), ToolMessage(call_id="1", name="read", text="long"), UserMessage(text="On."))
    after = (before[0], ToolMessage(call_id="1", name="read", text="[elided]"), before[2])
    conversations.messages(request(before), NAME)
    assert json.loads(conversations.messages(request(after), NAME)) == wire_messages(request(after), NAME)


def test_a_body_holds_its_fields_and_its_arrays() -> None:
    body = encoded({"model": "ü", "stream": True}, messages=b"[]", tools=encoded_tools(TOOLS))
    assert json.loads(body) == {"model": "ü", "stream": True, "messages": [], "tools": wire_tools(TOOLS)}
