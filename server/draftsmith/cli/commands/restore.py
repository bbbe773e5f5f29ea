"""`draftsmith restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.checkpoints import choose_checkpoint
from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.cli.reading import read_session
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import RestoreParams

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@click.argument("arguments", nargs=-1, metavar="[SESSION] CHECKPOINT", required=True)
async def restore(call: Invocation, arguments: tuple[str, ...]) -> ExitCode:
    """Take the draft back to CHECKPOINT: an id, its beginning, or its number in `draftsmith show`.

    Your own files are not touched, and the state that is left becomes a checkpoint itself.
    """
    match arguments:
        case (checkpoint,):
            session = None
        case (session, checkpoint):
            pass
        case _:
            raise click.UsageError("Give a session and a checkpoint, or a checkpoint only.")
    hub = await call.hub()
    session_id = await choose_session(hub, session)
    point = choose_checkpoint(await read_session(hub, session_id), checkpoint)
    await hub.acknowledge("session/restore", RestoreParams(session_id=session_id, checkpoint_id=point["id"]))
    if call.json:
        write_json({"session_id": session_id, "checkpoint_id": point["id"]})
    else:
        write(f"The draft of {session_id} is back at: {one_line(point['label'])}")
    return ExitCode.DONE
