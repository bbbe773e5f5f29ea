"""`draftsmith delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import interactive, write, write_json
from draftsmith.cli.reading import read_session
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import SessionEntity, SessionRef
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection


@command
@click.argument("session")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
async def delete(call: Invocation, session: str, yes: bool) -> ExitCode:
    """Delete SESSION with its log and snapshots, for good. Your files are not touched, nor what was applied to them.

    What its models cost and how they did stays in the sums that `draftsmith usage` and `models` show.
    """
    hub = await call.hub()
    session_id = await choose_session(hub, session)
    if not yes and not await _confirmed(call, hub, session_id):
        write("Nothing was deleted.")
        return ExitCode.CANCELLED
    await hub.acknowledge("session/delete", SessionRef(session_id=session_id))
    if call.json:
        write_json({"session_id": session_id, "deleted": True})
    else:
        write(f"✓ {session_id} is deleted.")
    return ExitCode.DONE


async def _confirmed(call: Invocation, hub: HubConnection, session_id: str) -> bool:
    if call.json or not interactive():
        raise UserError(
            f"Deleting {session_id} cannot be undone.",
            code="not_confirmed",
            remedy="Say --yes if you mean it.",
        )
    held = await read_session(hub, session_id)
    [entity] = held.of("session", SessionEntity)
    title = one_line(entity["title"])
    return click.confirm(f"Delete {session_id} ({title}) for good? What was applied can then no longer be undone.")
