"""`draftsmith sessions`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.choose import all_sessions, sessions_here
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.messages import SessionLine


@command
@click.option("--all", "everywhere", is_flag=True, help="Sessions of every folder, not only of the current one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
async def sessions(call: Invocation, everywhere: bool, limit: int) -> ExitCode:
    """List sessions, newest first."""
    hub = await call.hub()
    lines = await (all_sessions(hub, most=limit) if everywhere else sessions_here(hub, most=limit))
    if call.json:
        for line in lines:
            write_json({**line})
        return ExitCode.DONE
    if not lines:
        where = "yet" if everywhere else "in this folder; `draftsmith sessions --all` lists those of every folder"
        write(f"No session {where}.")
        return ExitCode.DONE
    now = int(time.time() * 1_000)
    for text in columns([_row(line, now) for line in lines]):
        write(text)
    return ExitCode.DONE


def _row(line: SessionLine, now: int) -> tuple[str, ...]:
    return (
        line["session_id"],
        line["status"],
        amounts.age(now - line["updated_at"]),
        amounts.dollars(line["cost_nano_usd"]) if line["cost_nano_usd"] else "–",  # free, or of unknown price
        one_line(line["title"], 70),
    )
