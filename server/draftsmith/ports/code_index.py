"""What is defined, used and imported where, asked of a process of its own.

Folders are on the machine of the index, which reads them as they are: a draft is asked about like a workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

MAX_LIMIT = 200
"""Results of one page."""
DEFAULT_LIMIT = 30

SkipCounts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFolder:
    """`name` stands before paths when there are several folders. `base` is the snapshot that a draft was made from;
    `pristine` says that the draft still is that snapshot, so that others may begin from what is found."""

    name: str
    path: str
    base: str = ""
    pristine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """A file that the request is about, as far as is known: open, just changed, with diagnostics. Weight 0 to 1."""

    path: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMap:
    """`skipped` counts files that were left out, by reason. `tokens` is an estimate that errs on the high side."""

    text: str
    tokens: int
    files: int
    indexed_files: int
    skipped: SkipCounts = ()
    truncated: bool = False
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition; lines count from 1, `container` is the definition around it."""

    path: str
    line: int
    end_line: int
    name: str
    kind: str
    signature: str
    container: str = ""
    doc: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A line where something is used; `within` is the definition that it stands in."""

    path: str
    line: int
    text: str
    within: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolPage:
    """`cursor` gets the next page, None at the end. `total` counts all pages."""

    symbols: tuple[Symbol, ...]
    total: int
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePage:
    """As `SymbolPage`; `cut` says which bound ended the search early, if one did."""

    uses: tuple[Use, ...]
    total: int
    cursor: str | None = None
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The definitions of one text by line. `skipped` says why it was not looked at: `language`, or as in `CodeMap`."""

    symbols: tuple[Symbol, ...]
    skipped: str = ""


UseKind = Literal["calls", "references", "imports"]


class CodeIndex(Protocol):
    """All raise `AdapterError` (`index_unavailable`, `index_failed`) and `UserError` (`bad_query`, `bad_cursor`,
    `unknown_folder`)."""

    async def map(
        self, folders: Sequence[CodeFolder], *, words: str, focus: Sequence[Focus] = (), budget: int
    ) -> CodeMap:
        """What matters most for the words, within `budget` tokens."""
        ...

    async def symbols(
        self, folders: Sequence[CodeFolder], query: str, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
    ) -> SymbolPage:
        """Definitions whose names fit, the best first; `Holder.name` looks within a holder."""
        ...

    async def uses(
        self,
        folders: Sequence[CodeFolder],
        kind: UseKind,
        name: str,
        *,
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> UsePage:
        """Where a name is called or used, or a file or module imported. By name: receivers are not resolved."""
        ...

    async def similar(
        self,
        folders: Sequence[CodeFolder],
        *,
        path: str = "",
        line: int = 0,
        text: str = "",
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> SymbolPage:
        """Definitions that use what the one at a place uses, or what a text uses."""
        ...

    async def structure(
        self,
        folders: Sequence[CodeFolder],
        *,
        language: str,
        query: str,
        glob: str = "",
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> UsePage:
        """Where a tree-sitter query matches, in files of its language."""
        ...

    async def outline(self, path: str, text: str) -> Outline:
        """The definitions of a text, in the language that its path says. No folder is looked at."""
        ...

    async def close(self) -> None:
        """Lets go of the process; it ends by itself when nobody needs it."""
        ...
