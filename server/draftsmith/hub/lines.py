"""A session's line in lists, from the rows of the store or from the session in memory: both say the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from draftsmith.domain.ids import SessionId
from draftsmith.hub.host import SessionHost
from draftsmith.hub.projection import session_row
from draftsmith.ports.events import EventStore, SessionRow
from draftsmith.protocol.entities import ENTITY, SessionEntity, TaskEntity
from draftsmith.protocol.methods.session import SessionLine

MOST_TASKS = 200


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
    state = host.state
    folders = [root.path for root in state.roots]
    return line_of(session_row(state), folders, [progress.status for progress in state.tasks])


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
