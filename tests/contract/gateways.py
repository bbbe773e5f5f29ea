"""The gateways under contract: each adapter with each wire format it speaks, against the scripted vendor."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from draftsmith.domain.conversation import Message, SystemMessage, UserMessage
from draftsmith.models.http_gateway import HttpGateway
from draftsmith.models.litellm_gateway import LiteLlmGateway
from draftsmith.models.pace import TimeLimits
from draftsmith.models.retrying import RetryPolicy
from draftsmith.models.streaming import StreamingGateway
from draftsmith.ports.models import (
    Credential,
    Delta,
    ModelReply,
    ModelRequest,
    OnDelta,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolSpec,
)
from vendor.server import VendorServer

KEY = "sk-test-4f1c9a77e2b84d03"
EDIT = ToolSpec(
    name="edit",
    description="Edit a file.",
    parameters='{"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}',
)
ONCE = RetryPolicy(attempts=1)
QUICK = TimeLimits(connect_s=5.0, first_token_s=90.0, between_tokens_s=60.0)


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """An adapter and a model whose vendor has a wire format of its own."""

    adapter: type[StreamingGateway]
    model: str
    path: str = ""

    @property
    def wire(self) -> str:
        return self.model.partition("/")[0]

    def gateway(self, *, limits: TimeLimits = QUICK, retries: RetryPolicy = ONCE) -> HttpGateway | LiteLlmGateway:
        gateway = self.adapter(limits=limits, retries=retries)
        assert isinstance(gateway, HttpGateway | LiteLlmGateway)
        return gateway

    def credential(self, server: VendorServer, *, key: str = KEY) -> Credential:
        return self.credential_at(server.url + self.path, key=key)

    def credential_at(self, address: str, *, key: str = KEY) -> Credential:
        return Credential(provider=self.wire, label="test", value=key, base_url=address, origin="the test")


SPOKEN = {
    "light-openai": Spoken(adapter=HttpGateway, model="openai/gpt-4.1", path="/v1"),
    "litellm-openai": Spoken(adapter=LiteLlmGateway, model="openai/gpt-4.1", path="/v1"),
    "litellm-responses": Spoken(adapter=LiteLlmGateway, model="openai/gpt-5.3-codex", path="/v1"),
    "litellm-anthropic": Spoken(adapter=LiteLlmGateway, model="anthropic/claude-sonnet-4-6"),
    "litellm-gemini": Spoken(adapter=LiteLlmGateway, model="gemini/gemini-2.5-pro", path="/v1beta"),
}
MORE_SPOKEN = {
    "light-custom": Spoken(adapter=HttpGateway, model="openai_compatible/scripted", path="/v1"),
    "litellm-custom": Spoken(adapter=LiteLlmGateway, model="openai_compatible/scripted", path="/v1"),
    "light-local": Spoken(adapter=HttpGateway, model="llamacpp/scripted", path="/v1"),
    "litellm-local": Spoken(adapter=LiteLlmGateway, model="llamacpp/scripted", path="/v1"),
}


def ask(
    spoken: Spoken,
    *,
    messages: tuple[Message, ...] = (SystemMessage(text="You edit files."), UserMessage(text="Please begin.")),
    tools: tuple[ToolSpec, ...] = (EDIT,),
    cache_breakpoints: tuple[int, ...] = (),
) -> ModelRequest:
    return ModelRequest(
        model=spoken.model,
        messages=messages,
        tools=tools,
        max_output_tokens=500,
        cache_breakpoints=cache_breakpoints,
        role="code",
    )


def nothing(delta: Delta) -> None:
    """For tests that look at the reply only."""


async def complete(
    spoken: Spoken,
    server: VendorServer,
    *,
    request: ModelRequest | None = None,
    key: str = KEY,
    on_delta: OnDelta = nothing,
    limits: TimeLimits = QUICK,
    retries: RetryPolicy = ONCE,
) -> ModelReply:
    """One call through a gateway of its own."""
    gateway = spoken.gateway(limits=limits, retries=retries)
    try:
        async with asyncio.timeout(60):
            return await gateway.complete(
                request or ask(spoken), credentials=spoken.credential(server, key=key), on_delta=on_delta
            )
    finally:
        await gateway.aclose()


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def reasoning_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, ReasoningDelta))


def calls_of(deltas: list[Delta]) -> list[tuple[str, str, str]]:
    """(id, name, arguments) of each tool call, put together from its pieces."""
    calls: dict[int, tuple[str, str, str]] = {}
    for delta in deltas:
        if isinstance(delta, ToolCallDelta):
            call_id, name, arguments = calls.get(delta.index, ("", "", ""))
            calls[delta.index] = (call_id or delta.call_id, name or delta.name, arguments + delta.arguments)
    return [calls[index] for index in sorted(calls)]
