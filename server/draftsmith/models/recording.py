"""Wraps any gateway and records its replies to a file, with the kinds of outcome that their tool calls had.

Records replies only: no prompt, no key. An exchange is written when all its outcomes are noted or its thread goes
on, at the next call; the rest at `aclose`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from draftsmith.domain.conversation import AssistantMessage, Message
from draftsmith.models.exchange import (
    CallOutcome,
    Exchange,
    Provenance,
    RequestSummary,
    exchange_line,
    header_line,
)
from draftsmith.ports.models import Credential, ModelGateway, ModelReply, ModelRequest, OnDelta, ToolSpec

Thread = tuple[str, str]


class RecordingGateway:
    """A gateway that keeps what the wrapped one replies. A file that exists is continued, not replaced."""

    def __init__(self, wrapped: ModelGateway, path: Path, provenance: Provenance) -> None:
        self._wrapped = wrapped
        self._path = path
        self._provenance = provenance
        self._open: dict[Thread, Exchange] = {}
        self._writing = asyncio.Lock()

    def note_outcome(self, call_id: str, kind: str) -> None:
        """Note the kind of outcome of a tool call of the latest reply of any thread; others are ignored."""
        for thread, exchange in self._open.items():
            outcomes = list(exchange.outcomes)
            for index, call in enumerate(exchange.message.tool_calls):
                if call.call_id == call_id:
                    outcomes[index] = CallOutcome(tool=call.name, kind=kind)
                    self._open[thread] = replace(exchange, outcomes=tuple(outcomes))
                    return

    async def complete(self, request: ModelRequest, *, credentials: Credential | None, on_delta: OnDelta) -> ModelReply:
        """The wrapped gateway's reply, kept."""
        thread = (request.role, request.thread)
        await self._write([done for done, kept in self._open.items() if done == thread or None not in kept.outcomes])
        reply = await self._wrapped.complete(request, credentials=credentials, on_delta=on_delta)
        self._open[thread] = Exchange(
            role=request.role,
            thread=request.thread,
            model=reply.model,
            request=_summary(request),
            message=reply.message,
            stop_reason=reply.stop_reason,
            usage=reply.usage,
            outcomes=(None,) * len(reply.message.tool_calls),
        )
        return reply

    async def warm_up(self) -> None:
        await self._wrapped.warm_up()

    def count_tokens(self, model: str, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        return self._wrapped.count_tokens(model, messages, tools)

    def worst_case_cost_nano_usd(self, model: str, input_tokens: int, max_output_tokens: int) -> int | None:
        return self._wrapped.worst_case_cost_nano_usd(model, input_tokens, max_output_tokens)

    def context_window(self, model: str) -> int | None:
        return self._wrapped.context_window(model)

    async def aclose(self) -> None:
        """Write what is not written yet and close the wrapped gateway."""
        await self._write(list(self._open))
        await self._wrapped.aclose()

    async def _write(self, threads: list[Thread]) -> None:
        lines = "".join(exchange_line(self._open.pop(thread)) for thread in threads)
        if lines:
            async with self._writing:
                await asyncio.to_thread(self._append, lines)

    def _append(self, lines: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            if file.tell() == 0:
                file.write(header_line(self._provenance))
            file.write(lines)


def _summary(request: ModelRequest) -> RequestSummary:
    return RequestSummary(
        messages=len(request.messages),
        characters=sum(map(_characters, request.messages)),
        tools=tuple(tool.name for tool in request.tools),
    )


def _characters(message: Message) -> int:
    calls = message.tool_calls if isinstance(message, AssistantMessage) else ()
    return len(message.text) + sum(len(call.arguments) for call in calls)
