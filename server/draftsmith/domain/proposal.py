"""The proposal: files and hunks that a person accepts or rejects one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.ids import ApplyId, DocumentId, HunkId, TreeId
from draftsmith.domain.text import EMPTY, Text

HunkStatus = Literal["pending", "accepted", "in_buffer", "on_disk", "rejected", "conflicted", "reverted"]
FileKind = Literal["modify", "create", "delete", "mode", "symlink", "binary"]

DECIDABLE: frozenset[HunkStatus] = frozenset({"pending", "conflicted", "reverted", "rejected"})
"""States from which a hunk may be accepted."""

APPLIED: frozenset[HunkStatus] = frozenset({"in_buffer", "on_disk"})

OBSERVABLE: frozenset[HunkStatus] = APPLIED.union(("pending",))
"""States that are seen in editors and on disk, and never decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One piece of the difference. Lines count from 1 in the base; the text is in the proposal's document."""

    hunk_id: HunkId
    path: str
    root: int
    base_start: int
    base_length: int
    new_length: int
    status: HunkStatus = "pending"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFile:
    path: str
    root: int
    change: FileKind
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The difference between `base` and `tree`; `document` holds the hunks' text in the workspace's format."""

    base: TreeId
    tree: TreeId
    document: DocumentId
    files: tuple[ProposedFile, ...]
    hunks: tuple[Hunk, ...]
    summary: Text = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkResult:
    hunk_id: HunkId
    status: HunkStatus
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferEdit:
    """A file that is changed in an editor's buffer, not on disk.

    `client` is the editor's name for people, `holder` the process that holds the text. `before` and `after` are the
    SHA-256 of the buffer's text in UTF-8; empty where the editor is to create the file, or to delete it.
    """

    client: str
    holder: str
    path: str
    root: int
    before: str
    after: str
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRecord:
    """One apply, with the document from which it can be repeated after a crash or undone."""

    apply_id: ApplyId
    hunks: tuple[HunkId, ...]
    document: DocumentId
    undoes: ApplyId | None = None
    undone: bool = False
    buffers: tuple[BufferEdit, ...] = ()
