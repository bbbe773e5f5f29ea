"""The options that bound a session and name its model, the same for `run`, `resume` and `fork`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from draftsmith.cli import amounts
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.client.messages import LimitsParams

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def limit_options(function: FunctionT) -> FunctionT:
    """Add `--budget`, `--steps` and `--minutes`."""
    for option in (
        click.option("--minutes", type=click.FloatRange(0, 10_080, min_open=True), help="Most minutes of work."),
        click.option(
            "--steps",
            type=click.IntRange(1, 100_000),
            help="Most steps: replies of a model and tool calls; calls of a reply under way are still made.",
        ),
        click.option("--budget", metavar="DOLLARS", help="Most money, as 0.25."),
    ):
        function = option(function)
    return function


def limits_of(budget: str | None, steps: int | None, minutes: float | None) -> LimitsParams:
    """The limits that were given; the others keep their default, or what the session has."""
    limits: LimitsParams = {}
    if budget is not None:
        try:
            limits["nano_usd"] = amounts.nano_usd(budget)
        except ValueError as wrong:
            raise UserError(f"--budget: {wrong}.", code="bad_budget", remedy="Write it as 0.25.") from wrong
    if steps is not None:
        limits["steps"] = steps
    if minutes is not None:
        limits["seconds"] = max(1, round(minutes * 60))
    return limits


def check_model_name(name: str) -> None:
    """Refuses at once what names no provider. Raises UserError; an empty name lets the runner choose."""
    if name:
        # Late: the table of providers is read only when a model is named.
        from draftsmith.bootstrap.checks import require_provider

        require_provider(name)
