"""Estimates of token counts and how wrong they may be, per model.

The count is by bytes: vendors' tokenisers differ by more than a tokeniser of another vendor gains, and counting
must cost nothing on every step. The recorded error of each model makes the estimate safe for reservations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from draftsmith.domain.conversation import AssistantMessage, Message, Usage, UserMessage
from draftsmith.models.providers import parse_model
from draftsmith.ports.models import ToolSpec

_BYTES_PER_TOKEN = 3.3
"""Code and English lie between 3.3 and 4.5 with the tokenisers in use."""
_IMAGE_TOKENS = 5_000
"""More than any vendor counts for a picture of the size that it accepts without making it smaller."""
_MESSAGE_TOKENS = 6
"""What a vendor's template adds around a message or a tool."""
_FIXED_TOKENS = 20
_HEADROOM = 1.02
_LEAST_OBSERVED = 200
"""Prompts shorter than this say little about the ratio."""


class MessageSizes:
    """What the messages of the last count measure, by identity: a conversation is counted often and grows at its end.
    Belongs to one thread."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[Message, int]] = {}

    def total(self, messages: Sequence[Message]) -> int:
        """Bytes of all of them."""
        held, self._held = self._held, {}
        for message in messages:
            self._held[id(message)] = held.get(id(message)) or (message, _message_bytes(message))
        return sum(self._held[id(message)][1] for message in messages)


def count_tokens(
    messages: Sequence[Message],
    tools: Sequence[ToolSpec],
    *,
    bytes_per_token: float = _BYTES_PER_TOKEN,
    sizes: MessageSizes | None = None,
) -> int:
    """Estimate of the input tokens of a request."""
    size = (sizes or MessageSizes()).total(messages) + _tool_bytes(tuple(tools))
    shown = sum(len(message.images) for message in messages if isinstance(message, UserMessage))
    around = _FIXED_TOKENS + _MESSAGE_TOKENS * (len(messages) + len(tools)) + _IMAGE_TOKENS * shown
    return around + math.ceil(size / bytes_per_token)


def estimated_usage(messages: Sequence[Message], tools: Sequence[ToolSpec], reply: AssistantMessage) -> Usage:
    """Usage for servers that report none."""
    written = math.ceil(_message_bytes(reply) / _BYTES_PER_TOKEN)
    return Usage(input_tokens=count_tokens(messages, tools), output_tokens=written)


class CountingErrors:
    """How far below the vendor's the count of each model was at worst, in this process."""

    def __init__(self) -> None:
        self._worst: dict[str, float] = {}

    def margin(self, model: str) -> float:
        """Factor that a count is multiplied with to be safe."""
        return max(parse_model(model).provider.counting_error, self._worst.get(model, 0.0))

    def observe(self, model: str, *, counted: int, actual: int) -> None:
        """Note what the vendor counted for a request that was counted here before."""
        if counted >= _LEAST_OBSERVED:
            self._worst[model] = max(self._worst.get(model, 0.0), actual / counted * _HEADROOM)


def _message_bytes(message: Message) -> int:
    if not isinstance(message, AssistantMessage):
        return _bytes(message.text)
    size = _bytes(message.text)
    for call in message.tool_calls:
        size += _bytes(call.name) + _bytes(call.arguments)
    return size


@lru_cache(maxsize=16)
def _tool_bytes(tools: tuple[ToolSpec, ...]) -> int:
    return sum(_bytes(tool.name) + _bytes(tool.description) + _bytes(tool.parameters) for tool in tools)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
