"""`draftsmith undo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.choose import choose_session, default_sessions, tell_meant
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.deciding import tell_outcomes
from draftsmith.cli.reading import read_session
from draftsmith.client.messages import ApplyEntity, DecideResult, HunkEntity, UndoParams
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.exit_codes import ExitCode
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection
    from draftsmith.client.messages import SessionLine


@command
@session_argument
async def undo(call: Invocation, session: str | None) -> ExitCode:
    """Take back the last apply; what you edited since stays. Said again, it takes back the one before.

    Without SESSION it is the last apply to this folder, of whatever session.
    """
    hub = await call.hub()
    if session is None:
        session_id = await _newest_applied(hub, told=not call.json)
    else:
        session_id = await choose_session(hub, session, told=not call.json)
    results = (await hub.call("proposal/undo", UndoParams(session_id=session_id), DecideResult))["results"]
    hunks = (await read_session(hub, session_id)).of("hunk", HunkEntity)
    return tell_outcomes(call, session_id, results, hunks)


async def _newest_applied(hub: HubConnection, *, told: bool) -> str:
    """The session whose apply is the last one that is still in the folder."""
    newest: tuple[int, SessionLine] | None = None
    for line in await default_sessions(hub, acts=True):
        applies = (await read_session(hub, line["session_id"])).of("apply", ApplyEntity)
        for apply in applies:
            if apply["state"] == "done" and apply["undoes"] is None and (newest is None or apply["at"] > newest[0]):
                newest = (apply["at"], line)
    if newest is None:
        raise UserError(
            "Nothing that was applied to this folder is left to take back.",
            code="nothing_to_undo",
            remedy="`draftsmith sessions` lists its sessions.",
        )
    if told:
        tell_meant(newest[1])
    return newest[1]["session_id"]
