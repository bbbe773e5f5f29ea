"""The method that searches text in folders: bounded, ranked, with what stands around, and a cursor for more."""

from __future__ import annotations

from pydantic import Field

from draftsmith.protocol.methods.code import CodeFolders
from draftsmith.protocol.model import Count, Message


class SearchParams(CodeFolders):
    """`regex` is Rust's syntax; a pattern matches within one line."""

    pattern: str = Field(min_length=1, max_length=10_000)
    regex: bool = False
    ignore_case: bool = False
    glob: str | None = Field(default=None, max_length=500, description="Only files whose path fits.")
    context: int = Field(default=0, ge=0, le=10, description="Lines around each match.")
    include_ignored: bool = Field(default=False, description="Also what .gitignore leaves out.")
    limit: int = Field(default=100, ge=1, le=1_000, description="Matching lines of one page.")
    cursor: str | None = Field(default=None, max_length=5_000, description="From the page before.")


class FoundLine(Message):
    """`match` False: a line around one that matches."""

    line: Count
    text: str
    match: bool


class FoundFile(Message):
    path: str
    lines: tuple[FoundLine, ...]


class SearchResult(Message):
    """`total` counts matching lines, `files` the files that have any; `ended` says what ended the search early."""

    found: tuple[FoundFile, ...]
    total: Count
    files: Count
    ended: str
    cursor: str | None
