"""After a crash: what was under way when the last runner died, by the rules of effects.

Edits and confined commands are repeated from the tree in their intent; a lost model call is charged its reservation.
"""

from __future__ import annotations

from draftsmith.domain.session.events import EnvironmentFinished, ModelCallFailed, ToolCallFinished
from draftsmith.domain.text import inline
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.environments import finish_environment
from draftsmith.pipeline.gates import finish_gate
from draftsmith.platform.clock import now_ms


async def settle_interrupted(desk: Desk) -> None:
    """Settles what is open in the log. The draft is what the log says, whatever is on this runner's disk."""
    state = desk.log.state
    if state.draft is not None and desk.draft.tree != state.draft:
        await desk.draft.restore(state.draft)
    call = state.model_call
    if call is not None:
        desk.log.stage(
            ModelCallFailed(
                call_id=call.call_id,
                category="interrupted",
                message="The runner ended while the model was answering; the call is repeated.",
                retryable=True,
                charged_nano_usd=call.reserved_nano_usd,
                duration_ms=max(0, now_ms() - call.at),
            )
        )
    if state.gate is not None and not state.over:
        await finish_gate(desk, state.gate.call_id, state.gate.task_id, state.gate.gate)
    if state.environment is not None and not state.over:
        await finish_environment(desk)
    if state.over:
        _end_open_calls(desk)
    await desk.log.flush()


def _end_open_calls(desk: Desk) -> None:
    """The session is over: calls with an effect under way end where the draft was before them."""
    if (environment := desk.log.state.environment) is not None:
        reason = "The session was ended while it was made."
        desk.log.stage(EnvironmentFinished(call_id=environment.call_id, outcome="interrupted", reason=reason))
    for pending in desk.log.state.tool_calls:
        if pending.tree is not None:
            desk.log.stage(
                ToolCallFinished(
                    call_id=pending.request.call_id,
                    outcome="interrupted",
                    title=pending.request.name,
                    text=inline("The session was ended while it ran."),
                    tree=pending.tree,
                )
            )
