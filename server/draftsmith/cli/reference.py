"""Writes `docs/cli.md` from the commands themselves: `python -m draftsmith.cli.reference [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from draftsmith.cli.app import app
from draftsmith.cli.exit_codes import MEANINGS

OUTPUT = Path(__file__).resolve().parents[3] / "docs" / "cli.md"
_WIDTH = 100

_HEAD = """# Commands

Made by `python -m draftsmith.cli.reference` from the commands; do not edit.

SESSION is the id of a session or its unique beginning. Left out, it is the newest session that has worked on the
current folder. `--json` writes one JSON object, or one a line, on standard output; an error is one JSON object on
standard error: `{"error": {"code", "message", "remedy"}, "exit_code"}`. The codes are in [errors.md](errors.md).

Colours follow [NO_COLOR](https://no-color.org) and `TERM=dumb`. Without a terminal `run` and `attach` write plain
lines, and a question ends them with exit code 6: answer it with `draftsmith answer` and attach again.
"""


def reference() -> str:
    """The whole page."""
    parts = [_HEAD, _exit_codes()]
    parts += [_section(path, command) for path, command in all_commands(app, ())]
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items())
    return f"## Exit codes\n\n| code | meaning |\n| --- | --- |\n{rows}\n"


def all_commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that is not hidden, with its words, in the order of the help."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))
        else:
            yield (*path, name), command


def _section(path: tuple[str, ...], command: click.Command) -> str:
    full_name = " ".join(("draftsmith", *path))
    context = click.Context(command, info_name=full_name, max_content_width=_WIDTH, terminal_width=_WIDTH)
    return f"## {full_name}\n\n```text\n{command.get_help(context)}\n```\n"


def main(arguments: list[str]) -> int:
    made = reference()
    if "--check" in arguments:
        stale = not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != made
        if stale:
            print(f"{OUTPUT.name} is stale: run `make generate`.")
        return int(stale)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
