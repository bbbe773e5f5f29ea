"""Which session is meant: an id, the unique beginning of one, or the newest of the current folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import EntityParams, EntityResult, ListParams, ListResult
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.client.connection import HubConnection
    from draftsmith.client.messages import SessionEntity, SessionLine

_PAGE = 200
_LISTED = 8


async def all_sessions(hub: HubConnection, *, most: int = 10_000) -> list[SessionLine]:
    """Sessions, newest first, up to `most`."""
    found: list[SessionLine] = []
    cursor: str | None = None
    while len(found) < most:
        params = ListParams(limit=min(_PAGE, most - len(found)), cursor=cursor)
        page = await hub.call("session/list", params, ListResult)
        found += page["sessions"]
        cursor = page["cursor"]
        if cursor is None:
            break
    return found


async def session_entity(hub: HubConnection, session_id: str) -> SessionEntity:
    params = EntityParams(session_id=session_id, kind="session", id=session_id)
    entity = (await hub.call("entity/get", params, EntityResult))["entity"]
    if entity["kind"] != "session":
        raise UserError(f"There is no session {session_id}.", code="unknown_session")
    return entity


async def choose_session(hub: HubConnection, given: str | None) -> str:
    """The id of the session that is meant. Raises UserError (`unknown_session`, `ambiguous_session`, `no_session`)."""
    if given is None:
        newest = next(iter(await sessions_here(hub, most=1)), None)
        if newest is None:
            raise UserError(
                f"No session has worked on {one_line(current_folder())}.",
                code="no_session",
                remedy='Start one with `draftsmith run "…"`, or name one of `draftsmith sessions --all`.',
            )
        return newest["session_id"]
    lines = await all_sessions(hub)
    if any(line["session_id"] == given for line in lines):
        return given
    matching = [line for line in lines if line["session_id"].startswith(given)] if given else []
    if len(matching) == 1:
        return matching[0]["session_id"]
    if not matching:
        raise UserError(
            f"There is no session {one_line(given)!r}.",
            code="unknown_session",
            remedy="`draftsmith sessions --all` lists them.",
        )
    listed = "\n".join(f"  {line['session_id']}  {one_line(line['title'], 60)}" for line in matching[:_LISTED])
    raise UserError(
        f"{one_line(given)!r} is the beginning of {len(matching)} sessions:\n{listed}",
        code="ambiguous_session",
        remedy="Give more of the id.",
    )


async def sessions_here(hub: HubConnection, *, most: int) -> list[SessionLine]:
    """Sessions whose workspace holds the current folder, newest first."""
    here = current_folder()
    known: dict[str, bool] = {}
    found: list[SessionLine] = []
    for line in await all_sessions(hub):
        workspace = line["workspace_id"]
        if workspace not in known:
            # The list has no folders; one entity of each workspace tells them.
            roots = (await session_entity(hub, line["session_id"]))["roots"]
            known[workspace] = any(_holds(root["path"], here) for root in roots)
        if known[workspace]:
            found.append(line)
            if len(found) == most:
                break
    return found


def current_folder() -> str:
    """Without links, as the hub knows folders."""
    return os.path.realpath(os.curdir)


def _holds(folder: str, path: str) -> bool:
    folder = os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
