"""What both gateways do around one streamed request: key and address, retries, time limits, checks, cost.

An adapter supplies `_stream`, which knows how bytes travel. Nothing here knows a wire format.
"""

from __future__ import annotations

import abc
import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from draftsmith.domain.conversation import AssistantMessage, Message, Usage, UserMessage
from draftsmith.models import counting
from draftsmith.models.assembly import ReplyAssembly, ReplyTooLong
from draftsmith.models.catalogue import Catalogue
from draftsmith.models.failures import Place, failure
from draftsmith.models.health import EndpointKey, Health
from draftsmith.models.pace import Pace, PaceExceeded, TimeLimits
from draftsmith.models.providers import ModelName, parse_model
from draftsmith.models.quirks import quirks_of
from draftsmith.models.ratelimits import windows
from draftsmith.models.repair import json_reply, repaired_arguments, repaired_name
from draftsmith.models.retrying import RetryPolicy, with_retries
from draftsmith.models.shaping import shaped
from draftsmith.ports.models import Credential, ModelFailure, ModelReply, ModelRequest, OnDelta, ToolSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request with its address and key. `repr` shows no key."""

    request: ModelRequest
    name: ModelName
    base_url: str
    credential: Credential | None
    place: Place
    on_headers: Callable[[Mapping[str, str]], None] = field(repr=False)
    """Told the headers of every response, refusals included: they say what allowance is left."""
    native_schema: bool = False
    """The vendor itself keeps the reply to the request's schema; else the model is asked for it in words."""

    @property
    def key(self) -> str:
        return self.credential.value if self.credential is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnd:
    """What is known when a stream has ended. `usage` is `None` when the server reported none; `cost_nano_usd` is
    set by an adapter that knows better than the price map does."""

    model: str
    usage: Usage | None
    cost_nano_usd: int | None = None


class StreamingGateway(abc.ABC):
    """Base of the gateways that speak to real endpoints."""

    def __init__(
        self, *, limits: TimeLimits | None = None, retries: RetryPolicy | None = None, health: Health | None = None
    ) -> None:
        self._limits = limits or TimeLimits()
        self._retries = retries or RetryPolicy()
        self.health = health or Health()
        self._counting_errors = counting.CountingErrors()
        self._sizes = counting.MessageSizes()
        self.catalogue = Catalogue()
        """Prices and limits; replaced as a whole when the user changes facts of a model."""

    @abc.abstractmethod
    async def _stream(self, call: Call, assembly: ReplyAssembly, pace: Pace) -> StreamEnd:
        """Make one request and feed its reply to `assembly`, telling `pace` of the first piece. Raises
        `ModelFailure`; `PaceExceeded` and `ReplyTooLong` may pass."""

    async def complete(self, request: ModelRequest, *, credentials: Credential | None, on_delta: OnDelta) -> ModelReply:
        """Stream one reply; see `ModelGateway.complete`."""
        key = EndpointKey.of(request.model, credentials)

        def on_headers(headers: Mapping[str, str]) -> None:
            self.health.observe(key, windows(headers, now=time.monotonic(), wall=time.time()))

        call = _prepare(_accepted(request, self.catalogue), credentials, on_headers, self.catalogue)
        began = time.monotonic()
        counted = self._counted(request)

        retries = self._retries.patient_for(request.patience_s)

        async def attempt(number: int) -> ModelReply:
            await self._admitted(call, key, counted, retries.longest_wait_s)
            return await self._watched(call, key, on_delta, number, began)

        return await with_retries(retries, attempt)

    async def _admitted(self, call: Call, key: EndpointKey, counted: int, longest_s: float) -> None:
        """Returns when the allowance is enough: calls are paced before a limit strikes. Raises when that takes
        longer than a person should wait unasked. Whether to call a failing endpoint is for whoever chose it."""
        while True:
            now = time.monotonic()
            admission = self.health.allowance(key, counted, now)
            wait = admission.wait_s
            if not wait:
                self.health.begin(key, counted, now)
                return
            if wait > longest_s:
                detail = f"{admission.reason}; free again in {wait:.0f} s"
                raise failure(call.place, "rate_limit", detail=detail, retry_after_s=wait)
            await asyncio.sleep(wait)

    async def _watched(self, call: Call, key: EndpointKey, on_delta: OnDelta, number: int, began: float) -> ModelReply:
        """One attempt, whose outcome is noted."""
        started = time.monotonic()
        try:
            reply = await self._attempt(call, on_delta, number, began)
        except ModelFailure as failed:
            self.health.failed(key, failed.category, time.monotonic(), failed.retry_after_s)
            raise
        except BaseException:
            self.health.abandoned(key)
            raise
        self.health.succeeded(key, max(0.0, reply.first_token_ms - (started - began) * 1000))
        return reply

    def count_tokens(self, model: str, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        """Estimate of the input tokens by the model's family; `worst_case_cost_nano_usd` adds the recorded error."""
        return counting.count_tokens(messages, tools, bytes_per_token=_bytes_per_token(model), sizes=self._sizes)

    def _counted(self, request: ModelRequest) -> int:
        """Also the schema of the reply: vendors read it as part of the prompt."""
        schema = (UserMessage(text=request.reply_schema),) if request.reply_schema else ()
        return self.count_tokens(request.model, (*request.messages, *schema), request.tools)

    def worst_case_cost_nano_usd(self, model: str, input_tokens: int, max_output_tokens: int) -> int | None:
        """Upper bound of one call's price; see `ModelGateway`."""
        safe_input = round(input_tokens * self._counting_errors.margin(model))
        return self.catalogue.worst_case_nano_usd(model, safe_input, max_output_tokens)

    def context_window(self, model: str) -> int | None:
        """Tokens that the model reads; `None` when unknown."""
        return self.catalogue.context_window(model)

    async def _attempt(self, call: Call, on_delta: OnDelta, number: int, began: float) -> ModelReply:
        pace = Pace(self._limits)
        assembly = ReplyAssembly(on_delta)
        try:
            end = await self._stream(call, assembly, pace)
        except PaceExceeded as exceeded:
            raise failure(call.place, "timeout", detail=str(exceeded), began=assembly.began) from None
        except ReplyTooLong:
            raise failure(call.place, "malformed_reply", detail="the reply is endless", began=True) from None
        return self._reply(call, assembly, end, first_token_at=pace.first_token_at, number=number, began=began)

    def _reply(
        self,
        call: Call,
        assembly: ReplyAssembly,
        end: StreamEnd,
        *,
        first_token_at: float | None,
        number: int,
        began: float,
    ) -> ModelReply:
        if assembly.finish is None:
            if not assembly.began:
                raise failure(call.place, "malformed_reply", detail="the response holds no reply")
            raise failure(call.place, "cut_stream", began=True)
        stop = assembly.stop_reason()
        message, repaired = _repaired(assembly.message(), call.request, cut=stop == "length")
        if not message.text.strip() and not message.tool_calls:
            if stop == "filtered":
                raise failure(call.place, "content_filter", began=assembly.began)
            detail = "all output tokens went into reasoning" if stop == "length" else ""
            raise failure(call.place, "empty", detail=detail, began=assembly.began)
        request = call.request
        if request.reply_schema and message.text:
            text = json_reply(message.text)
            if text is None:
                raise failure(call.place, "malformed_reply", detail="the reply is not the JSON asked for", began=True)
            message = replace(message, text=text)
        if end.usage is not None:
            counted = self._counted(request)
            self._counting_errors.observe(request.model, counted=counted, actual=end.usage.input_tokens)
        usage = end.usage or counting.estimated_usage(request.messages, request.tools, message)
        cost = end.cost_nano_usd
        if end.usage is None:
            # What the vendor bills is not known: as much as was reserved, so that no budget is passed unseen.
            counted = self._counted(request)
            cost = self.worst_case_cost_nano_usd(request.model, counted, request.max_output_tokens)
        elif cost is None:
            cost = self.catalogue.cost_nano_usd(request.model, usage)
        now = time.monotonic()
        return ModelReply(
            message=message,
            usage=usage,
            cost_nano_usd=cost,
            stop_reason=stop,
            model=end.model or request.model,
            first_token_ms=round(((first_token_at or now) - began) * 1000),
            total_ms=round((now - began) * 1000),
            attempts=number,
            repaired_calls=repaired,
        )


def _bytes_per_token(model: str) -> float:
    return quirks_of(parse_model(model)).bytes_per_token


def _accepted(request: ModelRequest, catalogue: Catalogue) -> ModelRequest:
    """The request in a form that its model takes."""
    quirks = quirks_of(parse_model(request.model))
    has_images = any(message.images for message in request.messages if isinstance(message, UserMessage))
    if quirks.takes_any_form and not has_images and not request.reply_schema:
        return request
    reads_images = not has_images or catalogue.facts(request.model).can("images") is not False
    messages = shaped(request.messages, quirks, images=reads_images)
    if request.reply_schema and not _keeps_schema(request, catalogue):
        words = f"Reply with JSON alone, without a word before or after it, by this schema:\n{request.reply_schema}"
        messages = (*messages, UserMessage(text=words))
    same = len(messages) == len(request.messages)
    breakpoints = request.cache_breakpoints if same else (0, len(messages) - 1)
    return replace(request, messages=messages, cache_breakpoints=breakpoints)


def _keeps_schema(request: ModelRequest, catalogue: Catalogue) -> bool:
    return bool(request.reply_schema) and catalogue.facts(request.model).can("json_schema") is not False


def _repaired(message: AssistantMessage, request: ModelRequest, *, cut: bool) -> tuple[AssistantMessage, int]:
    """The message with what was plainly meant in its tool calls, and how many were mended. The last call of a reply
    that was cut off is left alone."""
    offered = [tool.name for tool in request.tools]
    calls = list(message.tool_calls)
    for place, one in enumerate(calls[:-1] if cut else calls):
        name, arguments = repaired_name(one.name, offered), repaired_arguments(one.arguments)
        calls[place] = replace(one, name=name, arguments=arguments)
    mended = sum(old != new for old, new in zip(message.tool_calls, calls, strict=True))
    return (replace(message, tool_calls=tuple(calls)) if mended else message), mended


def _prepare(
    request: ModelRequest,
    credential: Credential | None,
    on_headers: Callable[[Mapping[str, str]], None],
    catalogue: Catalogue,
) -> Call:
    """The call, refused here when address or key are missing: no request is made that must fail."""
    name = parse_model(request.model)
    base_url = (credential.base_url if credential is not None else None) or name.provider.base_url
    place = Place(model=request.model, name=name, endpoint=base_url or "(no address)", credential=credential)
    if base_url is None:
        raise failure(place, "not_found", detail=f"{name.provider.title} has no address")
    needs_key = not name.provider.local and name.provider.base_url is not None
    if needs_key and (credential is None or not credential.value):
        raise failure(place, "auth", detail="no key was given")
    return Call(
        request=request,
        name=name,
        base_url=base_url.rstrip("/"),
        credential=credential,
        place=place,
        on_headers=on_headers,
        native_schema=_keeps_schema(request, catalogue),
    )
