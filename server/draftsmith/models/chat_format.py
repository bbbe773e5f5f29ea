"""Messages and tools in the format of OpenAI's chat completions, which LiteLLM takes for every vendor.

Only writes the format; reading replies is `assembly`'s.
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from draftsmith.domain.conversation import (
    AssistantMessage,
    Image,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from draftsmith.models.providers import ModelName
from draftsmith.models.quirks import quirks_of
from draftsmith.ports.models import ModelRequest, ToolSpec

WireMessage = dict[str, Any]
_INVALID_SHOWN = 2000
_CONVERSATIONS_KEPT = 16
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def wire_messages(request: ModelRequest, name: ModelName) -> list[WireMessage]:
    """The conversation, with cache marks where the vendor wants them."""
    marked = (
        set(sorted(request.cache_breakpoints)[-name.provider.cache_markers :]) if name.provider.cache_markers else set()
    )
    reasoning = quirks_of(name).reasoning_back
    wires = (_wire_message(message, reasoning) for message in request.messages)
    return [_cached(wire) if index in marked else wire for index, wire in enumerate(wires)]


def wire_tools(tools: Sequence[ToolSpec]) -> list[WireMessage]:
    """The tools as functions."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": json.loads(tool.parameters),
            },
        }
        for tool in tools
    ]


class EncodedConversations:
    """JSON of messages, made once for each: a conversation grows at its end, and all of it is sent every time.

    Keeps what was sent last in each of a few conversations.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str, str], tuple[tuple[Message, ...], list[bytes]]] = OrderedDict()

    def messages(self, request: ModelRequest, name: ModelName) -> bytes:
        """The conversation as a JSON array, UTF-8."""
        if name.provider.cache_markers:  # the marks move on with every request
            return _to_json(wire_messages(request, name)).encode()
        key = (request.model, request.role, request.thread)
        held, pieces = self._held.pop(key, ((), []))
        same = _common(held, request.messages)
        reasoning = quirks_of(name).reasoning_back
        added = (_to_json(_wire_message(each, reasoning)).encode() for each in request.messages[same:])
        pieces = [*pieces[:same], *added]
        self._held[key] = (request.messages, pieces)
        while len(self._held) > _CONVERSATIONS_KEPT:
            self._held.popitem(last=False)
        return b"[" + b",".join(pieces) + b"]"


def _common(some: Sequence[Message], others: Sequence[Message]) -> int:
    """How many messages both begin with."""
    for place, (one, other) in enumerate(zip(some, others, strict=False)):
        if one is not other and one != other:
            return place
    return min(len(some), len(others))


@lru_cache(maxsize=16)
def encoded_tools(tools: tuple[ToolSpec, ...]) -> bytes:
    """`wire_tools` as a JSON array, UTF-8: roles and models have few sets of them."""
    return _to_json(wire_tools(tools)).encode()


def encoded(fields: WireMessage, **arrays: bytes) -> bytes:
    """A JSON object of `fields`, which are not empty, and of arrays that are JSON already."""
    more = b"".join(b',"%b":%b' % (name.encode(), array) for name, array in arrays.items())
    return _to_json(fields).encode()[:-1] + more + b"}"


def sends_temperature(request: ModelRequest, name: ModelName) -> bool:
    """Whether the request's temperature may be sent to this model."""
    return request.temperature is not None and not name.bare.startswith(
        name.provider.fixed_temperature_prefixes or ("\0",)
    )


def reply_format(request: ModelRequest) -> WireMessage:
    """The form that the reply has to have."""
    schema = json.loads(request.reply_schema)
    return {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema, "strict": True}}


def _wire_message(message: Message, reasoning_back: str) -> WireMessage:
    match message:
        case SystemMessage(text=text):
            return {"role": "system", "content": text}
        case UserMessage(text=text, images=images) if images:
            return {"role": "user", "content": [{"type": "text", "text": text}, *map(_wire_image, images)]}
        case UserMessage(text=text):
            return {"role": "user", "content": text}
        case ToolMessage(call_id=call_id, name=name, text=text):
            return {"role": "tool", "tool_call_id": call_id, "name": name, "content": text}
        case AssistantMessage(text=text, reasoning=reasoning, tool_calls=calls):
            wire: WireMessage = {"role": "assistant", "content": text or None}
            if calls:
                wire["tool_calls"] = [_wire_call(call) for call in calls]
                if reasoning_back:
                    wire[reasoning_back] = reasoning
            return wire


def _wire_image(image: Image) -> WireMessage:
    data = base64.b64encode(image.data).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:{image.media_type};base64,{data}"}}


def _wire_call(call: ToolCall) -> WireMessage:
    function = {"name": call.name, "arguments": _json_object(call.arguments)}
    return {"id": call.call_id, "type": "function", "function": function}


def _json_object(arguments: str) -> str:
    """`arguments` if it is a JSON object. Vendors refuse a history with anything else, so a model's broken
    JSON goes back to it wrapped, as evidence of its mistake."""
    try:
        valid = isinstance(json.loads(arguments), dict)
    except ValueError:
        valid = False
    return arguments if valid else json.dumps({"invalid_json": arguments[:_INVALID_SHOWN]})


def _cached(wire: WireMessage) -> WireMessage:
    mark = {"type": "ephemeral"}
    if isinstance(wire["content"], list):
        *before, last = wire["content"]
        return {**wire, "content": [*before, {**last, "cache_control": mark}]}
    if wire["role"] in ("system", "user") and wire["content"]:
        return {**wire, "content": [{"type": "text", "text": wire["content"], "cache_control": mark}]}
    return {**wire, "cache_control": mark}
