"""Methods about the proposal: read it, decide its hunks, undo."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.model import Count, Message


class HunksParams(Message):
    session_id: str
    hunk_ids: tuple[str, ...] = Field(min_length=1, max_length=10_000)


class HunkTextsParams(Message):
    session_id: str
    hunk_ids: tuple[str, ...] = Field(default=(), max_length=10_000, description="Empty: all, up to `limit`.")
    after: str | None = Field(default=None, description="Id of the last hunk held, in the proposal's order.")
    limit: int = Field(default=200, ge=1, le=1_000)


class HunkText(Message):
    """A hunk with its lines. Bytes that are not UTF-8 show as U+FFFD; `binary` hunks have no text."""

    hunk_id: str
    path: str
    root: int
    base_start: int
    status: str
    note: str
    binary: bool
    before: str
    after: str
    context_before: str
    context_after: str


class HunkTextsResult(Message):
    hunks: tuple[HunkText, ...]
    more: bool


class HunkOutcome(Message):
    """`conflict` has the three sides when the user's text and the hunk cannot be merged."""

    hunk_id: str
    status: str
    note: str = ""


class DecideResult(Message):
    results: tuple[HunkOutcome, ...]


class EditParams(Message):
    """What a hunk is to write instead; the same text as in the base takes the hunk away."""

    session_id: str
    hunk_id: str
    text: str = Field(max_length=2_000_000)


class EditResult(Message):
    """Ids of the hunks that stand where the edited one stood."""

    hunk_ids: tuple[str, ...]


class UndoParams(Message):
    """Undoes the last apply that is not undone, or the one named."""

    session_id: str
    apply_id: str | None = None


class FileParams(Message):
    """A side of one file, for a difference view: clients never read our folders."""

    session_id: str
    root: Count = 0
    path: str
    side: Literal["base", "draft", "workspace"]


class FileResult(Message):
    """`text` is None when the file does not exist on that side or is binary. `size` in bytes.

    `version` tells its content apart, for `file/save`; empty when there is none. `read_only` says why it cannot be
    edited, and is empty when it can.
    """

    exists: bool
    binary: bool
    text: str | None
    size: int
    version: str
    read_only: str
