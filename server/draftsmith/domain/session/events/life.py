"""Beginning, end and steering of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.ids import (
    DocumentId,
    RunnerId,
    SessionId,
    TreeId,
    WorkspaceId,
)
from draftsmith.domain.limits import Limits, Struck
from draftsmith.domain.roots import Root
from draftsmith.domain.text import Text

Autonomy = Literal["suggest", "ask", "auto"]
ErrorCategory = Literal[
    "model", "tool", "build", "test", "environment", "conflict", "policy", "budget", "stall", "internal"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    kind: ClassVar[str] = "session_started"
    kind_version: ClassVar[int] = 1
    session_id: SessionId
    workspace_id: WorkspaceId
    roots: tuple[Root, ...]
    request: Text
    autonomy: Autonomy
    limits: Limits
    model: str
    recording: DocumentId | None = None
    """The recording whose replies are played; said on every screen."""
    overlays: DocumentId | None = None
    """Unsaved text of open documents, laid over the files in the snapshot."""
    allow_home: bool = False
    forked_from: SessionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTaken:
    """The hub took the snapshot that the proposal will be measured against. `skipped` says what was left out."""

    kind: ClassVar[str] = "base_taken"
    kind_version: ClassVar[int] = 1
    tree: TreeId
    files: int
    skipped: tuple[str, ...] = ()
    skipped_count: int = 0
    ignored_folders: tuple[str, ...] = ()
    """Absolute paths of ignored folders (dependencies, build output): shown to commands, never copied."""
    draft_tree: TreeId | None = None
    """Where the draft begins when it is not the base: in a fork."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTakenUp:
    """A runner took the session; `fence` grows with every take-over."""

    kind: ClassVar[str] = "session_taken_up"
    kind_version: ClassVar[int] = 1
    runner_id: RunnerId
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFinished:
    kind: ClassVar[str] = "session_finished"
    kind_version: ClassVar[int] = 1
    summary: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStopped:
    """The session cannot go on by itself. `way_on` is what the user can do."""

    kind: ClassVar[str] = "session_stopped"
    kind_version: ClassVar[int] = 1
    category: ErrorCategory
    reason: str
    way_on: str
    struck: Struck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCancelled:
    kind: ClassVar[str] = "session_cancelled"
    kind_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed:
    """The user let a stopped or cancelled session go on, perhaps with other limits."""

    kind: ClassVar[str] = "session_resumed"
    kind_version: ClassVar[int] = 1
    limits: Limits
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    """The user said something while the session ran, or asked for more after the proposal."""

    kind: ClassVar[str] = "message_received"
    kind_version: ClassVar[int] = 1
    text: Text


LifeEvent = (
    SessionStarted
    | BaseTaken
    | SessionTakenUp
    | SessionFinished
    | SessionStopped
    | SessionCancelled
    | SessionResumed
    | MessageReceived
)
