"""What a client may ask of a session. The engine records events through `Record`, checked by the same rules."""

from __future__ import annotations

from dataclasses import dataclass

from draftsmith.domain.ids import (
    ApplyId,
    CheckpointId,
    DecisionId,
    DocumentId,
    HunkId,
    SessionId,
    TreeId,
    WorkspaceId,
)
from draftsmith.domain.images import AttachedImage
from draftsmith.domain.limits import Limits
from draftsmith.domain.plan import Plan
from draftsmith.domain.policy import Rule, RuleId
from draftsmith.domain.proposal import BufferEdit, HunkResult
from draftsmith.domain.roots import Root
from draftsmith.domain.session.events import Autonomy, SessionEvent
from draftsmith.domain.text import EMPTY, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession:
    session_id: SessionId
    workspace_id: WorkspaceId
    roots: tuple[Root, ...]
    request: Text
    autonomy: Autonomy
    limits: Limits
    model: str
    recording: DocumentId | None = None
    overlays: DocumentId | None = None
    allow_home: bool = False
    forked_from: SessionId | None = None
    images: tuple[AttachedImage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDecision:
    decision_id: DecisionId
    answer: str
    text: Text = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlan:
    """The plan that is asked about by `decision_id` is replaced, and approved with that."""

    decision_id: DecisionId
    title: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRule:
    """For this session alone."""

    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRule:
    rule_id: RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSession:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeSession:
    """`limits` None keeps what there is."""

    limits: Limits | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectHunks:
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginApply:
    """Hunks are accepted and about to be written as `document` says; with `undoes`, taken back again."""

    apply_id: ApplyId
    hunks: tuple[HunkId, ...]
    document: DocumentId
    undoes: ApplyId | None = None
    buffers: tuple[BufferEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndApply:
    apply_id: ApplyId
    results: tuple[HunkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCheckpoint:
    """`tree` is asked for by id; `checkpoint_id` names the new entry under which it is kept."""

    checkpoint_id: CheckpointId
    tree: TreeId
    reason: str = "Asked for by the user."


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Events that the hub or the runner that holds the session wants to append."""

    events: tuple[SessionEvent, ...]


SessionCommand = (
    StartSession
    | AnswerDecision
    | EditPlan
    | AddRule
    | RemoveRule
    | SendMessage
    | CancelSession
    | ResumeSession
    | RejectHunks
    | BeginApply
    | EndApply
    | RestoreCheckpoint
    | Record
)
