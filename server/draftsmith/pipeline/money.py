"""Questions about money before it is spent: what a plan is likely to take, and a model whose price is not known.

An estimate says what it rests on; where nothing is recorded it says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Literal

from draftsmith.domain.decisions import GO_ON, STOP, Decision, DecisionSubject
from draftsmith.domain.errors import UserError
from draftsmith.domain.figures import NOTHING, Figures
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.limits import NANO_USD
from draftsmith.domain.session.events import DecisionRequested, SessionStopped, WorkEstimated
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import hold
from draftsmith.pipeline.desk import ChosenModel, Desk
from draftsmith.pipeline.needs import needs

SETTING = "DRAFTSMITH_RUNNER_ASK_ABOVE"
"""Dollars that a plan may cost by the estimate without a question, in sessions that ask nothing else; `off`: never."""
ASK_ABOVE_USD = 5.0

ENOUGH_TASKS = 3
"""Recorded tasks from which figures are believed."""
ROUGH_INPUT, ROUGH_OUTPUT = 22_220, 1_086
"""What a task took in the example that is shipped as a recording, with its review; a test adds it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OneTask:
    """What one task with its review is likely to take. `nano_usd` None: by the price of its tokens."""

    input_tokens: float
    output_tokens: float
    seconds: float
    nano_usd: float | None
    basis: Literal["record", "others", "rough"]
    recorded: int


async def ask_for_plan_money(desk: Desk) -> bool:
    """Records the estimate of a plan that nobody will be asked about; False: it costs so much that they are."""
    estimate = await estimated(desk)
    if estimate is None:
        return True
    limit = ask_above()
    if limit is None or estimate.nano_usd is None or estimate.nano_usd <= limit:
        desk.log.stage(estimate)
        return True
    decision_id = DecisionId(f"cost_{desk.log.state.fence}_{desk.log.state.plan_rejections}")
    match _answer(desk.log.state, str(decision_id)):
        case None:
            desk.log.stage(estimate)
            prompt = f"The plan may cost more than {limit / NANO_USD:.2f} dollars. {estimate.describe()} Go on?"
            _ask(desk, decision_id, "cost", prompt)
            return False
        case answer if answer == GO_ON:
            return True
        case _:
            way_on = "`draftsmith resume` asks again; a smaller request or a cheaper model costs less."
            desk.log.stage(SessionStopped(category="budget", reason="You did not want to spend that.", way_on=way_on))
            return False


async def estimated(desk: Desk) -> WorkEstimated | None:
    """What the plan's tasks are likely to take; None when no model can be chosen now."""
    state = desk.log.state
    tasks = len(state.plan.tasks) if state.plan else 0
    chosen = await desk.choose_model(needs(desk, "code"))
    if not isinstance(chosen, ChosenModel) or not tasks or state.recording is not None:
        return None
    one = _one_task(chosen)
    input_tokens, output_tokens = round(one.input_tokens * tasks), round(one.output_tokens * tasks)
    cost = None if one.nano_usd is None else round(one.nano_usd * tasks)
    if cost is None:
        cost = chosen.gateway.worst_case_cost_nano_usd(chosen.model, input_tokens, output_tokens)
    return WorkEstimated(
        model=chosen.model,
        tasks=tasks,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        nano_usd=cost,
        seconds=round(one.seconds * tasks),
        basis=one.basis,
        recorded_tasks=one.recorded,
    )


def _one_task(chosen: ChosenModel) -> _OneTask:
    """By the model's own record, else by that of all, else by the example."""
    own, everybody = chosen.worked, chosen.recorded.get("code", NOTHING)
    if own.tasks >= ENOUGH_TASKS:
        return _mean("record", own, chosen.recorded.get("critique", NOTHING))
    if everybody.tasks >= ENOUGH_TASKS:
        # What others cost says little of this one's price.
        return replace(_mean("others", everybody, chosen.recorded.get("critique", NOTHING)), nano_usd=None)
    return _OneTask(
        input_tokens=ROUGH_INPUT, output_tokens=ROUGH_OUTPUT, seconds=0, nano_usd=None, basis="rough", recorded=0
    )


def _mean(basis: Literal["record", "others"], coded: Figures, reviewed: Figures) -> _OneTask:
    """A task as it was recorded, with as much of a review as was recorded of reviews."""
    task, review = 1 / coded.tasks, 1 / max(1, reviewed.tasks)
    priced = not coded.unpriced_calls and not reviewed.unpriced_calls
    return _OneTask(
        input_tokens=coded.input_tokens * task + reviewed.input_tokens * review,
        output_tokens=coded.output_tokens * task + reviewed.output_tokens * review,
        seconds=max(1.0, (_milliseconds(coded) * task + _milliseconds(reviewed) * review) / 1000),
        nano_usd=coded.nano_usd * task + reviewed.nano_usd * review if priced else None,
        basis=basis,
        recorded=coded.tasks,
    )


def _milliseconds(figures: Figures) -> int:
    return figures.model_ms + figures.tool_ms


def ask_above() -> int | None:
    """Nano-dollars of the setting; None: never. Raises UserError (`bad_ask_above`)."""
    text = os.environ.get(SETTING, "").strip()
    if text == "off":
        return None
    try:
        amount = float(text or ASK_ABOVE_USD)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 1_000_000:
        raise UserError(
            f"{SETTING} is {text!r}, which is no amount of dollars.",
            code="bad_ask_above",
            remedy="For example 2.50, or `off`.",
        )
    return round(amount * NANO_USD)


async def ask_for_price(desk: Desk, model: str) -> None:
    """A budget cannot be kept with a model without a known price: the user says, nothing is guessed."""
    state = desk.log.state
    known = f"The price of {model} is not known, so the budget in dollars cannot be kept."
    prefix = f"price_{state.fence}_"
    answered = _answer(state, f"{prefix}{model}")
    if state.autonomy == "auto" or answered == STOP:
        way_on = (
            f"Say its price with `draftsmith models facts {model}`, choose a model with a known price, or resume"
            " without a budget in dollars."
        )
        desk.log.stage(SessionStopped(category="budget", reason=known, way_on=way_on))
    else:
        prompt = (
            f"{known} Use it all the same? Its calls are then not counted against the budget. To say the price first:"
            f" `draftsmith models facts {model}`."
        )
        _ask(desk, DecisionId(f"{prefix}{model}"), "price", prompt)
    await desk.log.flush()


def unpriced_allowed(state: SessionState, model: str = "") -> bool:
    """Whether the user said that a model (`""`: any) may be used although its price is not known."""
    return any(
        one.answer == GO_ON and one.decision_id.startswith("price_") and one.decision_id.endswith(model)
        for one in state.answered
    )


def _answer(state: SessionState, decision_id: str) -> str | None:
    return next((one.answer for one in state.answered if one.decision_id == decision_id), None)


def _ask(desk: Desk, decision_id: DecisionId, subject: DecisionSubject, text: str) -> None:
    prompt, documents = hold(text)
    decision = Decision(decision_id=decision_id, subject=subject, prompt=prompt, options=(GO_ON, STOP))
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)
