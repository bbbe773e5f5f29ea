"""Short texts by a cheap model: summaries, titles, commit messages. What is asked for here is never needed.

Reserved, recorded and settled like every model call. When there is no model, no money or no usable reply, the answer
is None and the caller does without: nothing waits, nothing is asked of the user, and nothing is tried twice.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

import structlog

from draftsmith.domain.conversation import SystemMessage, UserMessage
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.limits import struck
from draftsmith.domain.session.events import ModelCallIntended
from draftsmith.pipeline.answering import note_switch
from draftsmith.pipeline.call_outcomes import stage_failed, stage_finished
from draftsmith.pipeline.desk import ChosenModel, Desk
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.money import unpriced_allowed
from draftsmith.pipeline.session_log import NotAppended
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.models import Delta, ModelFailure, ModelReply, ModelRequest, Needs

log = structlog.get_logger()

SETTING = "DRAFTSMITH_RUNNER_QUICK"
"""`off`: no model is asked; short texts are made by rule."""

LONGEST_SECONDS = 45.0
"""A short text is not worth a longer wait."""

PATIENCE_SECONDS = 2.0

BYTES_PER_TOKEN = 4
"""A guess for the choice of the model, before its own count is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickTask:
    """What is asked for. `purpose` is for people, `schema` JSON Schema as text where the reply is to be JSON."""

    purpose: str
    instructions: str
    text: str
    output_tokens: int
    schema: str = ""
    task_id: TaskId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickReply:
    text: str
    model: str


def may_ask(desk: Desk) -> bool:
    """Whether short texts are wanted here; that one can be had is not said by that."""
    wanted = os.environ.get(SETTING, "").strip() != "off"
    return wanted and desk.log.state.recording is None and not desk.log.draining


async def ask_quick(desk: Desk, task: QuickTask) -> QuickReply | None:
    """The reply of the role's model, or None. What was staged before is durable afterwards. Raises Superseded."""
    chosen = await _chosen(desk, task)
    if chosen is None:
        return None
    request = ModelRequest(
        model=chosen.model,
        messages=(SystemMessage(text=task.instructions), UserMessage(text=task.text)),
        max_output_tokens=_output(chosen, task),
        role="quick",
        thread=task.task_id or "",
        reply_schema=task.schema,
        patience_s=PATIENCE_SECONDS,
    )
    schema = (UserMessage(text=task.schema),) if task.schema else ()  # vendors read it as part of the prompt
    counted = chosen.gateway.count_tokens(chosen.model, (*request.messages, *schema), ())
    reserve = chosen.gateway.worst_case_cost_nano_usd(chosen.model, counted, request.max_output_tokens)
    if not _fits(desk, chosen, counted + request.max_output_tokens, reserve):
        return None
    await desk.log.flush()  # should the hub refuse the call, what was done before it must stay
    if desk.log.state.over:
        return None
    note_switch(desk, "quick", chosen)
    call_id = CallId(new_id("m"))
    desk.log.stage(
        ModelCallIntended(
            call_id=call_id,
            role="quick",
            task_id=task.task_id,
            model=chosen.model,
            counted_tokens=counted,
            reserved_nano_usd=reserve,
            endpoint=chosen.endpoint,
            reason=f"{task.purpose}; {chosen.reason}",
        )
    )
    try:
        await desk.log.flush()
    except NotAppended as refused:
        if refused.code != "over_budget":
            raise
        return None
    reply = await _called(desk, chosen, request, call_id, reserve or 0)
    return None if reply is None else QuickReply(text=reply.message.text, model=chosen.model)


async def _chosen(desk: Desk, task: QuickTask) -> ChosenModel | None:
    if not may_ask(desk):
        return None
    state = desk.log.state
    size = len(task.instructions) + len(task.text)
    needs = Needs(
        role="quick",
        input_tokens=size // BYTES_PER_TOKEN,
        output_tokens=task.output_tokens,
        priced=state.limits.nano_usd is not None and not unpriced_allowed(state),
    )
    try:
        found = await desk.choose_model(needs)
    except UserError:  # the model's name means nothing: told when it is needed
        return None
    return found if isinstance(found, ChosenModel) else None


def _output(chosen: ChosenModel, task: QuickTask) -> int:
    return task.output_tokens if chosen.output_limit is None else min(task.output_tokens, chosen.output_limit)


def _fits(desk: Desk, chosen: ChosenModel, tokens: int, reserve: int | None) -> bool:
    """Whether the call fits the model's window and the session's limits. Nobody is asked about an unknown price."""
    state = desk.log.state
    window = chosen.gateway.context_window(chosen.model)
    if window is not None and tokens > window:
        return False
    if reserve is None and state.limits.nano_usd is not None and not unpriced_allowed(state, chosen.model):
        return False
    return struck(state.limits, state.spent, reserve_nano_usd=reserve or 0) is None


async def _called(
    desk: Desk, chosen: ChosenModel, request: ModelRequest, call_id: CallId, reserve: int
) -> ModelReply | None:
    begun = now_ms()
    log.info("model_call", call_id=call_id, role=request.role, model=request.model)

    def unseen(_delta: Delta) -> None:
        """Nobody watches a title being written."""

    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            reply = await interruptible(
                desk.log, chosen.gateway.complete(request, credentials=chosen.credential, on_delta=unseen)
            )
    except Interrupted:
        stage_failed(desk, call_id, "cancelled", "The session was ended meanwhile.", reserve, begun)
        return None
    except TimeoutError:
        said = f"No reply within {LONGEST_SECONDS:.0f} s; it goes on without."
        stage_failed(desk, call_id, "timeout", said, reserve, begun)
        return None
    except ModelFailure as failure:
        charged = reserve if failure.billed else 0
        stage_failed(desk, call_id, failure.category, f"{failure} It goes on without.", charged, begun)
        return None
    stage_finished(desk, call_id, reply)
    return reply
