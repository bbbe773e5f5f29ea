"""Which session is meant: an id, the unique beginning of one, or the newest of the current folder, and which it is.

Left out, a session of a folder far above is never meant: what acts takes the folder's own or its repository's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
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


async def choose_session(hub: HubConnection, given: str | None, *, acts: bool = False, told: bool = True) -> str:
    """The id of the session that is meant, with its title on standard error unless not `told`.

    `acts`: the command changes something, so that only sessions of exactly this folder, or of the repository that it
    lies in, are meant by default. Raises UserError (`unknown_session`, `ambiguous_session`, `no_session`).
    """
    if given is None:
        line = (await default_sessions(hub, acts=acts))[0]
    else:
        line = await _named(hub, given)
    if told and line["session_id"] != given:
        tell_meant(line)
    return line["session_id"]


def tell_meant(line: SessionLine) -> None:
    """On standard error, so that what a script reads stays as it is."""
    print(f"{line['session_id']}  {one_line(line['title'], 80)}", file=sys.stderr)


async def default_sessions(hub: HubConnection, *, acts: bool) -> list[SessionLine]:
    """The sessions of the nearest folder that has any, newest first. Raises UserError (`no_session`)."""
    here = Path(current_folder())
    top = _top_level(here)
    by_folder: dict[Path, list[SessionLine]] = {}
    for line, roots in await _with_roots(hub):
        for root in roots:
            if root == here or (root == top if acts else root in here.parents and not _is_home(root)):
                by_folder.setdefault(root, []).append(line)
    if not by_folder:
        where = f" or {one_line(str(top))}" if acts and top not in (None, here) else ""
        raise UserError(
            f"No session has worked on {one_line(str(here))}{where}.",
            code="no_session",
            remedy='Start one with `draftsmith run "…"`, or name one of `draftsmith sessions --all`.',
        )
    return by_folder[max(by_folder, key=lambda root: len(root.parts))]


def _top_level(folder: Path) -> Path | None:
    """The top of the repository that the folder lies in, but never the home folder or one above it."""
    for one in (folder, *folder.parents):
        if _is_home(one):
            return None
        if (one / ".git").exists():
            return one
    return None


def _is_home(folder: Path) -> bool:
    home = Path(os.path.realpath(Path.home()))
    return folder == home or folder in home.parents


async def _named(hub: HubConnection, given: str) -> SessionLine:
    lines = await all_sessions(hub)
    matching = [line for line in lines if line["session_id"] == given]
    if matching:
        return matching[0]
    matching = [line for line in lines if line["session_id"].startswith(given)] if given else []
    if len(matching) == 1:
        return matching[0]
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
    here = Path(current_folder())
    found = [line for line, roots in await _with_roots(hub) if any(one in (here, *here.parents) for one in roots)]
    return found[:most]


async def _with_roots(hub: HubConnection) -> list[tuple[SessionLine, list[Path]]]:
    """All sessions, newest first, with their folders without links."""
    known: dict[str, list[Path]] = {}
    found: list[tuple[SessionLine, list[Path]]] = []
    for line in await all_sessions(hub):
        workspace = line["workspace_id"]
        if workspace not in known:
            # The list has no folders; one entity of each workspace tells them.
            roots = (await session_entity(hub, line["session_id"]))["roots"]
            known[workspace] = [_real(root["path"]) for root in roots]
        found.append((line, known[workspace]))
    return found


def _real(folder: str) -> Path:
    return Path(os.path.realpath(folder))


def current_folder() -> str:
    """Without links, as the hub knows folders."""
    return os.path.realpath(os.curdir)
