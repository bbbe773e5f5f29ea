"""One model call as an effect: reserved and recorded before, streamed while it runs, settled after."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from draftsmith.domain.conversation import AssistantMessage, Message, Role
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.limits import struck
from draftsmith.domain.session.events import ModelCallIntended, SessionStopped
from draftsmith.pipeline.answering import another, answering
from draftsmith.pipeline.call_outcomes import stage_failed, stage_finished
from draftsmith.pipeline.compaction import fitted
from draftsmith.pipeline.desk import ChosenModel, Desk
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.limits import stop_at
from draftsmith.pipeline.lines import Room
from draftsmith.pipeline.money import ask_for_price, unpriced_allowed
from draftsmith.pipeline.needs import MAX_OUTPUT_TOKENS
from draftsmith.pipeline.roles import TOOLS_OF, edit_formats, edit_reason, offered_tools
from draftsmith.pipeline.session_log import NotAppended
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.models import (
    Delta,
    FailureCategory,
    ModelFailure,
    ModelRequest,
    ReasoningDelta,
    TextDelta,
)
from draftsmith.tools.command import READ_OUTPUT, RUN_COMMAND, mounted_roots
from draftsmith.tools.control import UPDATE_PLAN
from draftsmith.tools.registry import tool_specs

log = structlog.get_logger()

OUTPUT_SHARE = 4
"""At most a quarter of a known window is asked for as output."""

ANOTHER_MAY_HELP: frozenset[FailureCategory] = frozenset(
    {"auth", "quota", "not_found", "rate_limit", "overloaded", "network", "certificate", "timeout"}
)
"""Failures of a key or an endpoint. What is wrong with the request is wrong everywhere."""

PATIENCE_SECONDS = 5.0
"""How long one endpoint is waited for when another could answer."""

FEWEST_TOKENS = 2_000
"""A conversation that is too long although it is so short cannot be helped by shortening it."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


async def ask_model(desk: Desk, role: Role, task_id: TaskId | None) -> None:
    """Asks the role's model for its next reply."""
    chosen = await answering(desk, role)
    if chosen is None:
        return
    desk.model = chosen
    try:
        request, counted = await _request(desk, chosen, role, task_id)
    except UserError as error:
        # A setting that cannot be read: said before anything is spent.
        stopped = SessionStopped(
            category="environment", reason=error.message, way_on=f"{error.remedy} Then `draftsmith resume`."
        )
        desk.log.stage(stopped)
        await desk.log.flush()
        return
    desk.counted[role] = counted
    reserve = chosen.gateway.worst_case_cost_nano_usd(chosen.model, counted, request.max_output_tokens)
    state = desk.log.state
    if reserve is None and state.limits.nano_usd is not None and not unpriced_allowed(state, chosen.model):
        await ask_for_price(desk, chosen.model)
        return
    if hit := struck(state.limits, state.spent, reserve_nano_usd=reserve or 0):
        await stop_at(desk, hit)
        return
    if chosen.shared_limits:
        await desk.log.flush()  # should the hub refuse the call, what was done before it must stay
    call_id = CallId(new_id("m"))
    desk.log.stage(
        ModelCallIntended(
            call_id=call_id,
            role=role,
            task_id=task_id,
            model=chosen.model,
            counted_tokens=counted,
            reserved_nano_usd=reserve,
            endpoint=chosen.endpoint,
            reason=chosen.reason + edit_reason(desk, role, chosen),
        )
    )
    if RUN_COMMAND.name in TOOLS_OF[role]:
        # Most replies ask for a command: its sandbox is made while the log is written and the model thinks.
        desk.tools.sandbox.stand_by(mounted_roots(desk.tools))
    try:
        await desk.log.flush()
    except NotAppended as refused:
        if refused.code != "over_budget":
            raise
        await _over_shared_budget(desk, refused.message)
        return
    await _call(desk, chosen, request, call_id, reserve or 0)


async def _request(desk: Desk, chosen: ChosenModel, role: Role, task_id: TaskId | None) -> tuple[ModelRequest, int]:
    tools = tool_specs(_useful(offered_tools(role, edit_formats(desk, chosen)[0]), desk, role, task_id))
    window = chosen.gateway.context_window(chosen.model)
    output = MAX_OUTPUT_TOKENS if window is None else min(MAX_OUTPUT_TOKENS, window // OUTPUT_SHARE)
    output = output if chosen.output_limit is None else min(output, chosen.output_limit)
    room = None if window is None else (window - output) * 9 // 10
    if (refused := desk.refused_tokens.get(role)) is not None:
        room = min(refused * 2 // 3, room or refused)
    messages, counted = await fitted(
        desk, role, task_id, room, lambda some: chosen.gateway.count_tokens(chosen.model, some, tools)
    )
    request = ModelRequest(
        model=chosen.model,
        messages=tuple(messages),
        tools=tools,
        max_output_tokens=output,
        cache_breakpoints=_breakpoints(messages),
        role=role,
        thread=task_id or "",
        patience_s=PATIENCE_SECONDS if chosen.alternatives else None,
    )
    return request, counted


def _breakpoints(messages: Sequence[Message]) -> tuple[int, ...]:
    """Where vendors shall cache: the rules, the briefing, what was sent last time, and all of it for the next."""
    replies = [place for place, message in enumerate(messages) if isinstance(message, AssistantMessage)]
    before = [replies[-1] - 1] if replies and replies[-1] > 2 else []
    return tuple(dict.fromkeys((0, 1, *before, len(messages) - 1)))


def _useful(names: tuple[str, ...], desk: Desk, role: Role, task_id: TaskId | None) -> tuple[str, ...]:
    """Without the tool that revises a plan where there is none, and without the one that shows outputs again to those
    who run no commands, as long as nothing was left out."""
    without = [] if desk.log.state.plan is not None else [UPDATE_PLAN.name]
    if RUN_COMMAND.name not in names and desk.transcript.room(role, task_id) == Room():
        without.append(READ_OUTPUT.name)
    return tuple(name for name in names if name not in without)


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
        stage_failed(desk, call_id, "cancelled", "The session was ended while the model was answering.", reserve, begun)
        return
    except ModelFailure as failure:
        charged = reserve if failure.billed else 0
        log.warning("model_call_failed", call_id=call_id, category=failure.category, billed=failure.billed)
        message = f"{failure}{_next_try(desk, failure)}"
        stage_failed(desk, call_id, failure.category, message, charged, begun, retryable=failure.retryable)
        await _after_failure(desk, role=request.role, failure=failure)
        return
    stage_finished(desk, call_id, reply)


async def _after_failure(desk: Desk, *, role: Role, failure: ModelFailure) -> None:
    """Goes on with another model where there is one, waits before the next try, or ends the session."""
    if failure.category in ANOTHER_MAY_HELP and await another(desk, role):
        await desk.log.flush()
        return
    if failure.category == "context_overflow" and _can_shrink(desk, role):
        await desk.log.flush()
        return
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
    try:
        await interruptible(desk.log, asyncio.sleep(_pause(desk.log.state.spent.errors_in_a_row, failure)))
    except Interrupted:
        return


def _can_shrink(desk: Desk, role: Role) -> bool:
    """Whether a shorter conversation is worth a try: the model reads less than was thought. Not when the last try made
    it no shorter."""
    counted, refused = desk.counted.get(role, 0), desk.refused_tokens.get(role)
    if counted < FEWEST_TOKENS or (refused is not None and counted >= refused):
        return False
    desk.refused_tokens[role] = counted
    return True


def _pause(errors: int, failure: ModelFailure) -> float:
    """Seconds before the next try, after so many failures in a row."""
    pause = failure.retry_after_s or FIRST_PAUSE_SECONDS * 2 ** max(0, errors - 1)
    return min(pause, LONGEST_PAUSE_SECONDS)


def _next_try(desk: Desk, failure: ModelFailure) -> str:
    """Which try this was and what comes, for whoever watches."""
    state = desk.log.state
    tried, allowed = state.spent.errors_in_a_row + 1, state.limits.errors
    if not failure.retryable:
        return ""
    if tried >= allowed:
        return f" (try {tried} of {allowed}; it gives up)"
    return f" (try {tried} of {allowed}; the next in {_pause(tried, failure):.1f} s)"


async def _over_shared_budget(desk: Desk, reason: str) -> None:
    """All sessions together may not spend so much: nothing was called, and what was done is kept."""
    way_on = "`draftsmith models limit` raises it, or wait for the next day or month. Then `draftsmith resume`."
    desk.log.stage(SessionStopped(category="budget", reason=reason, way_on=way_on))
    await desk.log.flush()
