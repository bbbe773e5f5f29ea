"""From events to the entities that clients show. One function per noun, all through `project`."""

from draftsmith.hub.projection.project import Changes, Shown, entity_rows, project, session_row, work_rows

__all__ = ["Changes", "Shown", "entity_rows", "project", "session_row", "work_rows"]
