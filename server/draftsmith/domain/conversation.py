"""Provider-neutral messages between the pipeline and a model.

What a vendor's wire format looks like is known in `models` only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

StopReason = Literal["end", "tool_calls", "length", "filtered"]
Role = Literal["plan", "code", "critique", "quick"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one model call. `cached_tokens` is the part of `input_tokens` read from the vendor's cache;
    `reasoning_tokens` is the part of `output_tokens` that is not shown."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool call as the model wrote it; `arguments` is JSON text, not yet validated."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemMessage:
    text: str
    kind: Literal["system"] = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture that a model is shown; `media_type` for example `image/png`."""

    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMessage:
    text: str
    images: tuple[Image, ...] = ()
    kind: Literal["user"] = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantMessage:
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    kind: Literal["assistant"] = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMessage:
    """The answer to one tool call, as plain text."""

    call_id: str
    name: str
    text: str
    kind: Literal["tool"] = "tool"


Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage
