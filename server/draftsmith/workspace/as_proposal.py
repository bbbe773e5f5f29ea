"""A difference as the domain's proposal: files and hunks without their text, which is in the document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from draftsmith.domain.ids import DocumentId, HunkId, TreeId
from draftsmith.domain.proposal import Hunk, Proposal, ProposedFile
from draftsmith.domain.text import Text
from draftsmith.workspace.changes import FileChange, TextHunk


def as_proposal(
    changes: Sequence[FileChange], *, base: TreeId, tree: TreeId, document: bytes, summary: Text
) -> Proposal:
    """`document` is what `encode_changes` made of the changes."""
    return Proposal(
        base=base,
        tree=tree,
        document=DocumentId(hashlib.sha256(document).hexdigest()),
        files=tuple(_file(change) for change in changes),
        hunks=tuple(_hunk(change, hunk) for change in changes for hunk in change.hunks),
        summary=summary,
    )


def _file(change: FileChange) -> ProposedFile:
    return ProposedFile(
        path=change.path,
        root=change.root,
        change=change.kind,
        hunks=tuple(HunkId(hunk.hunk_id) for hunk in change.hunks),
    )


def _hunk(change: FileChange, hunk: TextHunk) -> Hunk:
    return Hunk(
        hunk_id=HunkId(hunk.hunk_id),
        path=change.path,
        root=change.root,
        base_start=hunk.base_start,
        base_length=hunk.base_length,
        new_length=hunk.new.count(b"\n") + (bool(hunk.new) and not hunk.new.endswith(b"\n")),
    )
