"""How a model call ended, as the event of it: the same for every role."""

from __future__ import annotations

from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events import ModelCallFailed, ModelCallFinished, RequestedToolCall
from draftsmith.domain.text import hold
from draftsmith.pipeline.desk import Desk
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.models import ModelReply


def stage_finished(desk: Desk, call_id: CallId, reply: ModelReply) -> None:
    """The reply, its tool calls under ids of our own."""
    text, text_documents = hold(reply.message.text)
    reasoning, reasoning_documents = hold(reply.message.reasoning)
    calls: list[RequestedToolCall] = []
    documents = [*text_documents, *reasoning_documents]
    for call in reply.message.tool_calls:
        arguments, more = hold(call.arguments)
        documents += more
        ours = CallId(new_id("t"))
        desk.vendor_ids[ours] = call.call_id
        calls.append(RequestedToolCall(call_id=ours, name=call.name, arguments=arguments))
    desk.log.stage(
        ModelCallFinished(
            call_id=call_id,
            text=text,
            reasoning=reasoning,
            tool_calls=tuple(calls),
            stop_reason=reply.stop_reason,
            usage=reply.usage,
            cost_nano_usd=reply.cost_nano_usd,
            duration_ms=reply.total_ms,
            first_token_ms=reply.first_token_ms,
        ),
        documents=tuple(documents),
    )


def stage_failed(
    desk: Desk, call_id: CallId, category: str, message: str, charged: int, begun: int, *, retryable: bool = False
) -> None:
    """No usable reply. `charged` is in nano-dollars, `begun` when the call was, in milliseconds."""
    desk.log.stage(
        ModelCallFailed(
            call_id=call_id,
            category=category,
            message=message,
            retryable=retryable,
            charged_nano_usd=charged,
            duration_ms=max(0, now_ms() - begun),
        )
    )
