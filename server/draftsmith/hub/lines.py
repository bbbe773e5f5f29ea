"""A session's line in lists, from the rows of the store or from the session in memory: both say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from draftsmith.domain.ids import SessionId
from draftsmith.hub.host import SessionHost
from draftsmith.hub.projection import session_row
from draftsmith.ports.events import EventStore, SessionRow
from draftsmith.protocol.entities import ENTITY, SessionEntity, TaskEntity
from draftsmith.protocol.methods.session import SessionLine

MOST_TASKS = 1_000


def line_of(row: SessionRow, folders: Sequence[str], statuses: Sequence[str]) -> SessionLine:
    """`statuses` are those of the plan's tasks."""
    counted = [status for status in statuses if status != "skipped"]
    return SessionLine(
        session_id=row.session_id,
        workspace_id=row.workspace_id,
        title=row.title,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        cost_nano_usd=row.cost_nano_usd,
        version=row.version,
        folders=tuple(folders),
        tasks=len(counted),
        tasks_done=counted.count("done"),
    )


def live_line(host: SessionHost) -> SessionLine:
    """Of what the session shows, as in the store: its state has no tasks of a plan that is only proposed."""
    row = session_row(host.state)
    # As the store writes what is no text.
    row = replace(row, title=row.title.encode("utf-8", "replace").decode("utf-8"))
    entity = cast("SessionEntity | None", host.entity("session", host.session_id))
    folders = [] if entity is None else [root.path for root in entity.roots]
    tasks = cast("list[TaskEntity]", host.entities("task"))
    return line_of(row, folders, [task.status for task in tasks])


async def stored_lines(store: EventStore, rows: Sequence[SessionRow]) -> tuple[SessionLine, ...]:
    """By two statements, however many rows."""
    names = [row.session_id for row in rows]
    folders: dict[SessionId, list[str]] = {}
    for found in await store.entities_of(names, "session", last=1):
        entity = cast("SessionEntity", ENTITY.validate_json(found.body))
        folders[found.session_id] = [root.path for root in entity.roots]
    statuses: dict[SessionId, list[str]] = {}
    for found in await store.entities_of(names, "task", last=MOST_TASKS):
        task = cast("TaskEntity", ENTITY.validate_json(found.body))
        statuses.setdefault(found.session_id, []).append(task.status)
    return tuple(line_of(row, folders.get(row.session_id, ()), statuses.get(row.session_id, ())) for row in rows)
