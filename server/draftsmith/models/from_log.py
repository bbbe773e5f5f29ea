"""A recording made from a session's log: what the model replied, with the outcomes of its tool calls.

Nothing has to be switched on beforehand: any session can be recorded after the fact. Prompts are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from draftsmith.domain.codec import Event
from draftsmith.domain.conversation import AssistantMessage, ToolCall, Usage
from draftsmith.domain.ids import CallId, DocumentId
from draftsmith.domain.session.events import (
    ModelCallFinished,
    ModelCallIntended,
    SessionStarted,
    ToolCallFinished,
    ToolOutcome,
)
from draftsmith.domain.text import Text
from draftsmith.models.exchange import CallOutcome, Exchange, Provenance, exchange_line, header_line


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """What the replies are put together from."""

    intents: Mapping[CallId, ModelCallIntended]
    outcomes: Mapping[CallId, ToolOutcome]
    texts: Mapping[DocumentId, str]

    def whole(self, text: Text) -> str:
        return text.preview if text.document is None else self.texts[text.document]


def long_texts(events: Sequence[Event]) -> tuple[DocumentId, ...]:
    """The documents that `recording_lines` needs beside the events, each once."""
    found: dict[DocumentId, None] = {}
    for event in events:
        if isinstance(event, ModelCallFinished):
            texts = (event.text, event.reasoning, *(call.arguments for call in event.tool_calls))
            found |= {text.document: None for text in texts if text.document is not None}
    return tuple(found)


def is_replay(events: Sequence[Event]) -> bool:
    """Whether the session itself played a recording."""
    return any(isinstance(event, SessionStarted) and event.recording is not None for event in events)


def recording_lines(events: Sequence[Event], texts: Mapping[DocumentId, str], provenance: Provenance) -> Iterator[str]:
    """The lines of the recording, the header first. `texts` are the documents that `long_texts` names."""
    log = _Log(
        intents={event.call_id: event for event in events if isinstance(event, ModelCallIntended)},
        outcomes={event.call_id: event.outcome for event in events if isinstance(event, ToolCallFinished)},
        texts=texts,
    )
    yield header_line(provenance).rstrip("\n")
    for event in events:
        if isinstance(event, ModelCallFinished):
            yield exchange_line(_exchange(log, event)).rstrip("\n")


def _exchange(log: _Log, event: ModelCallFinished) -> Exchange:
    intent = log.intents[event.call_id]
    calls = tuple(
        ToolCall(call_id=f"call_{number}", name=one.name, arguments=log.whole(one.arguments))
        for number, one in enumerate(event.tool_calls)
    )
    return Exchange(
        role=intent.role,
        thread=intent.task_id or "",
        model=intent.model,
        message=AssistantMessage(text=log.whole(event.text), reasoning=log.whole(event.reasoning), tool_calls=calls),
        stop_reason=event.stop_reason,
        usage=_usage(intent, event.usage),
        outcomes=tuple(
            CallOutcome(tool=one.name, kind=log.outcomes[one.call_id]) if one.call_id in log.outcomes else None
            for one in event.tool_calls
        ),
    )


def _usage(intent: ModelCallIntended, reported: Usage) -> Usage:
    """What the call took. An endpoint may report less than it was sent; an estimate must not follow it down."""
    return replace(reported, input_tokens=max(reported.input_tokens, intent.counted_tokens))
