"""Questions about money before it is spent: what a plan is likely to take, and a model whose price is not known.

An estimate says what it rests on; where nothing is recorded it says so.
"""

from __future__ import annotations

import os
from typing import Literal

from draftsmith.domain.decisions import GO_ON, STOP, Decision, DecisionSubject
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.limits import NANO_USD
from draftsmith.domain.session.events import DecisionRequested, SessionStopped, WorkEstimated
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import hold
from draftsmith.domain.work_record import Figures
from draftsmith.pipeline.desk import ChosenModel, Desk
from draftsmith.pipeline.needs import needs

SETTING = "DRAFTSMITH_RUNNER_ASK_ABOVE"
"""Dollars that a plan may cost by the estimate without a question, in sessions that ask nothing else; `off`: never."""
ASK_ABOVE_USD = 5.0

ENOUGH_TASKS = 3
"""Recorded tasks of a model from which its own figures are believed."""
ROUGH_INPUT, ROUGH_OUTPUT, ROUGH_SECONDS = 90_000, 5_000, 240
"""What a task took in the recorded sessions, with its review."""
WITH_REVIEW = 1.25
"""The reviewer reads about a quarter of what the coder does."""


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
    figures = chosen.worked
    basis: Literal["record", "rough"] = "record" if figures.tasks >= ENOUGH_TASKS else "rough"
    one = _mean(figures) if basis == "record" else (ROUGH_INPUT, ROUGH_OUTPUT, ROUGH_SECONDS)
    cost = _cost(chosen, one) if basis == "rough" or figures.unpriced_calls else _mean_cost(figures)
    return WorkEstimated(
        model=chosen.model,
        tasks=tasks,
        input_tokens=one[0] * tasks,
        output_tokens=one[1] * tasks,
        nano_usd=None if cost is None else cost * tasks,
        seconds=one[2] * tasks,
        basis=basis,
        recorded_tasks=figures.tasks,
    )


def _mean(figures: Figures) -> tuple[int, int, int]:
    """Tokens in and out, and seconds, of one recorded task with its review."""
    share = WITH_REVIEW / figures.tasks
    seconds = (figures.model_ms + figures.tool_ms) * share / 1000
    return round(figures.input_tokens * share), round(figures.output_tokens * share), max(1, round(seconds))


def _mean_cost(figures: Figures) -> int:
    return round(figures.nano_usd * WITH_REVIEW / figures.tasks)


def _cost(chosen: ChosenModel, one: tuple[int, int, int]) -> int | None:
    return chosen.gateway.worst_case_cost_nano_usd(chosen.model, one[0], one[1])


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
