"""The table of commands. Each module is imported when its command is called or its help is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from draftsmith import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "Start a session and watch it."),
    "attach": ("attach", "Watch a session that is under way."),
    "review": ("review", "Go through the proposal hunk by hunk."),
    "diff": ("diff", "The pending proposal as a unified diff."),
    "accept": ("decide", "Accept hunks and write them to your files."),
    "reject": ("decide", "Reject hunks."),
    "undo": ("undo", "Take back the last apply."),
    "plan": ("plan", "The plan as text; or your own in its place."),
    "answer": ("answer", "Answer a question of the session."),
    "message": ("message", "Say something to the agent."),
    "cancel": ("cancel", "Stop the work; nothing is lost."),
    "resume": ("resume", "Let a stopped or cancelled session go on."),
    "fork": ("fork", "A new session from a state of another."),
    "restore": ("restore", "Take the draft back to a checkpoint."),
    "delete": ("delete", "Delete a session for good."),
    "sessions": ("sessions", "List sessions, newest first."),
    "show": ("show", "Everything about one session."),
    "export": ("export", "A session as Markdown or JSON Lines."),
    "map": ("map", "The map of the code for some words."),
    "symbols": ("symbols", "Definitions by name, or where they are used."),
    "models": ("models", "Which models can be used; endpoints, keys, order, prices, limits."),
    "rules": ("rules", "What commands run without asking, and which never."),
    "usage": ("usage", "Tokens and money by day, model, workspace, session."),
    "lsp": ("lsp", "Serve an editor (LSP on standard input and output)."),
    "facts": ("facts", "What the project's own files say of it."),
    "users": ("users", "Who may come in by name when the hub is reached from elsewhere."),
    "web": ("web", "The dashboard in the browser, signed in."),
    "hub": ("hub", "The hub: status, start, stop, logs."),
    "doctor": ("doctor", "What is missing here, and how to get it."),
    "completion": ("completion", "The shell's completion script."),
}
"""Name → (module in `draftsmith.cli.commands`, one line of help), in the order of the help."""


class LateCommands(click.Group):
    """A group whose commands are imported when needed; the help of the whole needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"draftsmith.cli.commands.{entry[0]}")
        found: click.Command = getattr(module, cmd_name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            # Imported here: only a mistyped command needs it.
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean `draftsmith {close[0]}`?", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


def _say_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"draftsmith {__version__}")
        ctx.exit()


@click.group(cls=LateCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", "-V", is_flag=True, is_eager=True, expose_value=False, callback=_say_version, help="Show the version."
)
def app() -> None:
    """An autonomous coding agent: it works in a draft, tests it, and hands back a proposal."""
