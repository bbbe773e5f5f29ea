"""What `decide` and the engine need to know of a session. Bounded, however long the log is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.conversation import Role
from draftsmith.domain.decisions import Decision
from draftsmith.domain.envelope import LOCAL_USER
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
from draftsmith.domain.images import AttachedImage
from draftsmith.domain.limits import DEFAULT_LIMITS, NOTHING_SPENT, Limits, Spent
from draftsmith.domain.plan import Plan, Task, TaskStatus
from draftsmith.domain.policy import Rule
from draftsmith.domain.proposal import ApplyRecord, BufferEdit, Proposal
from draftsmith.domain.roots import Root
from draftsmith.domain.session.events import (
    Autonomy,
    Effect,
    EnvironmentOutcome,
    ErrorCategory,
    RequestedToolCall,
)
from draftsmith.domain.text import EMPTY, Text

NO_SESSION = SessionId("")
NO_WORKSPACE = WorkspaceId("")

KEPT = 50
"""How many checkpoints, applies, answered decisions and ended tasks of earlier rounds the state remembers; older ones
are in the read tables."""

KEPT_BASELINES = 8

KEPT_ENVIRONMENTS = 16

KEPT_CALLS = 16
"""How many tool calls the stall detection looks back on."""

SessionStatus = Literal["starting", "working", "waiting", "proposed", "finished", "stopped", "cancelled"]
TaskPhase = Literal["coding", "gates", "critique", "closing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgress:
    """`repairs` counts how often gates or critique sent the coder back; `report` is the coder's closing word."""

    task: Task
    status: TaskStatus = "pending"
    phase: TaskPhase = "coding"
    repairs: int = 0
    stalls: int = 0
    report: str = ""
    impossible: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModelCall:
    call_id: CallId
    role: Role
    task_id: TaskId | None
    model: str
    reserved_nano_usd: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingToolCall:
    """A tool call that the model asked for. `effect` and `tree` are set once the intent is recorded."""

    request: RequestedToolCall
    role: Role
    task_id: TaskId | None
    effect: Effect | None = None
    tree: TreeId | None = None
    confined: bool = True
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGate:
    call_id: CallId
    task_id: TaskId
    gate: str
    command: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEnvironment:
    """An environment that is being made."""

    call_id: CallId
    wanted: str
    name: str
    command: str
    network: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEnvironment:
    """How the last try to make an environment ended, and all hosts that its tries asked for in vain."""

    wanted: str
    outcome: EnvironmentOutcome
    key: str = ""
    hosts: tuple[str, ...] = ()
    tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """`report` None: the run cannot be read; `passed` is how its command ended."""

    base: TreeId
    root: int
    command: str
    passed: bool
    report: DocumentId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    checkpoint_id: CheckpointId
    tree: TreeId
    label: str
    green: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredDecision:
    decision_id: DecisionId
    answer: str
    client: str
    text: Text = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTrace:
    """What stall detection compares: the call, how it ended, and whether the draft moved."""

    name: str
    arguments: str
    outcome: str
    tree: TreeId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApply:
    apply_id: ApplyId
    hunks: tuple[HunkId, ...]
    document: DocumentId
    undoes: ApplyId | None
    buffers: tuple[BufferEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    category: ErrorCategory
    reason: str
    way_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringModel:
    """The model, and the key or server, that answered a role last."""

    role: Role
    model: str
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """The fold of a session's stream. `version` is the version of the last event, 0 before the first."""

    version: int = 0
    updated_at: int = 0
    created_at: int = 0
    session_id: SessionId = NO_SESSION
    owner: str = LOCAL_USER
    """Who started it."""
    workspace_id: WorkspaceId = NO_WORKSPACE
    roots: tuple[Root, ...] = ()
    request: Text = EMPTY
    title: str = ""
    autonomy: Autonomy = "ask"
    limits: Limits = DEFAULT_LIMITS
    model: str = ""
    recording: DocumentId | None = None
    overlays: DocumentId | None = None
    allow_home: bool = False
    forked_from: SessionId | None = None
    images: tuple[AttachedImage, ...] = ()
    ignored_folders: tuple[str, ...] = ()
    ignored_kinds: tuple[str, ...] = ()
    status: SessionStatus = "starting"
    runner_id: RunnerId | None = None
    fence: int = 0
    base: TreeId | None = None
    base_is_old: bool = False
    """A further round was asked for: it begins with a new snapshot of what the user has now."""
    draft: TreeId | None = None
    plan: Plan | None = None
    plan_approved: bool = False
    plan_edited: bool = False
    """The plan is the user's own wording of the one proposed."""
    plan_rejections: int = 0
    tasks: tuple[TaskProgress, ...] = ()
    active: TaskId | None = None
    model_call: OpenModelCall | None = None
    tool_calls: tuple[PendingToolCall, ...] = ()
    gate: OpenGate | None = None
    environment: OpenEnvironment | None = None
    environments: tuple[KnownEnvironment, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    """Runs of tests on a base, newest last."""
    gates: tuple[GateResult, ...] = ()
    """Latest result of each gate for the active task, or for the last one when none is active."""
    findings: tuple[Finding, ...] = ()
    critique_approved: bool | None = None
    idle_replies: int = 0
    """Model replies in a row that called no tool."""
    checkpoints: tuple[Checkpoint, ...] = ()
    decisions: tuple[Decision, ...] = ()
    answered: tuple[AnsweredDecision, ...] = ()
    rules: tuple[Rule, ...] = ()
    """On commands, for this session alone."""
    workspace_rules: tuple[Rule, ...] = ()
    proposal: Proposal | None = None
    apply: OpenApply | None = None
    applies: tuple[ApplyRecord, ...] = ()
    spent: Spent = NOTHING_SPENT
    trace: tuple[CallTrace, ...] = ()
    stopped: Stopped | None = None
    models: tuple[AnsweringModel, ...] = ()
    unread_messages: int = 0
    """Messages of the user that no model call has seen yet."""

    @property
    def active_task(self) -> TaskProgress | None:
        return next((task for task in self.tasks if task.task.task_id == self.active), None)

    @property
    def green(self) -> Checkpoint | None:
        """The last state in which everything that was checked passed."""
        return next((point for point in reversed(self.checkpoints) if point.green), None)

    @property
    def applies_itself(self) -> bool:
        """With full autonomy a proposal is applied unasked when everything was done, passed and approved.

        A hunk with a note has been tried before, and is left to the user.
        """
        if self.autonomy != "auto" or self.status != "proposed" or self.proposal is None or self.apply is not None:
            return False
        green = all(task.status == "done" for task in self.tasks) and all(
            gate.verdict == "passed" for gate in self.gates
        )
        green = green and self.critique_approved is True
        return green and any(hunk.status == "pending" and not hunk.note for hunk in self.proposal.hunks)

    @property
    def over(self) -> bool:
        """Nothing more is done unless the user asks for it."""
        return self.status in ("finished", "stopped", "cancelled", "proposed")
