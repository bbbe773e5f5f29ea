"""`draftsmith facts`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.cli.widths import pad
from draftsmith.client.messages import FactsParams, FactsResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.messages import FolderFacts

_WIDTH = 100


@command
@click.option(
    "-w", "--workspace", "workspaces", multiple=True, metavar="DIR", help="The folder to look at; may be given often."
)
async def facts(call: Invocation, workspaces: tuple[str, ...]) -> ExitCode:
    """What the project's own files say: languages, frameworks, managers, commands, packages, rules.

    Each with the file it came from. Nothing of the project is run to find it out.
    """
    folders = await asyncio.to_thread(lambda: [str(Path(one).absolute()) for one in workspaces or (".",)])
    hub = await call.hub()
    found = await hub.call("code/facts", FactsParams(folders=folders), FactsResult)
    if call.json:
        write_json({"folders": [{**one} for one in found["folders"]]})
        return ExitCode.DONE
    for one in found["folders"]:
        write(one["folder"])
        rows = list(_rows(one))
        for name, text, source in rows:
            from_file = f"  ({one_line(source, _WIDTH)})" if source else ""
            write(f"  {pad(name, 14)} {one_line(text, _WIDTH)}{from_file}")
        if not rows:
            write("  Nothing that is known.")
    return ExitCode.DONE


def _rows(found: FolderFacts) -> Iterator[tuple[str, str, str]]:
    """Name, what is known, and the file that says so."""
    for language in found["languages"]:
        yield "language", f"{language['name']}, {amounts.count(language['files'], 'file')}", ""
    for framework in found["frameworks"]:
        yield "framework", framework["name"], framework["source"]
    for manager in found["managers"]:
        lock = f", lock file {manager['lock']}" if manager["lock"] else ""
        yield "packages", f"{manager['name']}{lock}", manager["source"]
    for one in found["commands"]:
        yield one["purpose"], one["command"], one["source"]
    for entry in found["entries"]:
        yield "entry point", f"{entry['name']}: {entry['target']}", entry["source"]
    for package in found["packages"]:
        yield "package", f"{package['folder']} ({package['name']})", package["source"]
    for rules in found["rules"]:
        yield "rules file", rules, ""
    for style in found["styles"]:
        asked = ", ".join(f"{one['name']} = {one['value']}" for one in style["settings"])
        yield "style", f"{style['pattern']}: {asked}", style["source"]
