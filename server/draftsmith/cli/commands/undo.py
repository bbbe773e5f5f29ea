"""`draftsmith undo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.deciding import tell_outcomes
from draftsmith.cli.reading import read_session
from draftsmith.client.messages import DecideResult, HunkEntity, UndoParams

if TYPE_CHECKING:
    from draftsmith.cli.exit_codes import ExitCode
    from draftsmith.cli.invocation import Invocation


@command
@session_argument
async def undo(call: Invocation, session: str | None) -> ExitCode:
    """Take back the last apply; what you edited since stays. Said again, it takes back the one before."""
    hub = await call.hub()
    session_id = await choose_session(hub, session)
    results = (await hub.call("proposal/undo", UndoParams(session_id=session_id), DecideResult))["results"]
    hunks = (await read_session(hub, session_id)).of("hunk", HunkEntity)
    return tell_outcomes(call, session_id, results, hunks)
