"""`draftsmith fork`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.checkpoints import choose_checkpoint
from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.cli.reading import read_session
from draftsmith.client.messages import ForkParams, SessionRef

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@session_argument
@click.option("--checkpoint", default=None, metavar="ID", help="Where its draft begins. [the draft as it is]")
@click.option("--task", default=None, help="What the new session is to do. [the same]")
@click.option("--no-wait", is_flag=True, help="Print the new id and return.")
async def fork(
    call: Invocation, session: str | None, checkpoint: str | None, task: str | None, no_wait: bool
) -> ExitCode:
    """Start a new session from a state of this one, and watch it. The old one stays as it is."""
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    if checkpoint is not None:
        checkpoint = choose_checkpoint(await read_session(hub, session_id), checkpoint)["id"]
    params = ForkParams(session_id=session_id, checkpoint_id=checkpoint, request=task)
    new_id = (await hub.call("session/fork", params, SessionRef))["session_id"]
    if not no_wait:
        from draftsmith.cli.watching.follow import follow

        return await follow(call, new_id)
    if call.json:
        write_json({"session_id": new_id, "forked_from": session_id})
    else:
        write(new_id)
    return ExitCode.DONE
