"""`draftsmith hub status|start|stop|logs`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import clean
from draftsmith.client.messages import StatusResult
from draftsmith.domain.errors import UserError
from draftsmith.platform.paths import hub_dir

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation

_LOG_TAIL_BYTES = 2_000_000


@click.group()
def hub() -> None:
    """The hub owns the sessions; every command starts it when it is needed."""


@command
async def status(call: Invocation) -> ExitCode:
    """What runs, and how it is. Exit code 3 when no hub runs."""
    connection = await call.running_hub()
    if connection is None:
        if call.json:
            write_json({"running": False})
        else:
            write("No hub runs; any command starts it.")
        return ExitCode.NOTHING_TO_DO
    found = await connection.call("hub/status", {}, StatusResult)
    if call.json:
        write_json({"running": True, **found})
        return ExitCode.DONE
    _tell(found)
    return ExitCode.DONE


def _tell(found: StatusResult) -> None:
    up = amounts.duration(max(0, int(time.time() * 1_000) - found["started_at"]))
    rows = [
        ("hub", f"process {found['pid']}, version {found['application_version']}, up {up}"),
        ("state", found["state_dir"]),
        ("database", found["database"]),
        ("sessions", f"{found['open_sessions']} open"),
        ("clients", str(found["clients"])),
    ]
    for runner in found["runners"]:
        reason = f": {clean(runner['reason'])}" if runner["reason"] else ""
        busy = amounts.count(len(runner["sessions"]), "session")
        rows.append(("runner", f"process {runner['pid']}, {runner['state'].replace('_', ' ')}, {busy}{reason}"))
    if not found["runners"]:
        rows.append(("runner", "none"))
    for text in columns(rows):
        write(text)
    for notice in found["notices"]:
        write(f"! {clean(notice)}")


@command
async def start(call: Invocation) -> ExitCode:
    """Start the hub if none runs, and replace an older one."""
    connection = await call.hub()
    found = await connection.call("hub/status", {}, StatusResult)
    if call.json:
        write_json({"running": True, **found})
    else:
        write(f"The hub runs: process {found['pid']}, version {found['application_version']}.")
    return ExitCode.DONE


@command
async def stop(call: Invocation) -> ExitCode:
    """Stop the hub and its runner. Sessions are kept and go on at the next start."""
    from draftsmith.client.handover import stop_hub

    connection = await call.running_hub()
    if connection is None:
        if call.json:
            write_json({"running": False})
        else:
            write("No hub runs.")
        return ExitCode.NOTHING_TO_DO
    await stop_hub(call.state_dir, connection)
    if call.json:
        write_json({"running": False})
    else:
        write("The hub stopped; sessions go on at the next start.")
    return ExitCode.DONE


@command
@click.option("--lines", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many of the last.")
@click.option("--runner", is_flag=True, help="The runner's log instead.")
async def logs(call: Invocation, lines: int, runner: bool) -> ExitCode:
    """The last lines of the log, also when no hub runs."""
    folder = (call.state_dir / "runner" if runner else hub_dir(call.state_dir)) / "logs"
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise UserError(f"There is no log in {folder}.", code="no_log", remedy="Nothing has run here yet.")
    for path in files:
        found = _last_lines(path, lines)
        if call.json:
            write_json({"file": str(path), "lines": found})
            continue
        if len(files) > 1:
            write(f"== {path}")
        for text in found:
            write(clean(text))
    return ExitCode.DONE


def _last_lines(path: Path, most: int) -> list[str]:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LOG_TAIL_BYTES))
        return file.read().decode("utf-8", "replace").splitlines()[-most:]


for _command in (status, start, stop, logs):
    hub.add_command(_command)
