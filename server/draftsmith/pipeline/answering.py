"""The model that answers a role's next request: chosen anew for each, switched when another can do it.

What speaks for a model is known in `models`; here the choice is recorded, and lacking one is told.
"""

from __future__ import annotations

import asyncio

from draftsmith.domain.conversation import Role
from draftsmith.domain.decisions import KEY_PROVIDED, Decision
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.no_model import GUIDE, NO_MODEL
from draftsmith.domain.session.events import DecisionRequested, ModelAwaited, ModelSwitched, SessionStopped
from draftsmith.domain.session.state import AnsweringModel, SessionState
from draftsmith.domain.text import hold
from draftsmith.pipeline.desk import ChosenModel, Desk, NoModel
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.money import ask_for_price, unpriced_allowed
from draftsmith.pipeline.needs import needs
from draftsmith.platform.clock import new_id

LONGEST_WAIT_SECONDS = 60.0
"""After this the models are looked at anew."""


async def answering(desk: Desk, role: Role) -> ChosenModel | None:
    """The model for the next request. None: there is none now, which has been told, and waited for where it helps."""
    state = desk.log.state
    # A model without a known price is out of the question under a budget, unless the user said otherwise of one.
    found = await desk.choose_model(needs(desk, role, priced=False if unpriced_allowed(state) else None))
    match found:
        case ChosenModel():
            note_switch(desk, role, found)
            return found
        case NoModel(none_found=True):
            if _had_a_key(state):
                _ask_for_key(desk)
            else:
                await _no_model(desk)
        case NoModel(unpriced=model) if model:
            await ask_for_price(desk, model)
        case NoModel(free_in_s=None, reason=reason):
            await _unfit(desk, reason)
        case NoModel(free_in_s=seconds, reason=reason):
            await _wait(desk, role, seconds or 0.0, reason)
    return None


async def another(desk: Desk, role: Role) -> bool:
    """Whether the next request of the role would go to another model or key than the last one."""
    last = desk.model
    found = await desk.choose_model(needs(desk, role))
    return isinstance(found, ChosenModel) and last is not None and _which(found) != _which(last)


def _which(chosen: ChosenModel) -> tuple[str, str]:
    return chosen.model, chosen.endpoint


def note_switch(desk: Desk, role: Role, chosen: ChosenModel) -> None:
    """Records that another model or key answers the role than before, where it does."""
    before = next((one for one in desk.log.state.models if one.role == role), None)
    now = AnsweringModel(role=role, model=chosen.model, endpoint=chosen.endpoint)
    if before is not None and before != now:
        instead_of = before.model if before.model != now.model else f"the one of {before.endpoint or 'before'}"
        desk.log.stage(
            ModelSwitched(
                role=role,
                model=now.model,
                endpoint=now.endpoint,
                instead_of=instead_of,
                reason=chosen.reason,
            )
        )


async def _unfit(desk: Desk, reason: str) -> None:
    stopped = SessionStopped(
        category="environment",
        reason=f"No model can take the request: {reason}.",
        way_on="`draftsmith models` shows and changes what is known and wanted. Then `draftsmith resume`.",
    )
    desk.log.stage(stopped)
    await desk.log.flush()


async def _wait(desk: Desk, role: Role, seconds: float, reason: str) -> None:
    desk.log.stage(ModelAwaited(role=role, reason=reason, wait_ms=round(seconds * 1000)))
    await desk.log.flush()
    try:
        await interruptible(desk.log, asyncio.sleep(min(seconds, LONGEST_WAIT_SECONDS)))
    except Interrupted:
        return


def _had_a_key(state: SessionState) -> bool:
    """The session was at work before, or begun at a hub that is gone: its key was in that hub's memory."""
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
            reason=NO_MODEL,
            way_on=GUIDE,
        )
    )
    await desk.log.flush()
