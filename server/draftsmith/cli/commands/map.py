"""`draftsmith map`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.folders import checked_folders, folders_option
from draftsmith.cli.output import write, write_json
from draftsmith.cli.untrusted import clean
from draftsmith.client.messages import MapParams, MapResult

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation

DEFAULT_TOKENS = 2_000


@command
@click.argument("words", nargs=-1)
@folders_option
@click.option("--tokens", type=click.IntRange(100, 100_000), default=DEFAULT_TOKENS, show_default=True, help="Budget.")
@click.option("--focus", multiple=True, metavar="FILE", help="A file around which to look; may be given again.")
async def map(  # noqa: A001  a command has its function's name
    call: Invocation, words: tuple[str, ...], folders: tuple[str, ...], tokens: int, focus: tuple[str, ...]
) -> ExitCode:
    """Draw the map of the code that the agent is given for WORDS.

    The definitions that matter most, as their own lines; ⋮ stands for those that are left out.
    """
    chosen = await asyncio.to_thread(checked_folders, folders)
    hub = await call.hub()
    params = MapParams(folders=chosen, words=" ".join(words), focus=[{"path": one} for one in focus], tokens=tokens)
    found = await hub.call("code/map", params, MapResult)
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    for notice in found["notices"]:
        write(clean(notice))
    write(clean(found["text"]) if found["text"] else "No code was found here.")
    skipped = ", ".join(f"{one['files']} {one['reason'].replace('_', ' ')}" for one in found["skipped"])
    bound = "; there are more files than the index takes" if found["truncated"] else ""
    left_out = f"; left out: {skipped}" if skipped else ""
    write(f"\n{found['files']} of {found['indexed_files']} files, about {found['tokens']} tokens{left_out}{bound}")
    return ExitCode.DONE
