"""The gateway to every vendor that LiteLLM speaks to.

Uses LiteLLM for wire formats and prices only: no router, no retries, no callbacks of its.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import re
import ssl
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

from draftsmith.models import chat_format, prices
from draftsmith.models.assembly import ReplyAssembly, usage_from_chat
from draftsmith.models.failures import category_of, failure, retry_after, retry_wish_in
from draftsmith.models.health import Health
from draftsmith.models.lean_httpx import httpx
from draftsmith.models.litellm_library import EndWatch, LiteLlm, Stream, load
from draftsmith.models.pace import Pace, PaceExceeded, TimeLimits
from draftsmith.models.retrying import RetryPolicy
from draftsmith.models.streaming import Call, StreamEnd, StreamingGateway
from draftsmith.ports.models import FailureCategory, ModelFailure

_CLOSE_S = 2.0
_CATEGORY_OF_TYPE: dict[str, FailureCategory] = {
    "AuthenticationError": "auth",
    "PermissionDeniedError": "auth",
    "ContextWindowExceededError": "context_overflow",
    "ContentPolicyViolationError": "content_filter",
    "PaymentRequiredError": "quota",
    "NotFoundError": "not_found",
    "Timeout": "timeout",
    "APIResponseValidationError": "malformed_reply",
}
_SURE_BY_WORDS: frozenset[FailureCategory] = frozenset({"quota", "context_overflow"})
_ENDED_EARLY = ("closed the responses stream before any terminal event",)
"""LiteLLM's words for a stream without its end, which it gives out as an error of the server."""
_WRAPPING = re.compile(r"^(?:litellm\.)?\w+(?:Error|Exception)(?: \w+Error)?(?:: | - )")
"""LiteLLM's prefixes of a vendor's words, for example `litellm.AuthenticationError: AnthropicException - `."""


class LiteLlmGateway(StreamingGateway):
    """Speaks to vendors through LiteLLM."""

    def __init__(
        self, *, limits: TimeLimits | None = None, retries: RetryPolicy | None = None, health: Health | None = None
    ) -> None:
        super().__init__(limits=limits, retries=retries, health=health)
        self._library: LiteLlm | None = None

    async def warm_up(self) -> None:
        """Import LiteLLM and read the price map, off the event loop."""
        await asyncio.to_thread(prices.load_prices)
        self._library = await load()

    async def aclose(self) -> None:
        """Close LiteLLM's connections; they are shared by all gateways of this kind in the process."""
        if self._library is not None:
            await self._library.close_clients()

    async def _stream(self, call: Call, assembly: ReplyAssembly, pace: Pace) -> StreamEnd:
        library = self._library or await load()
        self._library = library
        stream, watch = await self._open(library, call, assembly, pace)
        call.on_headers(_readable(getattr(stream, "_response_headers", None)))
        usage: Any = None
        model = ""
        try:
            async with contextlib.aclosing(_chunks(call, stream, assembly, pace)) as chunks:
                async for chunk in chunks:
                    usage = getattr(chunk, "usage", None) or usage
                    model = getattr(chunk, "model", None) or model
                    for choice in chunk.choices[:1]:
                        _feed(assembly, choice.delta)
                    if assembly.began:
                        pace.token()
        finally:
            await _close(stream)
        finish = stream.received_finish_reason or stream.intermittent_finish_reason
        if watch is None or watch.seen or finish == "content_filter":
            assembly.finish = finish
        if usage is None:
            return StreamEnd(model=model, usage=None)
        return StreamEnd(
            model=model,
            usage=usage_from_chat(usage.model_dump()),
            cost_nano_usd=None if self.catalogue.overrides_price(call.request.model) else _cost(library, call, usage),
        )

    async def _open(
        self, library: LiteLlm, call: Call, assembly: ReplyAssembly, pace: Pace
    ) -> tuple[Stream, EndWatch | None]:
        """The vendor's stream, and the watch for its end where one is needed."""
        failed: ModelFailure
        marker = call.name.provider.end_marker
        try:
            async with pace.limit():
                stream = await library.stream(**_arguments(call, self._limits))
                return stream, await library.watch_end(stream, marker) if marker is not None else None
        except TimeoutError:
            raise pace.exceeded() from None
        except Exception as error:
            failed = _mapped(call, error, assembly)
        raise failed  # outside the handler: the library's errors hold the request and with it the key


async def _chunks(call: Call, stream: Stream, assembly: ReplyAssembly, pace: Pace) -> AsyncGenerator[Any, None]:
    """The stream's chunks; LiteLLM's errors become failures here, and only those: a listener's own do not."""
    failed: ModelFailure
    try:
        async with contextlib.aclosing(pace.items(stream)) as chunks:
            async for chunk in chunks:
                yield chunk
        return
    except PaceExceeded:
        raise
    except Exception as error:
        failed = _mapped(call, error, assembly)
    raise failed  # outside the handler, as above


def _arguments(call: Call, limits: TimeLimits) -> dict[str, Any]:
    """The call in LiteLLM's words. Key and address are always given: else it would look into the environment."""
    request, provider = call.request, call.name.provider
    arguments: dict[str, Any] = {
        "model": f"{provider.litellm_name}/{call.name.bare}",
        "custom_llm_provider": provider.litellm_name,
        "messages": chat_format.wire_messages(request, call.name),
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_output_tokens,
        "api_key": call.key or "no-key-needed",
        "api_base": call.base_url,
        "timeout": httpx.Timeout(limits.first_token_s, connect=limits.connect_s),
        "max_retries": 0,
        "num_retries": 0,
    }
    if call.native_schema:
        arguments["response_format"] = chat_format.reply_format(request)
    if request.tools:
        arguments["tools"] = chat_format.wire_tools(request.tools)
    if chat_format.sends_temperature(request, call.name):
        arguments["temperature"] = request.temperature
    return arguments


def _feed(assembly: ReplyAssembly, delta: Any) -> None:
    assembly.add_reasoning(getattr(delta, "reasoning_content", None) or "")
    assembly.add_text(getattr(delta, "content", None) or "")
    for call in getattr(delta, "tool_calls", None) or ():
        assembly.add_call(call.index, call.id or "", call.function.name or "", call.function.arguments or "")


async def _close(stream: Stream) -> None:
    """Close the connection now, also when the task is being cancelled; a finished stream is closed already."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_CLOSE_S):
            await stream.aclose()


def _cost(library: LiteLlm, call: Call, usage: object) -> int | None:
    """Cost by LiteLLM's own arithmetic where our price map has a price at all: it knows cache writes."""
    if call.name.provider.local or prices.worst_case_nano_usd(call.request.model, 1, 1) is None:
        return None
    try:
        cost = library.cost_usd(call.name.bare, call.name.provider.litellm_name, usage)
    except Exception:
        return None
    return math.ceil(cost * prices.NANO - 1e-6) or None


def _mapped(call: Call, error: Exception, assembly: ReplyAssembly) -> ModelFailure:
    """The failure that one of LiteLLM's errors stands for, by its type and by the HTTP status."""
    began = assembly.began
    original = getattr(error, "original_exception", None)
    cause = original if isinstance(original, Exception) else error
    status = getattr(cause, "status_code", None)
    status = status if isinstance(status, int) else None
    category, detail = _category(call, cause, status), str(getattr(cause, "message", "") or cause)
    refused = _caused_by(error, ssl.SSLCertVerificationError)
    if refused is not None:
        category, status, detail = "certificate", None, str(getattr(refused, "verify_message", "") or refused)
    elif _caused_by(error, json.JSONDecodeError):
        category, status = "malformed_reply", None
    elif any(words in detail for words in _ENDED_EARLY):
        category, status = "cut_stream" if began else "malformed_reply", None
    elif _caused_by(error, httpx.TransportError) and category != "timeout":
        category, status = "cut_stream" if began else "network", None
    headers = _headers(cause)
    for one in headers:
        call.on_headers(one)
    return failure(
        call.place,
        category,
        detail=_vendor_words(detail),
        status=status,
        retry_after_s=_wish(headers, cause),
        began=began,
        sent=not (_caused_by(error, httpx.ConnectError) or _caused_by(error, httpx.ConnectTimeout)),
    )


def _headers(cause: Exception) -> list[Mapping[str, str]]:
    """The response's headers, from whichever place LiteLLM put them for this vendor."""
    response = getattr(cause, "response", None)
    places = (
        getattr(response, "headers", None),
        getattr(cause, "headers", None),
        getattr(cause, "litellm_response_headers", None),
    )
    return [_readable(headers) for headers in places if headers]


def _readable(headers: object) -> Mapping[str, str]:
    """Headers as text by lower-case name; LiteLLM has them as a dictionary or as httpx's."""
    items = cast("Mapping[object, object]", headers).items() if isinstance(headers, Mapping) else ()
    return {str(name).lower(): str(value) for name, value in items}


def _wish(headers: list[Mapping[str, str]], cause: Exception) -> float | None:
    """How long the vendor wishes to be left alone."""
    wishes = (retry_after(one.get("retry-after")) for one in headers)
    return next((wish for wish in wishes if wish is not None), None) or retry_wish_in(str(cause))


def _category(call: Call, cause: Exception, status: int | None) -> FailureCategory:
    """By words and status; where these say little, by the type that LiteLLM chose."""
    by_words = category_of(status, f"{getattr(cause, 'message', '')} {cause}", call.name)
    if by_words in _SURE_BY_WORDS:
        return by_words
    for kind in type(cause).__mro__:
        by_type = _CATEGORY_OF_TYPE.get(kind.__name__)
        if by_type is not None:
            return by_type
    return by_words


def _vendor_words(text: str) -> str:
    """What the vendor said, without what LiteLLM put around it."""
    while (unwrapped := _WRAPPING.sub("", text)) != text:
        text = unwrapped
    said = re.search(r'"message": ?"((?:[^"\\]|\\.)*)"', text)
    return said.group(1) if said else text


def _caused_by(error: BaseException, kind: type[Exception]) -> BaseException | None:
    """Such an error at the bottom of it, if there is one; LiteLLM wraps what happened in errors of other kinds."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, kind):
            return current
        seen.add(id(current))
        inner = getattr(current, "original_exception", None)
        current = inner if isinstance(inner, BaseException) else current.__cause__ or current.__context__
    return None
