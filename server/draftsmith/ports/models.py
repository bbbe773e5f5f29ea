"""The port between the pipeline and language models: requests, replies, failures, credentials.

Adapters live in `draftsmith.models`. Nothing here knows a vendor's wire format or does I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from draftsmith.domain.conversation import AssistantMessage, Message, Role, StopReason, Usage
from draftsmith.domain.errors import AdapterError

FailureCategory = Literal[
    "auth",  # the key is missing, wrong or not allowed to use this model
    "quota",  # the account has no money or allowance left: waiting does not help
    "rate_limit",  # too many requests or tokens per minute: waiting helps
    "overloaded",  # the vendor is over capacity or failed on its side (5xx, 529)
    "context_overflow",  # the conversation is longer than the model reads
    "bad_request",  # the vendor refused the request as malformed
    "content_filter",  # the vendor's filter refused the prompt or the reply
    "not_found",  # no such model or no such path at the endpoint
    "network",  # no connection, or it broke before the reply began
    "certificate",  # the server's certificate has expired, is for another name, or nobody trusted has signed it
    "timeout",  # a bound on connecting, the first token or the next token was reached
    "cut_stream",  # the stream ended without the reply's end
    "malformed_reply",  # what came back is not the protocol that was asked for
    "empty",  # a reply without text and without tool calls
    "recording_exhausted",  # a replay has no recorded reply left for the call
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key for one provider. `value` is never shown by `repr` and belongs in no event, log or command line.

    `origin` says where it came from in words a user understands, for example `environment OPENAI_API_KEY`.
    An empty `value` is right for local servers that want no key. `base_url` overrides the vendor's address.
    """

    provider: str
    label: str
    value: str = field(repr=False)
    base_url: str | None = None
    origin: str


Ability = Literal["tools", "parallel_tools", "images", "json_schema", "reasoning", "caching"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a request wants of a model. Tokens are counted ones. `priced`: a budget in dollars is set, so that a
    model whose price is not known cannot be used."""

    role: Role
    input_tokens: int
    output_tokens: int
    abilities: frozenset[Ability] = frozenset()
    priced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as the model is told of it; `parameters` is JSON Schema as text."""

    name: str
    description: str
    parameters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One call of a model.

    `model` is `provider/model`, for example `anthropic/claude-sonnet-4-5`, or `openai_compatible/qwen3` with
    the credential's `base_url`. `role` and `thread` name the line of conversation (`thread` for example the
    plan's number of a task): recordings are played back in order per (role, thread). `cache_breakpoints` are
    indexes of messages; the prefix up to and including each is stable and worth caching at vendors that want
    to be told. `reply_schema`: JSON Schema as text; the reply is then JSON, made to it by vendors that can, and a reply
    that is no JSON at all is a failure. `patience_s` is how long the gateway may wait for the vendor before it gives
    the call back, because another model could answer; None: as long as its retries allow.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_output_tokens: int
    temperature: float | None = None
    cache_breakpoints: tuple[int, ...] = ()
    role: Role
    thread: str = ""
    reply_schema: str = ""
    patience_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningDelta:
    text: str
    kind: Literal["reasoning"] = "reasoning"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta:
    """A piece of the tool call at `index` of the reply. `call_id` and `name` are set on the first piece and
    empty on later ones; `arguments` is the next piece of its JSON text."""

    index: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    kind: Literal["tool_call"] = "tool_call"


Delta = TextDelta | ReasoningDelta | ToolCallDelta
OnDelta = Callable[[Delta], None]
"""Called in the event loop for every piece in order; it must not block. After a retry it may begin again: the
gateway retries only before the first piece, so a listener never sees one reply twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReply:
    """A complete reply.

    `cost_nano_usd` is billionths of a dollar, `None` when the price is unknown, 0 for a local server. `model`
    is what the vendor says it ran, or the requested name. Times are milliseconds since the call began,
    retries included; `attempts` counts requests made, the successful one included.
    """

    message: AssistantMessage
    usage: Usage
    cost_nano_usd: int | None
    stop_reason: StopReason
    model: str
    first_token_ms: int
    total_ms: int
    attempts: int = 1
    repaired_calls: int = 0
    """Tool calls whose name or arguments were written wrongly, but plainly meant."""


class ModelFailure(AdapterError):
    """A model call that gave no usable reply.

    `retryable` means the same request may succeed later, `retry_after_s` is the vendor's own wish. `status`
    is the HTTP status when there was one. `began` is true when part of the reply had already been streamed, `billed`
    when the vendor may want money for it: the request was sent and not refused. Messages name endpoint and model and
    never a key. The code is `model_` plus the category.
    """

    def __init__(
        self,
        message: str,
        *,
        category: FailureCategory,
        remedy: str,
        retryable: bool,
        retry_after_s: float | None = None,
        status: int | None = None,
        began: bool = False,
        billed: bool = False,
    ) -> None:
        super().__init__(message, code=f"model_{category}", remedy=remedy, retryable=retryable)
        self.category: FailureCategory = category
        self.retry_after_s = retry_after_s
        self.status = status
        self.began = began
        self.billed = billed or began


class ModelGateway(Protocol):
    """Calls models of any vendor."""

    async def warm_up(self) -> None:
        """Do slow preparations (imports) off the event loop, so that the first call is as fast as others."""
        ...

    async def complete(self, request: ModelRequest, *, credentials: Credential | None, on_delta: OnDelta) -> ModelReply:
        """Stream one reply. Cancelling the task closes the connection at once. Raises `ModelFailure`."""
        ...

    def count_tokens(self, model: str, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        """Estimate of the input tokens, without the network."""
        ...

    def worst_case_cost_nano_usd(self, model: str, input_tokens: int, max_output_tokens: int) -> int | None:
        """Upper bound of one call's price: the counted input times the recorded counting error, plus all
        output, at the dearest rate that applies. `None`: the price is unknown; 0: a local server."""
        ...

    def context_window(self, model: str) -> int | None:
        """Tokens that the model reads and writes together; `None` when unknown."""
        ...

    async def aclose(self) -> None:
        """Close idle connections."""
        ...
