"""`draftsmith cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.client.messages import SessionRef

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@session_argument
async def cancel(call: Invocation, session: str | None) -> ExitCode:
    """Stop the work at once. Nothing is lost: `draftsmith resume` lets it go on."""
    hub = await call.hub()
    session_id = await choose_session(hub, session, acts=True, told=not call.json)
    await hub.acknowledge("session/cancel", SessionRef(session_id=session_id))
    if call.json:
        write_json({"session_id": session_id, "status": "cancelled"})
    else:
        write(f"Cancelled {session_id}.\n→ draftsmith resume {session_id}")
    return ExitCode.DONE
