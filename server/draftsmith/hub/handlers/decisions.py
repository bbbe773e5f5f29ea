"""What a person says to a running session: answers, messages, cancel, resume, restore."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import CheckpointId, DecisionId, SessionId
from draftsmith.domain.limits import Limits
from draftsmith.domain.session.commands import (
    AnswerDecision,
    CancelSession,
    RestoreCheckpoint,
    ResumeSession,
    SendMessage,
    SessionCommand,
)
from draftsmith.domain.text import hold
from draftsmith.domain.workspace_rules import WorkspaceRuleAdded
from draftsmith.hub.renewing import brought_over
from draftsmith.platform.clock import new_id
from draftsmith.protocol.entities import CheckpointEntity
from draftsmith.protocol.methods.session import (
    AnswerParams,
    Empty,
    LimitsParams,
    MessageParams,
    RestoreParams,
    ResumeParams,
    SessionRef,
)

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def answer(call: Call, params: AnswerParams) -> Empty:
    text, documents = hold(params.text)
    command = AnswerDecision(decision_id=DecisionId(params.decision_id), answer=params.answer, text=text)
    host = await call.hub.host(SessionId(params.session_id))
    asked = next((one for one in host.state.decisions if one.decision_id == command.decision_id), None)
    if asked is None or not asked.grants or params.answer != "workspace":
        return await _do(call, params.session_id, command, documents)
    envelopes = await host.command(command, call.caller.actor, correlation_id=call.correlation_id, documents=documents)
    wanted = tuple(WorkspaceRuleAdded(rule=rule) for rule in asked.grants)
    await call.hub.rules.change(host.state.workspace_id, wanted, call.caller.actor, call.correlation_id)
    call.hub.appended(host, envelopes)
    return Empty()


async def message(call: Call, params: MessageParams) -> Empty:
    text, documents = hold(params.text)
    return await _do(call, params.session_id, SendMessage(text=text), documents)


async def cancel(call: Call, params: SessionRef) -> Empty:
    return await _do(call, params.session_id, CancelSession())


async def resume(call: Call, params: ResumeParams) -> Empty:
    host = await call.hub.host(SessionId(params.session_id))
    limits = with_limits(host.state.limits, params.limits)
    return await _do(call, params.session_id, ResumeSession(limits=limits, model=params.model))


async def restore(call: Call, params: RestoreParams) -> Empty:
    """The draft goes back; where it was is kept as a checkpoint of its own, so that this can be undone."""
    host = await call.hub.host(SessionId(params.session_id))
    point = host.entity("checkpoint", params.checkpoint_id)
    if not isinstance(point, CheckpointEntity):
        raise unknown_checkpoint(params.checkpoint_id)
    tree, word = await brought_over(call.hub.workspaces, host.state, point)
    command = RestoreCheckpoint(
        checkpoint_id=CheckpointId(new_id("k")), tree=tree, reason=f"Asked for by the user.{word}"
    )
    return await _do(call, params.session_id, command)


def unknown_checkpoint(checkpoint_id: str) -> UserError:
    """The error for a checkpoint that the session does not have."""
    return UserError(
        f"The session has no checkpoint {checkpoint_id}.",
        code="unknown_checkpoint",
        remedy="`draftsmith show` lists its checkpoints.",
    )


def with_limits(limits: Limits, wished: LimitsParams) -> Limits:
    """Limits with those replaced that were given."""
    given = {name: value for name, value in wished.model_dump().items() if value is not None}
    return replace(limits, **given)


async def _do(call: Call, session_id: str, command: SessionCommand, documents: tuple[bytes, ...] = ()) -> Empty:
    host = await call.hub.host(SessionId(session_id))
    envelopes = await host.command(command, call.caller.actor, correlation_id=call.correlation_id, documents=documents)
    call.hub.appended(host, envelopes)
    return Empty()
