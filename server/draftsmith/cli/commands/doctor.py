"""`draftsmith doctor`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import colours, write, write_json
from draftsmith.cli.untrusted import clean
from draftsmith.cli.widths import pad
from draftsmith.client.messages import StatusResult

if TYPE_CHECKING:
    from draftsmith.bootstrap.checks import Check
    from draftsmith.cli.invocation import Invocation

_MARKS = {"ok": ("✓", "32"), "warning": ("!", "33"), "missing": ("✗", "31")}


@command
async def doctor(call: Invocation) -> ExitCode:
    """Say what is missing on this machine, and how to get it. Exit code 5 when a session could not run."""
    # Imported here: these checks reach into the sandbox and the models.
    from draftsmith.bootstrap.checks import check_all

    checks = [*await check_all(call.state_dir, os.environ), await _check_hub(call)]
    missing = any(check.verdict == "missing" for check in checks)
    exit_code = ExitCode.UNAVAILABLE if missing else ExitCode.DONE
    if call.json:
        fields = [
            {"name": one.name, "verdict": one.verdict, "found": one.found, "remedy": one.remedy} for one in checks
        ]
        write_json({"checks": fields, "exit_code": int(exit_code)})
        return exit_code
    for check in checks:
        _tell(check)
    return exit_code


def _tell(check: Check) -> None:
    mark, colour = _MARKS[check.verdict]
    shown = f"\x1b[{colour}m{mark}\x1b[0m" if colours(sys.stdout) else mark
    write(f"{shown} {pad(check.name, 13)} {clean(check.found)}")
    if check.remedy and check.verdict != "ok":
        write(f"{'':16}{clean(check.remedy)}")


async def _check_hub(call: Invocation) -> Check:
    from draftsmith.bootstrap.checks import Check

    connection = await call.running_hub()
    if connection is None:
        return Check(name="hub", verdict="ok", found="not running; any command starts it")
    found = await connection.call("hub/status", {}, StatusResult)
    about = f"process {found['pid']}, version {found['application_version']}"
    broken = [runner for runner in found["runners"] if runner["state"] in ("lost", "gave_up")]
    if broken:
        remedy = "`draftsmith hub logs --runner` tells why; `draftsmith hub stop` and the next command start anew."
        return Check(name="hub", verdict="warning", found=f"{about}; runner: {broken[0]['reason']}", remedy=remedy)
    if found["notices"]:
        return Check(name="hub", verdict="warning", found=f"{about}; {found['notices'][0]}", remedy="")
    return Check(name="hub", verdict="ok", found=about)
