"""Forms beyond text: images in, JSON by a schema out, calls that need a repair, what a family wants back."""

from __future__ import annotations

import base64
import json

import pytest

from contract.gateways import EDIT, MORE_SPOKEN, SPOKEN, Spoken, ask, complete
from draftsmith.domain.conversation import AssistantMessage, Image, ToolCall, ToolMessage, UserMessage
from draftsmith.models.http_gateway import HttpGateway
from draftsmith.models.retrying import RetryPolicy
from draftsmith.ports.models import ModelFailure, ModelRequest
from vendor.server import VendorServer

# One black pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c63600000000200015f"
    "a8b0c60000000049454e44ae426082"
)
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
        "additionalProperties": False,
    }
)
PIXEL = Image(media_type="image/png", data=PNG)
RETRIES = RetryPolicy(attempts=3, first_wait_s=0.01)
ALL = {**SPOKEN, "light-custom": MORE_SPOKEN["light-custom"]}


@pytest.fixture(params=ALL.values(), ids=list(ALL))
def spoken(request: pytest.FixtureRequest) -> Spoken:
    return request.param


def in_json(spoken: Spoken) -> ModelRequest:
    return ModelRequest(
        model=spoken.model,
        messages=(UserMessage(text="Name it."),),
        max_output_tokens=100,
        role="quick",
        reply_schema=SCHEMA,
    )


async def test_an_image_reaches_the_vendor_as_it_is(spoken: Spoken) -> None:
    async with VendorServer([{"text": "A dot."}]) as server:
        await complete(
            spoken, server, request=ask(spoken, messages=(UserMessage(text="What is it?", images=(PIXEL,)),))
        )
        sent = json.dumps(server.requests[0].body)
    assert base64.b64encode(PNG).decode() in sent
    assert "What is it?" in sent
    assert "image/png" in sent


async def test_an_image_counts_as_many_tokens(spoken: Spoken) -> None:
    gateway = spoken.gateway()
    plain = gateway.count_tokens(spoken.model, (UserMessage(text="x"),), ())
    assert gateway.count_tokens(spoken.model, (UserMessage(text="x", images=(PIXEL,)),), ()) > plain + 1_000


async def test_a_schema_is_handed_on_and_the_reply_is_json(spoken: Spoken) -> None:
    # Anthropic's models are asked by a tool of LiteLLM's, which turns its arguments into the reply.
    as_tool = {"tool_calls": [{"name": "json_tool_call", "arguments": {"title": "Dot"}}]}
    as_text = {"text": '{"title": "Dot"}'}
    script = [{**as_tool, "when": {"tool": "json_tool_call"}}, as_text]
    async with VendorServer(script) as server:
        reply = await complete(spoken, server, request=in_json(spoken))
        assert "title" in json.dumps(server.requests[0].body)
    assert json.loads(reply.message.text) == {"title": "Dot"}
    assert reply.message.tool_calls == ()


@pytest.mark.parametrize("name", ["light-openai", "light-custom", "litellm-openai"])
async def test_a_reply_that_had_to_be_json_and_is_not_is_a_failure(name: str) -> None:
    async with VendorServer([{"text": "Here you are: a dot.", "times": 0}]) as server:
        with pytest.raises(ModelFailure) as caught:
            await complete(ALL[name], server, request=in_json(ALL[name]), retries=RETRIES)
        assert server.count == 1, "a reply that was billed was asked for again unasked"
    assert caught.value.category == "malformed_reply"
    assert caught.value.billed


async def test_a_fence_around_the_json_is_taken_off() -> None:
    spoken = MORE_SPOKEN["light-custom"]
    async with VendorServer([{"text": '```json\n{"title": "Dot"}\n```'}]) as server:
        reply = await complete(spoken, server, request=in_json(spoken))
    assert reply.message.text == '{"title": "Dot"}'


@pytest.mark.parametrize("name", ["light-openai", "litellm-openai", "litellm-responses", "litellm-anthropic"])
async def test_a_call_that_is_plainly_meant_is_repaired_and_told(name: str) -> None:
    calls = [
        {"name": "functions.edit" if name == "light-openai" else "Edit", "arguments": '{"path": "a.py"'},
        {"name": "edit", "arguments": '{"path": "b.py"}'},
    ]
    async with VendorServer([{"tool_calls": calls}]) as server:
        reply = await complete(ALL[name], server)
    assert [(one.name, json.loads(one.arguments)) for one in reply.message.tool_calls] == [
        ("edit", {"path": "a.py"}),
        ("edit", {"path": "b.py"}),
    ]
    assert reply.repaired_calls == 1


async def test_the_last_call_of_a_reply_that_was_cut_off_is_not_made_whole() -> None:
    spoken = SPOKEN["light-openai"]
    calls = [{"name": "edit", "arguments": '{"path": "a.py"'}]
    async with VendorServer([{"tool_calls": calls, "stop": "length"}]) as server:
        reply = await complete(spoken, server)
    assert reply.message.tool_calls[0].arguments == '{"path": "a.py"'
    assert reply.repaired_calls == 0


async def test_an_unknown_tool_reaches_the_caller_under_its_own_name(spoken: Spoken) -> None:
    calls = [{"name": "edit", "arguments": {"path": "a.py"}}]
    async with VendorServer([{"tool_calls": calls, "behaviour": "unknown_tool"}]) as server:
        reply = await complete(spoken, server)
    assert reply.message.tool_calls[0].name == "edit_of_old"


@pytest.mark.parametrize(("model", "back"), [("deepseek-v4-pro", True), ("qwen3-coder", False)])
async def test_reasoning_goes_back_only_to_families_that_want_it(model: str, back: bool) -> None:
    spoken = Spoken(adapter=HttpGateway, model=f"openai_compatible/{model}", path="/v1")
    call = ToolCall(call_id="c1", name="edit", arguments="{}")
    messages = (
        UserMessage(text="Go."),
        AssistantMessage(reasoning="I think so.", tool_calls=(call,)),
        ToolMessage(call_id="c1", name="edit", text="Done."),
    )
    async with VendorServer([{"text": "Ok."}]) as server:
        await complete(spoken, server, request=ask(spoken, messages=messages, tools=(EDIT,)))
        sent = server.requests[0].body["messages"][1]
    assert sent.get("reasoning_content") == ("I think so." if back else None)


async def test_what_may_have_been_billed_is_not_tried_again_unasked(spoken: Spoken) -> None:
    async with VendorServer([{"text": "", "behaviour": "empty", "times": 0}]) as server:
        with pytest.raises(ModelFailure) as caught:
            await complete(spoken, server, retries=RETRIES)
        assert server.count == 1
    assert caught.value.billed


async def test_usage_that_is_not_told_costs_as_much_as_was_reserved() -> None:
    spoken = SPOKEN["light-openai"]
    request = ask(spoken)
    async with VendorServer([{"text": "Ok.", "usage": {"dropped": True}}]) as server:
        reply = await complete(spoken, server, request=request)
    gateway = spoken.gateway()
    counted = gateway.count_tokens(spoken.model, request.messages, request.tools)
    assert reply.cost_nano_usd == gateway.worst_case_cost_nano_usd(spoken.model, counted, request.max_output_tokens)
