"""What every gateway does with a vendor that behaves: one suite for all adapters and wire formats."""

from __future__ import annotations

import asyncio
import json

import pytest

from contract.gateways import (
    EDIT,
    MORE_SPOKEN,
    SPOKEN,
    Spoken,
    ask,
    calls_of,
    complete,
    nothing,
    reasoning_of,
    text_of,
)
from draftsmith.domain.conversation import AssistantMessage, SystemMessage, ToolCall, ToolMessage, UserMessage
from draftsmith.ports.models import Delta
from vendor.server import VendorServer

ALL = {**SPOKEN, **MORE_SPOKEN}
LONG_TEXT = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 20
SEPARATORS = "one two three\x85four"


@pytest.fixture(params=ALL.values(), ids=list(ALL))
def spoken(request: pytest.FixtureRequest) -> Spoken:
    return request.param


async def test_text_is_streamed_in_pieces_and_complete(spoken: Spoken) -> None:
    deltas: list[Delta] = []
    async with VendorServer([{"text": LONG_TEXT}]) as server:
        reply = await complete(spoken, server, on_delta=deltas.append)
    assert reply.message == AssistantMessage(text=LONG_TEXT)
    assert text_of(deltas) == LONG_TEXT
    assert len(deltas) > 10
    assert reply.stop_reason == "end"
    assert reply.attempts == 1
    assert 0 <= reply.first_token_ms <= reply.total_ms


async def test_characters_that_look_like_line_ends_arrive_unchanged(spoken: Spoken) -> None:
    async with VendorServer([{"text": SEPARATORS, "chunk_size": 100}]) as server:
        reply = await complete(spoken, server)
    assert reply.message.text == SEPARATORS


async def test_a_reply_of_many_equal_pieces_is_whole(spoken: Spoken) -> None:
    async with VendorServer([{"text": "word" * 300, "chunk_size": 4}]) as server:
        reply = await complete(spoken, server)
    assert reply.message.text == "word" * 300


async def test_parallel_tool_calls_keep_their_order_names_and_arguments(spoken: Spoken) -> None:
    arguments = [{"path": f"src/file_{number}.py", "text": "a" * 90} for number in range(3)]
    calls = [{"name": "edit", "arguments": item} for item in arguments]
    deltas: list[Delta] = []
    async with VendorServer([{"text": "Editing.", "tool_calls": calls}]) as server:
        reply = await complete(spoken, server, on_delta=deltas.append)
    assert [call.name for call in reply.message.tool_calls] == ["edit"] * 3
    assert [json.loads(call.arguments) for call in reply.message.tool_calls] == arguments
    assert len({call.call_id for call in reply.message.tool_calls}) == 3
    assert calls_of(deltas) == [(call.call_id, call.name, call.arguments) for call in reply.message.tool_calls]
    assert reply.stop_reason == "tool_calls"
    assert reply.message.text == "Editing."


async def test_reasoning_is_kept_apart_from_text(spoken: Spoken) -> None:
    deltas: list[Delta] = []
    async with VendorServer([{"text": "Done.", "reasoning": "First I look, then I leap."}]) as server:
        reply = await complete(spoken, server, on_delta=deltas.append)
    assert reply.message.text == "Done."
    assert reply.message.reasoning == "First I look, then I leap."
    assert reasoning_of(deltas) == reply.message.reasoning


async def test_a_reply_that_reached_its_limit_says_so(spoken: Spoken) -> None:
    async with VendorServer([{"text": "Half a", "stop": "length"}]) as server:
        reply = await complete(spoken, server)
    assert reply.stop_reason == "length"


async def test_usage_is_what_the_vendor_reported(spoken: Spoken) -> None:
    usage = {"input": 2000, "output": 300, "cached": 500}
    async with VendorServer([{"text": "Hello.", "usage": usage}]) as server:
        reply = await complete(spoken, server)
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cached_tokens) == (2000, 300, 500)


@pytest.mark.parametrize(
    ("name", "nano_usd"),
    [
        # Dollars per million tokens: 1,500 fresh and 500 cached tokens of input, 300 of output.
        ("light-openai", 1500 * 2000 + 500 * 500 + 300 * 8000),
        ("litellm-openai", 1500 * 2000 + 500 * 500 + 300 * 8000),
        ("litellm-anthropic", 1500 * 3000 + 500 * 300 + 300 * 15000),
        ("litellm-gemini", 1500 * 1250 + 500 * 125 + 300 * 10000),
        ("light-custom", None),
        ("litellm-custom", None),
        ("light-local", 0),
        ("litellm-local", 0),
    ],
)
async def test_cost_is_priced_by_kind_of_token_and_unknown_where_no_price_is(name: str, nano_usd: int | None) -> None:
    usage = {"input": 2000, "output": 300, "cached": 500}
    async with VendorServer([{"text": "Hello.", "usage": usage}]) as server:
        reply = await complete(ALL[name], server)
    assert reply.cost_nano_usd == nano_usd


async def test_a_reservation_is_never_below_the_cost(spoken: Spoken) -> None:
    usage = {"input": 400, "output": 500}
    async with VendorServer([{"text": "Hello.", "usage": usage}]) as server:
        reply = await complete(spoken, server)
    reserved = spoken.gateway().worst_case_cost_nano_usd(spoken.model, 400, 500)
    assert (reserved is None) == (reply.cost_nano_usd is None)
    assert reserved is None or reply.cost_nano_usd is None or reserved >= reply.cost_nano_usd


async def test_the_whole_conversation_reaches_the_vendor(spoken: Spoken) -> None:
    messages = (
        SystemMessage(text="You are a careful coder."),
        UserMessage(text="Fix the test."),
        AssistantMessage(text="I look.", tool_calls=(ToolCall(call_id="c1", name="edit", arguments='{"path": "a"}'),)),
        ToolMessage(call_id="c1", name="edit", text="No such file: a"),
        UserMessage(text="Try b."),
    )
    async with VendorServer([{"text": "Ok."}]) as server:
        await complete(spoken, server, request=ask(spoken, messages=messages))
        asked = server.requests[0].asked
    assert asked is not None
    assert asked.system == "You are a careful coder."
    assert asked.model == spoken.model.partition("/")[2]
    assert asked.tools == ("edit",)
    texts = "\n".join(text for _, text in asked.messages)
    for expected in ("Fix the test.", "I look.", "No such file: a", "Try b."):
        assert expected in texts


async def test_a_tool_call_that_was_no_json_can_stay_in_the_conversation(spoken: Spoken) -> None:
    broken = ToolCall(call_id="c1", name="edit", arguments='{"path": "a.py')
    messages = (
        UserMessage(text="Begin."),
        AssistantMessage(tool_calls=(broken,)),
        ToolMessage(call_id="c1", name="edit", text="The arguments are not valid JSON."),
    )
    async with VendorServer([{"text": "Sorry."}]) as server:
        reply = await complete(spoken, server, request=ask(spoken, messages=messages))
        sent = json.dumps(server.requests[0].body)
    assert reply.message.text == "Sorry."
    assert "invalid_json" in sent


async def test_a_call_without_tools_is_possible(spoken: Spoken) -> None:
    async with VendorServer([{"text": "A title"}]) as server:
        reply = await complete(spoken, server, request=ask(spoken, tools=()))
        assert not server.requests[0].body.get("tools")
    assert reply.message.text == "A title"


async def test_cancelling_closes_the_connection_at_once(spoken: Spoken) -> None:
    began = asyncio.Event()
    gateway = spoken.gateway()
    async with VendorServer([{"text": "x" * 4000, "chunk_delay": 0.05}]) as server:
        call = asyncio.create_task(
            gateway.complete(ask(spoken), credentials=spoken.credential(server), on_delta=lambda _: began.set())
        )
        async with asyncio.timeout(30):
            await began.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await server.requests[0].done.wait()
        assert server.requests[0].outcome == "disconnected"
        assert server.requests[0].chunks_sent < 200
    await gateway.aclose()


async def test_cancelling_before_the_first_token_closes_the_connection_at_once(spoken: Spoken) -> None:
    gateway = spoken.gateway()
    async with VendorServer([{"behaviour": "stall_before"}]) as server:
        call = asyncio.create_task(
            gateway.complete(ask(spoken), credentials=spoken.credential(server), on_delta=nothing)
        )
        async with asyncio.timeout(30):
            await server.arrived.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await server.requests[0].done.wait()
        assert server.requests[0].outcome == "disconnected"
    await gateway.aclose()


async def test_an_error_of_the_listener_is_its_own_and_closes_the_connection(spoken: Spoken) -> None:
    def stumble(delta: Delta) -> None:
        raise ZeroDivisionError("the listener stumbled")

    gateway = spoken.gateway()
    async with VendorServer([{"text": "x" * 4000, "chunk_delay": 0.05}]) as server:
        with pytest.raises(ZeroDivisionError):
            await gateway.complete(ask(spoken), credentials=spoken.credential(server), on_delta=stumble)
        async with asyncio.timeout(30):
            await server.requests[0].done.wait()
        assert server.requests[0].outcome == "disconnected"
        assert server.requests[0].chunks_sent < 200
    await gateway.aclose()


async def test_parallel_calls_do_not_mix(spoken: Spoken) -> None:
    script = [
        {"text": f"answer {number}", "when": {"last": f"question {number}."}, "chunk_delay": 0.002, "chunk_size": 3}
        for number in range(5)
    ]
    gateway = spoken.gateway()
    async with VendorServer(script) as server:
        replies = await asyncio.gather(
            *(
                gateway.complete(
                    ask(spoken, messages=(UserMessage(text=f"question {number}."),)),
                    credentials=spoken.credential(server),
                    on_delta=nothing,
                )
                for number in range(5)
            )
        )
    await gateway.aclose()
    assert [reply.message.text for reply in replies] == [f"answer {number}" for number in range(5)]


async def test_cache_marks_are_sent_only_to_vendors_that_want_them(spoken: Spoken) -> None:
    async with VendorServer([{"text": "Ok."}]) as server:
        await complete(spoken, server, request=ask(spoken, cache_breakpoints=(0, 1)))
        sent = json.dumps(server.requests[0].body)
    assert sent.count('"cache_control"') == (2 if spoken.wire == "anthropic" else 0)


async def test_a_count_is_made_without_the_network(spoken: Spoken) -> None:
    messages = (UserMessage(text="word " * 1000),)
    count = spoken.gateway().count_tokens(spoken.model, messages, (EDIT,))
    assert 1000 < count < 2000
