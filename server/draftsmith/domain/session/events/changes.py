"""The draft and its checkpoints, the proposal and its applying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from draftsmith.domain.ids import (
    ApplyId,
    CheckpointId,
    DocumentId,
    HunkId,
    TreeId,
)
from draftsmith.domain.proposal import BufferEdit, HunkResult, Proposal
from draftsmith.domain.text import EMPTY, Text


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade:
    """`verified` and `unverified` say in words what the evidence covers and what it does not. `title` is the session's
    from now on, empty where it stays; `described_by` the model that wrote it and the commit message, empty where they
    were made by rule."""

    kind: ClassVar[str] = "proposal_made"
    kind_version: ClassVar[int] = 2
    proposal: Proposal
    verified: tuple[str, ...]
    unverified: tuple[str, ...]
    title: str = ""
    commit_message: Text = EMPTY
    described_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalEdited:
    """A person changed what a hunk would write, or with an empty `hunk_id` a file of the draft. The draft is what
    the edited proposal gives; `note` says that the evidence is older than the edit."""

    kind: ClassVar[str] = "proposal_edited"
    kind_version: ClassVar[int] = 1
    hunk_id: HunkId
    proposal: Proposal
    note: str


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
    """`document` says which bytes will replace which; a repetition after a crash changes nothing twice.

    `buffers` are the files that an editor is asked to change; their text is told apart by its hash, before and after.
    """

    kind: ClassVar[str] = "apply_intended"
    kind_version: ClassVar[int] = 2
    apply_id: ApplyId
    hunks: tuple[HunkId, ...]
    document: DocumentId
    undoes: ApplyId | None = None
    buffers: tuple[BufferEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFinished:
    kind: ClassVar[str] = "apply_finished"
    kind_version: ClassVar[int] = 1
    apply_id: ApplyId
    results: tuple[HunkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HunksObserved:
    """What was seen of hunks after the apply: in the buffer, on disk, or, gone from both, pending again."""

    kind: ClassVar[str] = "hunks_observed"
    kind_version: ClassVar[int] = 1
    results: tuple[HunkResult, ...]


DraftEvent = CheckpointTaken | DraftRestored
ProposalEvent = (
    ProposalMade | ProposalEdited | HunksAccepted | HunksRejected | ApplyIntended | ApplyFinished | HunksObserved
)
