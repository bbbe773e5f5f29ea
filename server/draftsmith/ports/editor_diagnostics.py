"""What the editors that are connected show as wrong in the user's files: asked for when it is wanted, never kept.

It speaks of the user's text, which the draft may have left behind; `sha256` says of which text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

DiagnosticSeverity = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorDiagnostic:
    """Lines count from 1. `message` is text of somebody else's, in one line and bounded."""

    line: int
    end_line: int
    severity: DiagnosticSeverity
    code: str
    source: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosedFile:
    """`sha256` is that of the text that an editor has open; empty for a file that it has not open. `more` were left
    out because there were too many."""

    root: int
    path: str
    client: str
    unsaved: bool
    sha256: str
    diagnostics: tuple[EditorDiagnostic, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDiagnostics:
    """`asked` are the editors that can be asked. `left_out` says in words what is not here, and why."""

    asked: tuple[str, ...]
    files: tuple[DiagnosedFile, ...]
    left_out: tuple[str, ...]


class EditorDiagnostics(Protocol):
    async def shown(self, root: int | None, path: str) -> ShownDiagnostics:
        """Of one file by root and relative path, or of all folders when `root` is None.

        Raises AdapterError when there is no way to ask.
        """
        ...
