"""`draftsmith message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.client.messages import MessageParams
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation


@command
@click.argument("session")
@click.argument("text")
async def message(call: Invocation, session: str, text: str) -> ExitCode:
    """Say TEXT to the agent of SESSION: while it works, or to ask for more after the proposal."""
    if not text.strip():
        raise UserError("The message is empty.", code="empty_message", remedy="Say what should be different.")
    hub = await call.hub()
    session_id = await choose_session(hub, session)
    await hub.acknowledge("session/message", MessageParams(session_id=session_id, text=text))
    if call.json:
        write_json({"session_id": session_id})
    else:
        write(f"Sent.\n→ draftsmith attach {session_id}")
    return ExitCode.DONE
