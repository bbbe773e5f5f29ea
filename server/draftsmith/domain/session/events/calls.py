"""Model calls, tool calls, and questions to the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.conversation import Role, StopReason, Usage
from draftsmith.domain.decisions import Decision
from draftsmith.domain.ids import (
    CallId,
    DecisionId,
    TaskId,
    TreeId,
)
from draftsmith.domain.text import EMPTY, Text

Effect = Literal["read", "edit", "command", "control"]
ToolOutcome = Literal["ok", "mistake", "failed", "limit", "denied", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedToolCall:
    """A tool call in a model's reply; `arguments` is JSON text as the model wrote it."""

    call_id: CallId
    name: str
    arguments: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallIntended:
    """Money is reserved in the ledger in the same transaction; None means that the price is unknown.

    `endpoint` is the label of the key or server that is used, `reason` why this model was chosen.
    """

    kind: ClassVar[str] = "model_call_intended"
    kind_version: ClassVar[int] = 2
    call_id: CallId
    role: Role
    task_id: TaskId | None
    model: str
    counted_tokens: int
    reserved_nano_usd: int | None
    endpoint: str = ""
    reason: str = ""


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
class CommandUse:
    """What a command and all its processes used; None: not known. `stopped_by` names what ended it, empty when it ended
    by itself."""

    wall_ms: int
    cpu_ms: int
    peak_memory_bytes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    exit_code: int | None = None
    stopped_by: str = ""

    def describe(self) -> str:
        """In one line for people."""
        parts = [f"{self.wall_ms / 1000:.1f} s", f"{self.cpu_ms / 1000:.1f} s of processor time"]
        for size, what in (
            (self.peak_memory_bytes, "of memory"),
            (self.read_bytes, "read"),
            (self.written_bytes, "written"),
        ):
            if size:
                parts.append(f"{size / 1_000_000:,.0f} MB {what}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallFinished:
    """`tree` is the draft after an effect, None after a read. `title` is one line for people, `code` names the mistake
    or failure where it has a name. `used` is what a command used that has ended."""

    kind: ClassVar[str] = "tool_call_finished"
    kind_version: ClassVar[int] = 3
    call_id: CallId
    outcome: ToolOutcome
    title: str
    text: Text
    touched: tuple[str, ...] = ()
    tree: TreeId | None = None
    duration_ms: int = 0
    code: str = ""
    used: CommandUse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftNoticed:
    """A recorded tool call no longer gives the recorded kind of outcome."""

    kind: ClassVar[str] = "drift_noticed"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    recorded: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequested:
    kind: ClassVar[str] = "decision_requested"
    kind_version: ClassVar[int] = 2
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTaken:
    kind: ClassVar[str] = "decision_taken"
    kind_version: ClassVar[int] = 1
    decision_id: DecisionId
    answer: str
    text: Text = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSwitched:
    """Another model or key answers a role from now on than the one before."""

    kind: ClassVar[str] = "model_switched"
    kind_version: ClassVar[int] = 1
    role: Role
    model: str
    endpoint: str
    instead_of: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAwaited:
    """No usable model may be called now; the first is free again after about `wait_ms`."""

    kind: ClassVar[str] = "model_awaited"
    kind_version: ClassVar[int] = 1
    role: Role
    reason: str
    wait_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextCompacted:
    """A conversation no longer fitted: from now on outputs of tools up to event `elided_until` are left out of it, and
    all talk up to `folded_until` is told in short: by `digest`, a model's summary of it, or, where that is empty, line
    by line after the digest before. Up to `asked_until` a summary was asked for, whatever came of it."""

    kind: ClassVar[str] = "context_compacted"
    kind_version: ClassVar[int] = 2
    role: Role
    task_id: TaskId | None
    elided_until: int
    folded_until: int
    before_tokens: int
    after_tokens: int
    digest: Text = EMPTY
    asked_until: int = 0


CallEvent = (
    ModelCallIntended
    | ModelCallFinished
    | ModelCallFailed
    | ToolCallIntended
    | ToolCallFinished
    | DriftNoticed
    | ModelSwitched
    | ModelAwaited
    | ContextCompacted
)
DecisionEvent = DecisionRequested | DecisionTaken
