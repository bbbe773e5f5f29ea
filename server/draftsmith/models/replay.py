"""Plays recorded replies without a model, in order per role and thread, streaming them as a model does.

Does not look at prompts. Whether the recording still fits is decided by the pipeline, from `expected_outcome`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from draftsmith.domain.conversation import AssistantMessage, Message
from draftsmith.models import counting
from draftsmith.models.exchange import Exchange, Provenance, Recording
from draftsmith.ports.models import (
    Credential,
    Delta,
    ModelFailure,
    ModelReply,
    ModelRequest,
    OnDelta,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolSpec,
)

_PIECE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPace:
    """Seconds before the first piece and between pieces. Zeros replay at once."""

    first_s: float = 0.3
    between_s: float = 0.01


class ReplayGateway:
    """A gateway without a model. Replies cost nothing; usage is what was recorded."""

    def __init__(
        self,
        recording: Recording,
        *,
        pace: ReplayPace | None = None,
        played: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        """`played` says how many replies of each (role, thread) an earlier process has played already."""
        self._recording = recording
        self._pace = pace or ReplayPace()
        self._threads: dict[tuple[str, str], list[tuple[int, Exchange]]] = defaultdict(list)
        for number, exchange in enumerate(recording.exchanges):
            self._threads[exchange.role, exchange.thread].append((number, exchange))
        self._next: dict[tuple[str, str], int] = dict(played or {})

    @property
    def provenance(self) -> Provenance:
        return self._recording.provenance

    def expected_outcome(self, call_id: str) -> str | None:
        """The kind of outcome that the recorded tool call had; `None` when it was not noted.

        Works for calls that an earlier process played, too: ids name their place in the recording.
        """
        try:
            prefix, number, index = call_id.split("_")
            outcome = self._recording.exchanges[int(number)].outcomes[int(index)]
        except (ValueError, IndexError):
            return None
        return outcome.kind if prefix == "replay" and outcome is not None else None

    async def complete(self, request: ModelRequest, *, credentials: Credential | None, on_delta: OnDelta) -> ModelReply:
        """The next recorded reply of the request's role and thread. Raises `ModelFailure` when none is left."""
        number, exchange = self._take(request)
        began = time.monotonic()
        message = _with_ids(number, exchange.message)
        await asyncio.sleep(self._pace.first_s)
        first = time.monotonic()
        for delta in _deltas(message):
            on_delta(delta)
            await asyncio.sleep(self._pace.between_s)
        return ModelReply(
            message=message,
            usage=exchange.usage,
            cost_nano_usd=0,
            stop_reason=exchange.stop_reason,
            model=exchange.model,
            first_token_ms=round((first - began) * 1000),
            total_ms=round((time.monotonic() - began) * 1000),
        )

    async def warm_up(self) -> None:
        """Nothing to prepare."""

    def count_tokens(self, model: str, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        return counting.count_tokens(messages, tools)

    def worst_case_cost_nano_usd(self, model: str, input_tokens: int, max_output_tokens: int) -> int | None:
        return 0

    def context_window(self, model: str) -> int | None:
        return None

    async def aclose(self) -> None:
        """Nothing to close."""

    def _take(self, request: ModelRequest) -> tuple[int, Exchange]:
        thread = (request.role, request.thread)
        position = self._next.get(thread, 0)
        recorded = self._threads.get(thread, [])
        if position >= len(recorded):
            where = f"role {request.role}" + (f", thread {request.thread}" if request.thread else "")
            raise ModelFailure(
                f"The recording has no reply left for this call ({where}, {len(recorded)} recorded).",
                category="recording_exhausted",
                remedy="Renew the recording with `make record`, or set a key to use a live model.",
                retryable=False,
            )
        self._next[thread] = position + 1
        return recorded[position]


def _with_ids(number: int, message: AssistantMessage) -> AssistantMessage:
    """The message with ids that name the place in the recording: the recorded ones mean nothing any more."""
    calls = tuple(replace(call, call_id=f"replay_{number}_{index}") for index, call in enumerate(message.tool_calls))
    return replace(message, tool_calls=calls)


def _deltas(message: AssistantMessage) -> Iterator[Delta]:
    for piece in _pieces(message.reasoning):
        yield ReasoningDelta(text=piece)
    for piece in _pieces(message.text):
        yield TextDelta(text=piece)
    for index, call in enumerate(message.tool_calls):
        yield ToolCallDelta(index=index, call_id=call.call_id, name=call.name)
        for piece in _pieces(call.arguments):
            yield ToolCallDelta(index=index, arguments=piece)


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]
