"""`draftsmith models try`: says what it may cost, asks, tries, and says how to take the version or leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.models.listing import known_models
from draftsmith.cli.models.tasks import TASKS
from draftsmith.cli.models.trying import MARGIN, Likely, Trial, comparison, likely, present, run_trial
from draftsmith.cli.output import columns, interactive, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import ModelInfo
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@click.argument("pin")
@click.option("--budget", metavar="DOLLARS|none", default=None, help="Hard limit for all of it. [3 times the estimate]")
@click.option("--alone", is_flag=True, help="Without the version in use: half the cost, and nothing to compare with.")
@click.option("--yes", is_flag=True, help="Do not ask.")
async def try_(call: Invocation, pin: str, budget: str | None, alone: bool, yes: bool) -> ExitCode:
    """Try PIN, a version of a model, on example tasks beside the version in use.

    Exit code 1 when PIN does worse than the version in use or nothing at all, or, alone, fails at a task.
    """
    known = (await known_models(call))["models"]
    held = present(known, pin)
    models = [pin] if alone or held is None or held["sent_as"] == pin else [pin, held["sent_as"]]
    expectations = [_likely(known, held, model) for model in models]
    costs = [_cost(one, of) for one, of in expectations]
    basis = "; ".join(dict.fromkeys(one.basis for one, _ in expectations))
    limit = _limit(budget, costs, models)
    expected = amounts.dollars(sum(one or 0 for one in costs)) if None not in costs else "an unknown amount"
    told = "no limit" if limit is None else f"at most {amounts.dollars(limit)}"
    question = (
        f"{amounts.count(len(TASKS), 'task')} with {' and '.join(models)}: about {expected} ({basis}), {told}. Go on?"
    )
    if not yes:
        _confirm(call, one_line(question, 500))
    trials = await _all(call, models, limit)
    own = sum(one.passed for one in trials if one.model == pin)
    others = sum(one.passed for one in trials if one.model != pin) if len(models) > 1 else len(TASKS)
    if call.json:
        fields = ("task", "model", "passed", "said", "nano_usd", "tokens", "milliseconds", "session_id")
        write_json({"trials": [{name: getattr(one, name) for name in fields} for one in trials], "passed": own})
    else:
        for text in columns([tuple(one_line(cell, 80) for cell in row) for row in comparison(trials)]):
            write(text)
        if held is not None:
            write(f"Take it: `draftsmith models pin {held['model']} {pin}`")
            write(f"Take it back later: `draftsmith models unpin {held['model']}`")
    return ExitCode.DONE if own and own >= others else ExitCode.FAILED


async def _all(call: Invocation, models: list[str], limit: int | None) -> list[Trial]:
    """Every task with every model; what is left of the budget is the next one's."""
    hub = await call.hub()
    trials: list[Trial] = []
    left = limit
    for task in TASKS:
        for model in models:
            if not call.json:
                write(f"{one_line(task.name)} with {one_line(model)} …")
            trials.append(await run_trial(hub, task, model, left))
            left = None if left is None else max(0, left - trials[-1].nano_usd)
    return trials


def _likely(known: list[ModelInfo], held: ModelInfo | None, model: str) -> tuple[Likely, ModelInfo | None]:
    """What the tasks take with a model, and the model whose price counts: a version that is not listed is taken to cost
    what the one in use does, and to do as it does."""
    own = next((one for one in known if model in (one["model"], one["sent_as"])), held)
    others = [one for one in known if one is not own]
    return likely([*([] if own is None else [own]), *others]), own


def _cost(one: Likely, own: ModelInfo | None) -> int | None:
    return None if own is None else 0 if own["local"] else one.cost(own["rates"])


def _limit(budget: str | None, costs: list[int | None], models: list[str]) -> int | None:
    """Nano-dollars; None for no limit. Raises UserError when the user has to give one."""
    if budget == "none":
        return None
    if budget is not None:
        try:
            return amounts.nano_usd(budget)
        except ValueError as error:
            raise UserError(f"{error}.", code="usage", remedy="For example 0.25.") from error
    if None in costs:
        raise UserError(
            f"The price of {models[costs.index(None)]} is not known, so what the trial costs cannot be said.",
            code="price_unknown",
            remedy="Say its price with `draftsmith models facts`, or give --budget none.",
        )
    expected = MARGIN * sum(one or 0 for one in costs)
    return expected or None


def _confirm(call: Invocation, question: str) -> None:
    if call.json or not interactive():
        raise UserError(question, code="not_confirmed", remedy="Say --yes if it may cost that.")
    click.confirm(question, default=False, abort=True)
