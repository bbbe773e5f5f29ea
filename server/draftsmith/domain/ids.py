"""Identifiers, each its own type so that they cannot be mixed up."""

from __future__ import annotations

from typing import NewType

EventId = NewType("EventId", str)
StreamId = NewType("StreamId", str)
SessionId = NewType("SessionId", str)
WorkspaceId = NewType("WorkspaceId", str)
TaskId = NewType("TaskId", str)
CallId = NewType("CallId", str)
"""One model call or one tool call; the same id names the step that clients see."""
CheckpointId = NewType("CheckpointId", str)
HunkId = NewType("HunkId", str)
DecisionId = NewType("DecisionId", str)
ApplyId = NewType("ApplyId", str)
RunnerId = NewType("RunnerId", str)
TreeId = NewType("TreeId", str)
"""Git tree id (40 hexadecimal digits) of a snapshot."""
DocumentId = NewType("DocumentId", str)
"""SHA-256 (64 hexadecimal digits) of a document's bytes."""


def session_stream(session_id: SessionId) -> StreamId:
    """The stream that is the truth of one session."""
    return StreamId(f"session/{session_id}")


def model_settings_stream(user: str) -> StreamId:
    """The stream of what one user decided about models; with one user that is `local`."""
    return StreamId(f"user/{user}/models")


def preferences_stream(user: str) -> StreamId:
    """The stream of what one user prefers of the screens."""
    return StreamId(f"user/{user}/preferences")


def workspace_stream(workspace_id: WorkspaceId) -> StreamId:
    """The stream of what was decided about one workspace: its rules."""
    return StreamId(f"workspace/{workspace_id}")


def record_stream(user: str) -> StreamId:
    """The stream of what is kept of models' work after the sessions of one user were deleted."""
    return StreamId(f"record/{user}")


def ledger_stream(scope: str) -> StreamId:
    """The stream of one budget scope, for example `session/s_1` or `day/2026-01-31`."""
    return StreamId(f"ledger/{scope}")
