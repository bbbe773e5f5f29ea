"""Messages about the user's repository: what changed, and its history. Read-only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.methods.session import SessionRef
from draftsmith.protocol.model import Count, Message


class GitRoot(SessionRef):
    """`root` is the number of one of the session's folders."""

    root: Count = 0


class GitFileLine(Message):
    """`path` is relative to the folder; a folder of untracked files ends in a slash. `before`: what it was renamed
    from."""

    path: str
    state: Literal["modified", "added", "deleted", "renamed", "untracked", "conflicted", "type"]
    staged: bool
    before: str


class GitStateResult(Message):
    """`branch` is empty when a commit is checked out by itself, `commit` before the first one. `cut`: there are
    more files than are told."""

    repository: bool
    branch: str
    commit: str
    files: tuple[GitFileLine, ...]
    cut: bool


class GitLogParams(GitRoot):
    path: str = Field(default="", max_length=4_096, description="Only commits that changed this file or folder.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200, description="From the page before.")


class CommitLine(Message):
    """`at` is the author's time, in milliseconds since 1970."""

    commit: str
    parents: tuple[str, ...]
    author: str
    at: int
    subject: str


class GitLogResult(Message):
    """Newest first. `cursor` is None on the last page."""

    commits: tuple[CommitLine, ...]
    cursor: str | None


class GitCommitParams(GitRoot):
    commit: str = Field(max_length=100)


class GitCommitResult(Message):
    """`files` are compared with the first parent; `cut`: there are more."""

    commit: CommitLine
    message: str
    files: tuple[GitFileLine, ...]
    cut: bool


class GitReadParams(GitRoot):
    path: str = Field(min_length=1, max_length=4_096)
    commit: str = Field(default="", max_length=100, description="Empty: what is checked out.")
