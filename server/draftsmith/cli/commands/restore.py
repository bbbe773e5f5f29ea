"""`draftsmith restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.checkpoints import choose_checkpoint
from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_and, split
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import interactive, write, write_json
from draftsmith.cli.reading import read_session, session_of
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import RestoreParams

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@session_and("CHECKPOINT")
async def restore(call: Invocation, arguments: tuple[str, ...]) -> ExitCode:
    """Take the draft back to CHECKPOINT: an id, its beginning, or its number in `draftsmith show`.

    Your own files are not touched, and the state that is left becomes a checkpoint itself.
    """
    session, checkpoint = split(arguments, "a checkpoint")
    hub = await call.hub()
    session_id = await choose_session(hub, session, acts=True, told=not call.json)
    held = await read_session(hub, session_id)
    point = choose_checkpoint(held, checkpoint)
    at_work = session_of(held)["status"] in ("starting", "working", "waiting")
    if at_work and interactive() and not call.json and not _meant(session_id):
        write("Nothing was changed.")
        return ExitCode.CANCELLED
    await hub.acknowledge("session/restore", RestoreParams(session_id=session_id, checkpoint_id=point["id"]))
    if call.json:
        write_json({"session_id": session_id, "checkpoint_id": point["id"], "at_work": at_work})
    else:
        goes_on = " The agent was at work; it goes on from there." if at_work else ""
        write(f"The draft of {session_id} is back at: {one_line(point['label'])}.{goes_on}")
    return ExitCode.DONE


def _meant(session_id: str) -> bool:
    return click.confirm(f"The agent of {session_id} is at work. Take its draft back under it?")
