"""`draftsmith usage`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import UsageFigures, UsageLine, UsageResult

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation

_TITLE = 50


@command
@click.option(
    "--by",
    type=click.Choice(("day", "model", "role", "key", "workspace", "session", "request")),
    default="day",
    help="What a line is. [day]",
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, help="Today (UTC) and the days before it. [30]")
@click.option("--session", default="", metavar="ID", help="Only of this session, from its beginning.")
async def usage(call: Invocation, by: str, days: int, session: str) -> ExitCode:
    """Tokens and money of the last days; by request those of one session, by default the newest."""
    hub = await call.hub()
    if session or by == "request":
        from draftsmith.cli.choose import choose_session

        session = await choose_session(hub, session or None, told=not call.json)
    found = await hub.call("usage/read", {"by": by, "days": days, "session_id": session}, UsageResult)
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    if not found["lines"]:
        write("Nothing was asked of a model.")
        return ExitCode.NOTHING_TO_DO
    rows = [(by, "calls", "tokens in", "cached", "tokens out", "reasoning", "cost")]
    rows += [_row(_named(line, by), line["figures"]) for line in found["lines"]]
    if left_out := found.get("left_out", 0):
        write(f"{left_out:,} older requests are in the sum only.")
    if len(found["lines"]) > 1:
        rows.append(_row("all", found["total"]))
    for text in columns(rows):
        write(text)
    return ExitCode.DONE


def _named(line: UsageLine, by: str) -> str:
    title = one_line(line["title"], _TITLE)
    if by != "request":
        return one_line(f"{line['name']}  {title}".strip(), 120)
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.get("at", 0) / 1_000))
    return one_line(f"{at}  {line.get('role', '')}  {line.get('model', '')}  {title}".strip(), 120)


def _row(name: str, figures: UsageFigures) -> tuple[str, ...]:
    failed = f" ({figures['failed_calls']} failed)" if figures["failed_calls"] else ""
    return (
        name,
        f"{figures['calls']:,}{failed}",
        f"{figures['input_tokens']:,}",
        f"{figures['cached_tokens']:,}",
        f"{figures['output_tokens']:,}",
        f"{figures['reasoning_tokens']:,}",
        amounts.cost(figures["cost_nano_usd"], figures["unpriced_calls"]),
    )
