"""Messages about the files of a session's workspace: folders, saving, what a file defines, a conflict's sides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.methods.code import SymbolLine
from draftsmith.protocol.model import Count, Message

Side = Literal["base", "draft", "workspace"]

MAX_SAVED = 2_500_000
"""Characters of a text that is saved."""


class FolderParams(Message):
    session_id: str
    root: Count = 0
    path: str = Field(default="", max_length=4_096, description="Empty: the root itself.")
    side: Side = "workspace"
    limit: int = Field(default=500, ge=1, le=2_000)
    cursor: str | None = Field(default=None, max_length=1_000, description="From the page before.")


class FolderEntryLine(Message):
    """`size` in bytes, None where it is not known. What is `other` cannot be opened."""

    name: str
    kind: Literal["folder", "file", "link", "other"]
    size: int | None


class FolderResult(Message):
    """Folders first, then by name. `cursor` is None on the last page."""

    entries: tuple[FolderEntryLine, ...]
    total: int
    cursor: str | None


class SaveParams(Message):
    """`version` is what `file/read` gave with the text that was edited; empty for a new file."""

    session_id: str
    root: Count = 0
    path: str = Field(min_length=1, max_length=4_096)
    side: Literal["draft", "workspace"] = "workspace"
    text: str = Field(max_length=MAX_SAVED, description="Lines end in LF; the file keeps its own line ends.")
    version: str = Field(default="", max_length=100)


class SaveResult(Message):
    """`changed`: the file is no longer what was edited, and was left alone. `held`: an editor has unsaved text of it.

    `version` is the file's version now; `reason` is for a person.
    """

    state: Literal["saved", "same", "changed", "held", "refused"]
    reason: str
    version: str


class FileSymbolsParams(Message):
    session_id: str
    root: Count = 0
    path: str = Field(min_length=1, max_length=4_096)
    side: Side = "workspace"


class FileSymbolsResult(Message):
    """By line. `skipped` says why the file was not looked at: `language`, `binary`, `too_large`, `minified`, …"""

    symbols: tuple[SymbolLine, ...]
    skipped: str


class ConflictParams(Message):
    session_id: str
    root: Count = 0
    path: str = Field(min_length=1, max_length=4_096)


class ConflictPart(Message):
    """A stretch of the file: merged by itself, as `text`, or to be decided between three."""

    conflict: bool
    text: str
    base: str
    yours: str
    draft: str


class ConflictResult(Message):
    """`parts` make the file from top to bottom; none where there is no text to show, with the `reason`.

    `version` is the user's file on disk, for `file/save`; `hunk_ids` are the hunks in conflict.
    """

    hunk_ids: tuple[str, ...]
    exists: bool
    version: str
    parts: tuple[ConflictPart, ...]
    reason: str
    note: str
