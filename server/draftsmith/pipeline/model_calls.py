"""One model call as an effect: reserved and recorded before, streamed while it runs, settled after."""

from __future__ import annotations

import asyncio

import structlog

from draftsmith.domain.conversation import Role
from draftsmith.domain.decisions import KEY_PROVIDED, Decision
from draftsmith.domain.ids import CallId, DecisionId, TaskId
from draftsmith.domain.limits import struck
from draftsmith.domain.session.events import (
    DecisionRequested,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    RequestedToolCall,
    SessionStopped,
)
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import hold
from draftsmith.pipeline.conversation import conversation, fit
from draftsmith.pipeline.desk import ChosenModel, Desk
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.limits import stop_at
from draftsmith.pipeline.roles import TOOLS_OF
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.models import Delta, ModelFailure, ModelReply, ModelRequest, ReasoningDelta, TextDelta
from draftsmith.tools.registry import tool_specs

log = structlog.get_logger()

MAX_OUTPUT_TOKENS = 16_000
OUTPUT_SHARE = 4
"""At most a quarter of a known window is asked for as output."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


async def ask_model(desk: Desk, role: Role, task_id: TaskId | None) -> None:
    """Asks the role's model for its next reply."""
    chosen = desk.model or await desk.choose_model()
    if chosen is None:
        if _had_a_key(desk.log.state):
            _ask_for_key(desk)
        else:
            await _no_model(desk)
        return
    desk.model = chosen
    request, counted = await _request(desk, chosen, role, task_id)
    reserve = chosen.gateway.worst_case_cost_nano_usd(chosen.model, counted, request.max_output_tokens)
    state = desk.log.state
    if reserve is None and state.limits.nano_usd is not None:
        desk.log.stage(_price_unknown(chosen.model))
        await desk.log.flush()
        return
    if hit := struck(state.limits, state.spent, reserve_nano_usd=reserve or 0):
        await stop_at(desk, hit)
        return
    call_id = CallId(new_id("m"))
    desk.log.stage(
        ModelCallIntended(
            call_id=call_id,
            role=role,
            task_id=task_id,
            model=chosen.model,
            counted_tokens=counted,
            reserved_nano_usd=reserve,
        )
    )
    await desk.log.flush()
    await _call(desk, chosen, request, call_id, reserve or 0)


async def _request(desk: Desk, chosen: ChosenModel, role: Role, task_id: TaskId | None) -> tuple[ModelRequest, int]:
    tools = tool_specs(TOOLS_OF[role])
    window = chosen.gateway.context_window(chosen.model)
    output = MAX_OUTPUT_TOKENS if window is None else min(MAX_OUTPUT_TOKENS, window // OUTPUT_SHARE)
    messages, counted = fit(
        await conversation(desk, role, task_id),
        None if window is None else (window - output) * 9 // 10,
        lambda some: chosen.gateway.count_tokens(chosen.model, some, tools),
    )
    request = ModelRequest(
        model=chosen.model,
        messages=tuple(messages),
        tools=tools,
        max_output_tokens=output,
        cache_breakpoints=(0, 1, len(messages) - 1),
        role=role,
        thread=task_id or "",
    )
    return request, counted


async def _call(desk: Desk, chosen: ChosenModel, request: ModelRequest, call_id: CallId, reserve: int) -> None:
    begun = now_ms()
    log.info("model_call", call_id=call_id, role=request.role, model=request.model)

    def on_delta(delta: Delta) -> None:
        match delta:
            case TextDelta(text=text):
                desk.log.show(call_id, "text", text)
            case ReasoningDelta(text=text):
                desk.log.show(call_id, "reasoning", text)
            case _:
                pass

    try:
        reply = await interruptible(
            desk.log,
            chosen.gateway.complete(request, credentials=chosen.credential, on_delta=on_delta),
        )
    except Interrupted:
        _failed(desk, call_id, "cancelled", "The session was ended while the model was answering.", reserve, begun)
        return
    except ModelFailure as failure:
        charged = reserve if failure.began or failure.category in ("timeout", "cut_stream") else 0
        _failed(desk, call_id, failure.category, str(failure), charged, begun, retryable=failure.retryable)
        await _after_failure(desk, failure)
        return
    _finished(desk, call_id, reply)


def _finished(desk: Desk, call_id: CallId, reply: ModelReply) -> None:
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


def _failed(
    desk: Desk, call_id: CallId, category: str, message: str, charged: int, begun: int, *, retryable: bool = False
) -> None:
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


async def _after_failure(desk: Desk, failure: ModelFailure) -> None:
    """Waits before the next try, or ends the session when trying again cannot help."""
    if not failure.retryable:
        desk.log.stage(
            SessionStopped(
                category="model",
                reason=failure.message,
                way_on=f"{failure.remedy} Then `draftsmith resume`.".strip(),
            )
        )
        await desk.log.flush()
        return
    await desk.log.flush()
    errors = desk.log.state.spent.errors_in_a_row
    pause = failure.retry_after_s or min(FIRST_PAUSE_SECONDS * 2 ** max(0, errors - 1), LONGEST_PAUSE_SECONDS)
    try:
        await interruptible(desk.log, asyncio.sleep(min(pause, LONGEST_PAUSE_SECONDS)))
    except Interrupted:
        return


def _had_a_key(state: SessionState) -> bool:
    """The session was at work before: its key was in the memory of a hub that is gone."""
    return state.spent.model_calls > 0 or state.fence > 1


def _ask_for_key(desk: Desk) -> None:
    provider = desk.log.state.model.split("/", 1)[0]
    prompt, documents = hold(
        f"The key{f' for {provider}' if provider else ''} is needed again: the hub was restarted and keeps keys only in"
        " memory. A terminal that has it in its environment hands it over by `draftsmith attach`."
    )
    decision = Decision(decision_id=DecisionId(new_id("d")), subject="key", prompt=prompt, options=(KEY_PROVIDED,))
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)


async def _no_model(desk: Desk) -> None:
    desk.log.stage(
        SessionStopped(
            category="environment",
            reason="There is no model that can be used.",
            way_on=(
                "Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or start a local server (Ollama, llama.cpp,"
                " LM Studio, vLLM), then `draftsmith resume`. `draftsmith doctor` shows what is found."
            ),
        )
    )
    await desk.log.flush()


def _price_unknown(model: str) -> SessionStopped:
    return SessionStopped(
        category="budget",
        reason=f"The price of {model} is not known, so the budget in dollars cannot be kept.",
        way_on="Choose a model with a known price, or resume without a budget in dollars.",
    )
