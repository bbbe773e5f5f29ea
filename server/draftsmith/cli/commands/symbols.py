"""`draftsmith symbols`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.folders import checked_folders, folders_option
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import SymbolsParams, SymbolsResult, UsesParams, UsesResult

if TYPE_CHECKING:
    from typing import Literal

    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection

DEFAULT_LIMIT = 30


@command
@click.argument("query")
@folders_option
@click.option("--calls", "kind", flag_value="calls", help="Where QUERY is called.")
@click.option("--references", "kind", flag_value="references", help="Where QUERY is used in any way.")
@click.option("--imports", "kind", flag_value="imports", help="Where the file or module QUERY is imported.")
@click.option("--limit", type=click.IntRange(1, 200), default=DEFAULT_LIMIT, show_default=True, help="How many a page.")
@click.option("--cursor", default=None, metavar="C", help="The next page, as the one before named it.")
async def symbols(
    call: Invocation,
    query: str,
    folders: tuple[str, ...],
    kind: Literal["calls", "references", "imports"] | None,
    limit: int,
    cursor: str | None,
) -> ExitCode:
    """Find definitions named QUERY, or like it, the best fit first; or where they are used."""
    chosen = await asyncio.to_thread(checked_folders, folders)
    hub = await call.hub()
    if kind is not None:
        asked = UsesParams(folders=chosen, kind=kind, name=query, limit=limit, cursor=cursor)
        return await _uses(call, hub, asked)
    params = SymbolsParams(folders=chosen, query=query, limit=limit, cursor=cursor)
    found = await hub.call("code/symbols", params, SymbolsResult)
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    rows = [
        (
            one["kind"],
            one_line(f"{one['container']}.{one['name']}" if one["container"] else one["name"], 80),
            one_line(f"{one['path']}:{one['line']}"),
        )
        for one in found["symbols"]
    ]
    for text in columns(rows):
        write(text)
    _write_end(len(rows), found["total"], found["cursor"])
    return ExitCode.DONE


async def _uses(call: Invocation, hub: HubConnection, params: UsesParams) -> ExitCode:
    found = await hub.call("code/uses", params, UsesResult)
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    for one in found["uses"]:
        write(one_line(f"{one['path']}:{one['line']}: {one['text']}"))
    _write_end(len(found["uses"]), found["total"], found["cursor"])
    return ExitCode.DONE


def _write_end(shown: int, total: int, cursor: str | None) -> None:
    if not total:
        write("Nothing was found.")
    elif cursor is not None:
        write(f"{shown} of {total}; --cursor {cursor} shows more.")
