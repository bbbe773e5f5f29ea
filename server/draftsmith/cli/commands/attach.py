"""`draftsmith attach`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument

if TYPE_CHECKING:
    from draftsmith.cli.exit_codes import ExitCode
    from draftsmith.cli.invocation import Invocation


@command
@session_argument
async def attach(call: Invocation, session: str | None) -> ExitCode:
    """Watch a session that is under way, from any terminal; Ctrl-C leaves and the session goes on."""
    from draftsmith.cli.watching.follow import follow

    hub = await call.hub()
    return await follow(call, await choose_session(hub, session, told=not call.json))
