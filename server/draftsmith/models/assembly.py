"""Puts a streamed reply together: text, reasoning and parallel tool calls from pieces, whatever the vendor's habits.

Passes every piece on at once. Does no I/O and does not judge arguments: they stay the model's own text.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from draftsmith.domain.conversation import AssistantMessage, StopReason, ToolCall, Usage
from draftsmith.ports.models import OnDelta, ReasoningDelta, TextDelta, ToolCallDelta

MAX_REPLY_CHARACTERS = 8_000_000
"""No model writes that much in one reply; an endpoint that does is broken."""

_STOP: dict[str, StopReason] = {
    "stop": "end",
    "end_turn": "end",
    "eos": "end",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "tool_use": "tool_calls",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
    "refusal": "filtered",
}


class ReplyTooLong(Exception):
    """The reply passed `MAX_REPLY_CHARACTERS`."""


@dataclass(slots=True)
class _Call:
    call_id: str
    name: str
    arguments: list[str] = field(default_factory=list[str])


class ReplyAssembly:
    """One reply on its way. `finish` is the vendor's reason for stopping, `None` until it was said."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[_Call] = []
        self._at_index: dict[int, int] = {}
        self._size = 0
        self.finish: str | None = None

    @property
    def began(self) -> bool:
        return self._size > 0 or bool(self._calls)

    def add_text(self, text: str) -> None:
        if text:
            self._grow(text)
            self._text.append(text)
            self._on_delta(TextDelta(text=text))

    def add_reasoning(self, text: str) -> None:
        if text:
            self._grow(text)
            self._reasoning.append(text)
            self._on_delta(ReasoningDelta(text=text))

    def add_call(self, index: int | None, call_id: str, name: str, arguments: str) -> None:
        """A piece of a tool call. Vendors number calls by `index`, but some number all of them 0: a new id with
        a name begins a new call, too. Ids that are missing or repeated within the reply are replaced."""
        at = self._at_index.get(index or 0)
        if at is None or (name and call_id and call_id != self._calls[at].call_id):
            at = len(self._calls)
            self._at_index[index or 0] = at
            taken = {call.call_id for call in self._calls}
            fresh = call_id if call_id and call_id not in taken else f"call_{uuid.uuid4().hex[:16]}"
            self._calls.append(_Call(call_id=fresh, name=name))
            self._on_delta(ToolCallDelta(index=at, call_id=fresh, name=name))
        elif name and not self._calls[at].name:
            self._calls[at].name = name
        if arguments:
            self._grow(arguments)
            self._calls[at].arguments.append(arguments)
            self._on_delta(ToolCallDelta(index=at, arguments=arguments))

    def message(self) -> AssistantMessage:
        """What was put together so far."""
        calls = tuple(
            ToolCall(call_id=call.call_id, name=call.name, arguments="".join(call.arguments) or "{}")
            for call in self._calls
        )
        return AssistantMessage(text="".join(self._text), reasoning="".join(self._reasoning), tool_calls=calls)

    def stop_reason(self) -> StopReason:
        """Why the model stopped; tool calls count for more than the vendor's word, which is often just `stop`."""
        said = _STOP.get((self.finish or "").lower(), "end")
        return "tool_calls" if self._calls and said == "end" else said

    def _grow(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_REPLY_CHARACTERS:
            raise ReplyTooLong


def usage_from_chat(raw: dict[str, Any]) -> Usage:
    """Usage as chat completions report it."""
    details = raw.get("prompt_tokens_details") or {}
    written = raw.get("completion_tokens_details") or {}
    return Usage(
        input_tokens=int(raw.get("prompt_tokens") or 0),
        output_tokens=int(raw.get("completion_tokens") or 0),
        cached_tokens=int(details.get("cached_tokens") or 0),
        reasoning_tokens=int(written.get("reasoning_tokens") or 0),
    )
