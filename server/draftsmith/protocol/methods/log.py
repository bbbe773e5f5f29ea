"""Methods that look through a session's log: words in its steps, and what going back to a checkpoint would change."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.methods.code import CodeFolders
from draftsmith.protocol.model import Count, Message


class SearchStepsParams(Message):
    """`text` is looked for as it is, in titles, calls, words and results, without regard to case."""

    session_id: str
    text: str = Field(min_length=1, max_length=1_000)
    before: Count | None = Field(default=None, description="`searched_to` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class FoundStep(Message):
    """`place` counts the session's steps from 0."""

    step_id: str
    place: Count
    title: str
    excerpt: str
    at: int


class SearchStepsResult(Message):
    """Newest first. Steps older than `searched_to` were not looked at yet; None: all were."""

    found: tuple[FoundStep, ...]
    searched_to: Count | None


class CheckpointParams(Message):
    session_id: str
    checkpoint_id: str


class CheckpointFile(Message):
    """What restoring would do to one file of the draft. `added` and `removed` count lines."""

    path: str
    root: Count
    change: Literal["modify", "create", "delete", "mode", "symlink", "binary"]
    added: Count
    removed: Count


class CheckpointPreview(Message):
    """`total` counts all files; `note` says what of an older round would give way."""

    files: tuple[CheckpointFile, ...]
    total: Count
    note: str


class FindFilesParams(CodeFolders):
    """Files whose path has the letters of `query` in their order; empty: any."""

    query: str = Field(default="", max_length=200)
    limit: int = Field(default=20, ge=1, le=200)


class FindFilesResult(Message):
    """The best fit first; with several folders each path begins with its folder's name. `total` counts what fits."""

    paths: tuple[str, ...]
    total: Count
