"""Beginning, end and steering of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.ids import (
    CheckpointId,
    DocumentId,
    RunnerId,
    SessionId,
    TreeId,
    WorkspaceId,
)
from draftsmith.domain.images import AttachedImage
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
    kind_version: ClassVar[int] = 2
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
    images: tuple[AttachedImage, ...] = ()
    """What the request is about, as pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTaken:
    """The hub took the snapshot that the proposal will be measured against. `skipped` says what was left out."""

    kind: ClassVar[str] = "base_taken"
    kind_version: ClassVar[int] = 2
    tree: TreeId
    files: int
    skipped: tuple[str, ...] = ()
    skipped_count: int = 0
    ignored_folders: tuple[str, ...] = ()
    """Absolute paths of ignored folders (dependencies, build output): shown to commands, never copied."""
    draft_tree: TreeId | None = None
    """Where the draft begins when it is not the base: in a fork."""
    ignored_kinds: tuple[str, ...] = ()
    """Everything ignored but dependencies, by kinds in words: what the user has and the draft lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRenewed:
    """A further round begins: a new snapshot of the workspace, and the draft brought over to it.

    `report` tells in words what the user changed meanwhile, and which hunks of the draft gave way to it.
    """

    kind: ClassVar[str] = "base_renewed"
    kind_version: ClassVar[int] = 2
    checkpoint_id: CheckpointId
    """Names the draft as it was before; `round_id` the one that the round begins with."""
    round_id: CheckpointId
    tree: TreeId
    draft_tree: TreeId
    replaced: TreeId
    changed_count: int
    left_out_count: int
    report: Text
    ignored_folders: tuple[str, ...] = ()
    ignored_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTakenUp:
    """A runner took the session; `fence` grows with every take-over. `sandbox` is what its commands run in there, ""
    when nothing works; `sandbox_reason` says why that one, "" for the usual one."""

    kind: ClassVar[str] = "session_taken_up"
    kind_version: ClassVar[int] = 2
    runner_id: RunnerId
    fence: int
    sandbox: str = ""
    sandbox_reason: str = ""


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
    | BaseRenewed
    | SessionTakenUp
    | SessionFinished
    | SessionStopped
    | SessionCancelled
    | SessionResumed
    | MessageReceived
)
