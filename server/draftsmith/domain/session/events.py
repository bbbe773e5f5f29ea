"""Every event of a session stream, in the past tense.

An effect has an intent (`…Intended`, `…Requested`) before it and an outcome after it; reads have an outcome only.
Fields only ever get added with a new `kind_version` and an upcaster in `domain.codec`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.conversation import Role, StopReason, Usage
from draftsmith.domain.decisions import Decision
from draftsmith.domain.gates import Finding, GateResult
from draftsmith.domain.ids import (
    ApplyId,
    CallId,
    CheckpointId,
    DecisionId,
    DocumentId,
    HunkId,
    RunnerId,
    SessionId,
    TaskId,
    TreeId,
    WorkspaceId,
)
from draftsmith.domain.limits import Limits, Struck
from draftsmith.domain.plan import Plan
from draftsmith.domain.proposal import HunkResult, Proposal
from draftsmith.domain.roots import Root
from draftsmith.domain.text import EMPTY, Text

Autonomy = Literal["suggest", "ask", "auto"]
Effect = Literal["read", "edit", "command", "control"]
ToolOutcome = Literal["ok", "mistake", "failed", "limit", "denied", "interrupted"]
ErrorCategory = Literal[
    "model", "tool", "build", "test", "environment", "conflict", "policy", "budget", "stall", "internal"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedToolCall:
    """A tool call in a model's reply; `arguments` is JSON text as the model wrote it."""

    call_id: CallId
    name: str
    arguments: Text


# --- begin and end ---


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


# --- plan ---


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBegun:
    """The request was understood as small: it is worked on as one task, without a plan."""

    kind: ClassVar[str] = "work_begun"
    kind_version: ClassVar[int] = 1
    title: str
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProposed:
    kind: ClassVar[str] = "plan_proposed"
    kind_version: ClassVar[int] = 1
    title: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved:
    kind: ClassVar[str] = "plan_approved"
    kind_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRejected:
    """The user wants another plan; `feedback` says why."""

    kind: ClassVar[str] = "plan_rejected"
    kind_version: ClassVar[int] = 1
    feedback: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevised:
    """Tasks not yet begun were replaced while the work went on."""

    kind: ClassVar[str] = "plan_revised"
    kind_version: ClassVar[int] = 1
    plan: Plan
    reason: str


# --- tasks ---


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    kind: ClassVar[str] = "task_started"
    kind_version: ClassVar[int] = 1
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReported:
    """The coder says that the task is done; the gates have still to agree."""

    kind: ClassVar[str] = "task_reported"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    report: Text
    impossible: bool = False
    """The coder says that the task cannot be done as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateIntended:
    kind: ClassVar[str] = "gate_intended"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    task_id: TaskId
    gate: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFinished:
    kind: ClassVar[str] = "gate_finished"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    task_id: TaskId
    result: GateResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CritiqueFinished:
    kind: ClassVar[str] = "critique_finished"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    approved: bool
    findings: tuple[Finding, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairBegun:
    """The coder goes at the task again with what the gates or the critique found."""

    kind: ClassVar[str] = "repair_begun"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    kind: ClassVar[str] = "task_finished"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    outcome: Literal["done", "failed", "skipped"]
    reason: str = ""


# --- model and tool calls ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallIntended:
    """Money is reserved in the ledger in the same transaction; None means that the price is unknown."""

    kind: ClassVar[str] = "model_call_intended"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    role: Role
    task_id: TaskId | None
    model: str
    counted_tokens: int
    reserved_nano_usd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallFinished:
    kind: ClassVar[str] = "model_call_finished"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    text: Text
    reasoning: Text
    tool_calls: tuple[RequestedToolCall, ...]
    stop_reason: StopReason
    usage: Usage
    cost_nano_usd: int | None
    duration_ms: int
    first_token_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallFailed:
    """`charged_nano_usd` is the reservation when it is not known whether the vendor billed the call."""

    kind: ClassVar[str] = "model_call_failed"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    category: str
    message: str
    retryable: bool
    charged_nano_usd: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallIntended:
    """`tree` is the draft before the effect: what a repetition after a crash begins from."""

    kind: ClassVar[str] = "tool_call_intended"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    effect: Effect
    tree: TreeId
    confined: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallFinished:
    """`tree` is the draft after an effect, None after a read. `title` is one line for people."""

    kind: ClassVar[str] = "tool_call_finished"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    outcome: ToolOutcome
    title: str
    text: Text
    touched: tuple[str, ...] = ()
    tree: TreeId | None = None
    duration_ms: int = 0


# --- questions ---


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequested:
    kind: ClassVar[str] = "decision_requested"
    kind_version: ClassVar[int] = 1
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTaken:
    kind: ClassVar[str] = "decision_taken"
    kind_version: ClassVar[int] = 1
    decision_id: DecisionId
    answer: str
    text: Text = EMPTY


# --- checkpoints ---


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointTaken:
    kind: ClassVar[str] = "checkpoint_taken"
    kind_version: ClassVar[int] = 1
    checkpoint_id: CheckpointId
    tree: TreeId
    label: str
    green: bool
    """True when every gate of the task passed or had nothing to say; False for a state kept for reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRestored:
    """The draft went back to `tree`; `replaced` is where it was, so that the restore can be undone."""

    kind: ClassVar[str] = "draft_restored"
    kind_version: ClassVar[int] = 1
    checkpoint_id: CheckpointId
    tree: TreeId
    replaced: TreeId
    reason: str


# --- trouble ---


@dataclass(frozen=True, slots=True, kw_only=True)
class StallNoticed:
    """The same failing call, or no progress; the coder is told, and stopped when it happens again."""

    kind: ClassVar[str] = "stall_noticed"
    kind_version: ClassVar[int] = 1
    task_id: TaskId
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftNoticed:
    """A recorded tool call no longer gives the recorded kind of outcome."""

    kind: ClassVar[str] = "drift_noticed"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    recorded: str
    seen: str


# --- proposal and apply ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade:
    """`verified` and `unverified` say in words what the evidence covers and what it does not."""

    kind: ClassVar[str] = "proposal_made"
    kind_version: ClassVar[int] = 1
    proposal: Proposal
    verified: tuple[str, ...]
    unverified: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HunksAccepted:
    kind: ClassVar[str] = "hunks_accepted"
    kind_version: ClassVar[int] = 1
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HunksRejected:
    kind: ClassVar[str] = "hunks_rejected"
    kind_version: ClassVar[int] = 1
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyIntended:
    """`document` says which bytes will replace which; a repetition after a crash changes nothing twice."""

    kind: ClassVar[str] = "apply_intended"
    kind_version: ClassVar[int] = 1
    apply_id: ApplyId
    hunks: tuple[HunkId, ...]
    document: DocumentId
    undoes: ApplyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFinished:
    kind: ClassVar[str] = "apply_finished"
    kind_version: ClassVar[int] = 1
    apply_id: ApplyId
    results: tuple[HunkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HunksObserved:
    """What was seen of hunks after the apply: in the buffer, on disk, or undone in the editor."""

    kind: ClassVar[str] = "hunks_observed"
    kind_version: ClassVar[int] = 1
    results: tuple[HunkResult, ...]


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
PlanEvent = WorkBegun | PlanProposed | PlanApproved | PlanRejected | PlanRevised
TaskEvent = TaskStarted | TaskReported | CritiqueFinished | RepairBegun | TaskFinished | StallNoticed
GateEvent = GateIntended | GateFinished
CallEvent = ModelCallIntended | ModelCallFinished | ModelCallFailed | ToolCallIntended | ToolCallFinished | DriftNoticed
DecisionEvent = DecisionRequested | DecisionTaken
DraftEvent = CheckpointTaken | DraftRestored
ProposalEvent = ProposalMade | HunksAccepted | HunksRejected | ApplyIntended | ApplyFinished | HunksObserved
SessionEvent = LifeEvent | PlanEvent | TaskEvent | GateEvent | CallEvent | DecisionEvent | DraftEvent | ProposalEvent
