"""Methods about code: the map of folders, symbols, uses, similar code, structure. They change nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.model import Count, Message

MAX_MAP_TOKENS = 100_000
DEFAULT_LIMIT = 30
MAX_LIMIT = 200
"""Results of one page; the index's own bounds are the same."""


class CodeFolders(Message):
    """`folders` are absolute paths on the hub's machine; with several, paths begin with the folder's name."""

    folders: tuple[str, ...] = Field(min_length=1, max_length=50)


class Page(CodeFolders):
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(default=None, max_length=200, description="From the page before.")


class FocusFile(Message):
    path: str = Field(min_length=1, max_length=4_096)
    weight: int = Field(default=100, ge=0, le=100, description="Per cent.")


class MapParams(CodeFolders):
    words: str = Field(default="", max_length=100_000, description="What the map is for: a request, a question.")
    focus: tuple[FocusFile, ...] = Field(
        default=(), max_length=500, description="Files that are open, just changed, or have diagnostics."
    )
    tokens: int = Field(default=2_000, ge=100, le=MAX_MAP_TOKENS)


class SkippedFiles(Message):
    reason: str
    files: Count


class MapResult(Message):
    """`tokens` is an estimate on the high side; `truncated`: there are more files than the index takes."""

    text: str
    tokens: Count
    files: Count
    indexed_files: Count
    skipped: tuple[SkippedFiles, ...]
    truncated: bool
    notices: tuple[str, ...]


class SymbolsParams(Page):
    query: str = Field(min_length=1, max_length=500)


class SymbolLine(Message):
    path: str
    line: Count
    end_line: Count
    name: str
    kind: str
    signature: str
    container: str
    doc: str
    test: bool


class SymbolsResult(Message):
    symbols: tuple[SymbolLine, ...]
    total: Count
    cursor: str | None


class UsesParams(Page):
    kind: Literal["calls", "references", "imports"]
    name: str = Field(min_length=1, max_length=500, description="A name; for `imports` a file or a module.")


class UseLine(Message):
    path: str
    line: Count
    text: str
    within: str


class UsesResult(Message):
    """`cut` names the bound that ended the search early, if one did."""

    uses: tuple[UseLine, ...]
    total: Count
    cursor: str | None
    cut: str


class SimilarParams(Page):
    """A place or a text."""

    path: str = Field(default="", max_length=4_096)
    line: Count = 0
    text: str = Field(default="", max_length=100_000)


class StructureParams(Page):
    language: str = Field(min_length=1, max_length=200)
    query: str = Field(min_length=1, max_length=10_000, description="A tree-sitter query with a capture.")
    glob: str = Field(default="", max_length=500)
