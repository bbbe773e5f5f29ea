"""The light gateway: any endpoint that speaks OpenAI's chat completions, without LiteLLM.

For local servers and custom endpoints, where 170 MB and 2 s of LiteLLM would buy nothing. It knows no other format.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, cast

from draftsmith.models import chat_format, prices
from draftsmith.models.assembly import ReplyAssembly, usage_from_chat
from draftsmith.models.connection_errors import CertificateRefused, ConnectionBroken, ConnectionTooSlow
from draftsmith.models.failures import category_of, failure, retry_after
from draftsmith.models.health import Health
from draftsmith.models.pace import Pace, TimeLimits
from draftsmith.models.retrying import RetryPolicy
from draftsmith.models.sse import EventTooLong, SseDecoder
from draftsmith.models.streaming import Call, StreamEnd, StreamingGateway
from draftsmith.ports.models import ModelFailure

if TYPE_CHECKING:
    from draftsmith.models.connections import Connections, Response

_ERROR_BODY_BYTES = 64_000
_ERROR_BODY_S = 10.0


class HttpGateway(StreamingGateway):
    """Speaks to chat-completions endpoints. Connections to each are kept and used again."""

    def __init__(
        self, *, limits: TimeLimits | None = None, retries: RetryPolicy | None = None, health: Health | None = None
    ) -> None:
        super().__init__(limits=limits, retries=retries, health=health)
        self._connections: dict[str, Connections] = {}
        self._conversations = chat_format.EncodedConversations()

    async def warm_up(self) -> None:
        """Imports what requests are made with, and reads the price map for the first estimate."""
        await asyncio.to_thread(_connections)
        await asyncio.to_thread(prices.load_prices)

    async def aclose(self) -> None:
        """Close idle connections."""
        pools, self._connections = tuple(self._connections.values()), {}
        for pool in pools:
            await pool.close()

    async def _stream(self, call: Call, assembly: ReplyAssembly, pace: Pace) -> StreamEnd:
        if not call.name.provider.chat_completions:
            raise failure(call.place, "bad_request", detail="this gateway speaks chat completions only")
        headers = {"content-type": "application/json"}
        if call.key:
            headers["authorization"] = f"Bearer {call.key}"
        body = _body(call, self._conversations)
        try:
            pool = await self._pool(call.base_url)
            async with pace.limit():
                response = await pool.post("/chat/completions", body, headers)
            call.on_headers(response.headers)
            try:
                return await self._read(call, response, assembly, pace)
            finally:
                response.close()
        except TimeoutError:
            raise pace.exceeded() from None
        except ConnectionTooSlow:
            detail = f"no connection within {self._limits.connect_s:g} s"
            raise failure(call.place, "timeout", detail=detail, sent=False) from None
        except CertificateRefused as refused:
            raise failure(call.place, "certificate", detail=str(refused)) from None
        except ConnectionBroken as broken:
            category = "cut_stream" if assembly.began else "network"
            said, began = str(broken), assembly.began
            raise failure(call.place, category, detail=said, began=began, sent=broken.sent) from None

    async def _pool(self, base_url: str) -> Connections:
        pool = self._connections.get(base_url)
        if pool is None:
            made = await (await asyncio.to_thread(_connections)).to(base_url, connect_s=self._limits.connect_s)
            pool = self._connections.setdefault(base_url, made)
            if pool is not made:
                await made.close()  # another call was quicker
        return pool

    async def _read(self, call: Call, response: Response, assembly: ReplyAssembly, pace: Pace) -> StreamEnd:
        if response.status != 200:
            raise await _refused(call, response)
        kind = response.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise failure(call.place, "malformed_reply", detail=f"content type {kind or 'missing'}", status=200)
        decoder = SseDecoder()
        reading = _Reading(call, assembly, pace)
        try:
            async with contextlib.aclosing(pace.items(response.chunks())) as chunks:
                async for chunk in chunks:
                    for data in decoder.feed(chunk):
                        reading.event(data)
        except EventTooLong:
            raise failure(call.place, "malformed_reply", detail="an endless event", began=True) from None
        return StreamEnd(model=reading.model, usage=reading.usage)


class _Reading:
    """The chunks of one reply, read into its assembly."""

    def __init__(self, call: Call, assembly: ReplyAssembly, pace: Pace) -> None:
        self._call = call
        self._assembly = assembly
        self._pace = pace
        self.model = ""
        self.usage = None

    def event(self, data: str) -> None:
        if data == "[DONE]":
            return
        try:
            chunk = json.loads(data)
        except ValueError:
            raise self._malformed(data) from None
        if not isinstance(chunk, dict):
            raise self._malformed(data)
        try:
            self._chunk(cast(dict[str, Any], chunk))
        except (KeyError, TypeError, AttributeError, IndexError):
            raise self._malformed(data) from None

    def _chunk(self, chunk: dict[str, Any]) -> None:
        if chunk.get("error"):
            said = chunk["error"]
            text = said.get("message", "") if isinstance(said, dict) else str(said)
            status = said.get("code") if isinstance(said, dict) else None
            category = category_of(status if isinstance(status, int) else 500, json.dumps(said), self._call.name)
            raise failure(self._call.place, category, detail=text, began=self._assembly.began)
        self.model = chunk.get("model") or self.model
        if chunk.get("usage"):
            self.usage = usage_from_chat(chunk["usage"])
        for choice in (chunk.get("choices") or [])[:1]:
            self._delta(choice.get("delta") or {})
            self._assembly.finish = choice.get("finish_reason") or self._assembly.finish

    def _delta(self, delta: dict[str, Any]) -> None:
        assembly = self._assembly
        assembly.add_reasoning(delta.get("reasoning_content") or delta.get("reasoning") or "")
        assembly.add_text(delta.get("content") or "")
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            arguments = function.get("arguments") or ""
            if not isinstance(arguments, str):  # some local servers send the object itself
                arguments = json.dumps(arguments)
            assembly.add_call(call.get("index"), call.get("id") or "", function.get("name") or "", arguments)
        if assembly.began:
            self._pace.token()

    def _malformed(self, data: str) -> ModelFailure:
        began = self._assembly.began
        return failure(self._call.place, "malformed_reply", detail=f"unreadable event {data[:80]!r}", began=began)


def _connections() -> type[Connections]:
    """Imported with the first request (70 ms): a runner that waits for work has no use for it."""
    from draftsmith.models.connections import Connections

    return Connections


def _body(call: Call, conversations: chat_format.EncodedConversations) -> bytes:
    request, provider = call.request, call.name.provider
    body: dict[str, Any] = {
        "model": call.name.bare,
        "stream": True,
        "stream_options": {"include_usage": True},
        provider.output_limit_field: request.max_output_tokens,
    }
    if chat_format.sends_temperature(request, call.name):
        body["temperature"] = request.temperature
    if call.native_schema:
        body["response_format"] = chat_format.reply_format(request)
    messages = conversations.messages(request, call.name)
    if not request.tools:
        return chat_format.encoded(body, messages=messages)
    return chat_format.encoded(body, messages=messages, tools=chat_format.encoded_tools(request.tools))


async def _refused(call: Call, response: Response) -> ModelFailure:
    """The failure that an error response stands for."""
    body = b""
    try:
        async with asyncio.timeout(_ERROR_BODY_S):
            async for chunk in response.chunks():
                body += chunk
                if len(body) > _ERROR_BODY_BYTES:
                    break
    except TimeoutError:
        pass  # what came so far is enough to tell
    text = body.decode("utf-8", "replace")
    status = response.status
    return failure(
        call.place,
        category_of(status, text, call.name),
        detail=_said(text),
        status=status,
        retry_after_s=retry_after(response.headers.get("retry-after")),
    )


def _said(body: str) -> str:
    """The message in an error body, or the body when it is none of the usual shapes."""
    try:
        error = json.loads(body)["error"]
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError):
        return body
