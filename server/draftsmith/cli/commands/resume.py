"""`draftsmith resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.limits import check_model_name, limit_options, limits_of
from draftsmith.cli.output import write, write_json
from draftsmith.client.messages import ResumeParams

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@session_argument
@limit_options
@click.option("--model", metavar="NAME", default=None, help="Another model from here on.")
@click.option("--no-wait", is_flag=True, help="Return at once.")
async def resume(
    call: Invocation,
    session: str | None,
    budget: str | None,
    steps: int | None,
    minutes: float | None,
    model: str | None,
    no_wait: bool,
) -> ExitCode:
    """Let a stopped or cancelled session go on, with other limits if given, and watch it."""
    check_model_name(model or "")
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    params = ResumeParams(session_id=session_id, limits=limits_of(budget, steps, minutes), model=model)
    await hub.acknowledge("session/resume", params)
    if not no_wait:
        from draftsmith.cli.watching.follow import follow

        return await follow(call, session_id)
    if call.json:
        write_json({"session_id": session_id})
    else:
        write(f"Resumed {session_id}.\n→ draftsmith attach {session_id}")
    return ExitCode.DONE
