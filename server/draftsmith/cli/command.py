"""How a command is declared: an async function with an `Invocation` and typed options, `--json` for each."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec

import click

from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.invocation import Invocation, run

P = ParamSpec("P")


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


session_argument = click.argument("session", required=False, metavar="[SESSION]")
"""An id or its unique beginning; left out, the newest session of the current folder."""
