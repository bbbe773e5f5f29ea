"""How a command is declared: an async function with an `Invocation` and typed options, `--json` for each."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

import click

from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.invocation import Invocation, run

P = ParamSpec("P")
FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def command(function: Callable[Concatenate[Invocation, P], Awaitable[ExitCode]]) -> click.Command:
    """The command named like its function (a trailing underscore goes), described by its docstring."""

    @functools.wraps(function)
    def call(json: bool, *args: P.args, **kwargs: P.kwargs) -> None:
        invocation = Invocation(json=json)
        sys.exit(run(invocation, function(invocation, *args, **kwargs)))

    described = inspect.cleandoc(function.__doc__ or "")
    name = function.__name__.rstrip("_")
    made = click.command(name, help=described)(call)
    made.params.append(
        click.Option(["--json", "json"], is_flag=True, help="Write JSON for scripts, errors too (on standard error).")
    )
    return made


def session_and(what: str) -> Callable[[FunctionT], FunctionT]:
    """The arguments `[SESSION] WHAT`, as `arguments`; `split` takes them apart."""
    return click.argument("arguments", nargs=-1, metavar=f"[SESSION] {what}", required=True)


def split(arguments: tuple[str, ...], what: str) -> tuple[str | None, str]:
    """The session, None when it was left out, and what else was given."""
    match arguments:
        case (given,):
            return None, given
        case (session, given):
            return session, given
        case _:
            raise click.UsageError(f"Give a session and {what}, or {what} only; put quotes around several words.")


session_argument = click.argument("session", required=False, metavar="[SESSION]")
"""An id or its unique beginning; left out, the newest session of the current folder."""
