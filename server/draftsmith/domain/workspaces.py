"""The workspace stream: which folders it has. Trust, rules and lessons are kept here as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from draftsmith.domain.ids import WorkspaceId
from draftsmith.domain.roots import Root


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOpened:
    """The workspace was used for the first time, or its folders changed."""

    kind: ClassVar[str] = "workspace_opened"
    kind_version: ClassVar[int] = 1
    workspace_id: WorkspaceId
    roots: tuple[Root, ...]


WorkspaceEvent = WorkspaceOpened


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceState:
    roots: tuple[Root, ...] = ()
    version: int = 0


def open_workspace(
    state: WorkspaceState, workspace_id: WorkspaceId, roots: tuple[Root, ...]
) -> tuple[WorkspaceEvent, ...]:
    """The events that make the workspace known with these folders; none when it already is."""
    return () if state.roots == roots else (WorkspaceOpened(workspace_id=workspace_id, roots=roots),)


def evolve_workspace(state: WorkspaceState, event: WorkspaceEvent) -> WorkspaceState:
    """The state after one event."""
    return replace(state, roots=event.roots, version=state.version + 1)
