"""`draftsmith completion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
async def completion(call: Invocation, shell: str) -> ExitCode:
    """Print the completion script of SHELL.

    bash: `eval "$(draftsmith completion bash)"` in ~/.bashrc; zsh the same in ~/.zshrc;
    fish: `draftsmith completion fish > ~/.config/fish/completions/draftsmith.fish`.
    """
    # Imported here: the table of commands imports this module in turn.
    from draftsmith.cli.app import app

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    script = made(app, {}, "draftsmith", "_DRAFTSMITH_COMPLETE").source()
    if call.json:
        write_json({"shell": shell, "script": script})
    else:
        write(script)
    return ExitCode.DONE
