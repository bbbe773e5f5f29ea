"""`draftsmith message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.choose import choose_session, session_entity
from draftsmith.cli.command import command, session_and, split
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.client.messages import MessageParams
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation

_AT_WORK = ("starting", "working", "waiting")


@command
@session_and("TEXT")
async def message(call: Invocation, arguments: tuple[str, ...]) -> ExitCode:
    """Say TEXT to the agent: while it works, or to ask for more after the proposal.

    A session that was over, stopped or cancelled works again.
    """
    session, text = split(arguments, "the text")
    if not text.strip():
        raise UserError("The message is empty.", code="empty_message", remedy="Say what should be different.")
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    was = (await session_entity(hub, session_id))["status"]
    await hub.acknowledge("session/message", MessageParams(session_id=session_id, text=text))
    if call.json:
        write_json({"session_id": session_id, "was": was})
    else:
        again = "" if was in _AT_WORK else f" The session was {was}; it works again."
        write(f"Sent.{again}\n→ draftsmith attach {session_id}")
    return ExitCode.DONE
