"""What editors hold: said by a client that has open documents, and asked of it when hunks go into its buffers.

Paths are absolute. A hash is the SHA-256 of a buffer's text in UTF-8, in hexadecimal; offsets and lengths of text
count UTF-16 code units.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from draftsmith.protocol.model import Count, Message

MAX_DOCUMENTS = 10_000
MAX_PAGE = 1_000_000
"""UTF-16 code units of text in one answer to `buffers/read`: escaped it still fits a frame."""

MAX_DIAGNOSED = 200
"""Documents in one answer to `buffers/diagnostics`."""
MAX_DIAGNOSTICS = 100
"""Diagnostics of one document there."""
MAX_MESSAGE = 500
MAX_CODE = 60

Hash = Annotated[str, Field(max_length=64)]
Operation = Literal["create", "rename", "delete"]
Happened = Literal["opened", "changed", "saved", "closed"]


class HeldDocument(Message):
    """An open document. `dirty`: it was changed in the editor since it was last like the file."""

    path: str = Field(max_length=4_096)
    version: Count
    dirty: bool
    sha256: Hash


class HeldParams(Message):
    """Everything that the client holds, in place of what it said before."""

    holder: str = Field(
        min_length=1, max_length=64, description="The client's own name for itself, the same after a reconnect."
    )
    operations: tuple[Operation, ...] = Field(description="What the editor can do to a file that it holds.")
    diagnostics: bool = Field(default=False, description="It answers `buffers/diagnostics`.")
    undoable_files: bool = Field(
        default=False,
        description="It creates files with their text and deletes files not held, in edits that it can undo.",
    )
    documents: tuple[HeldDocument, ...] = Field(max_length=MAX_DOCUMENTS)


class ObservedDocument(Message):
    """`closed` says nothing of the text."""

    path: str = Field(max_length=4_096)
    happened: Happened
    version: Count
    dirty: bool
    sha256: Hash | None


class ObservedParams(Message):
    documents: tuple[ObservedDocument, ...] = Field(min_length=1, max_length=MAX_DOCUMENTS)


class ReadParams(Message):
    """A page of a document's text, from `offset` on."""

    path: str
    offset: Count
    limit: Count


class ReadResult(Message):
    """`held` false: the document is not open. `sha256` is that of the whole text: pages of one hash belong together."""

    held: bool
    version: Count
    sha256: Hash | None
    text: str = Field(max_length=2 * MAX_PAGE)
    length: Count = Field(description="Of the whole text.")


class TextReplacement(Message):
    """`text` in place of what stands from `start` to before `end`, counted in the text before the change."""

    start: Count
    end: Count
    text: str


class BufferChange(Message):
    """What is to happen to one document, if its text still has the hash `before`.

    `edit` replaces text; `delete` takes the file away; `rename` moves it to `new_path` and then replaces text; `create`
    makes a file of the text in `edits`. Without a file there is no hash.
    """

    path: str
    action: Literal["edit", "delete", "rename", "create"]
    new_path: str
    before: str
    after: str
    edits: tuple[TextReplacement, ...]
    on_disk: bool = Field(
        default=False,
        description="It is about a file that is not open, and hashes are of its bytes. Only asked of who says "
        "`undoable_files`.",
    )


class ApplyBuffersParams(Message):
    """One undoable edit. What is not begun within `seconds` must not be begun any more."""

    apply_id: str
    label: str
    seconds: Count
    changes: tuple[BufferChange, ...]


class BufferOutcome(Message):
    """`seen`: the document was seen to have the hash `after`. `moved`: it had another text, or the editor's version had
    gone on; nothing was done. `refused`: the editor would not. `unseen`: the editor agreed, but the text never came."""

    path: str
    state: Literal["seen", "moved", "refused", "unseen"]
    sha256: Hash | None
    reason: str = Field(max_length=1_000)


class ApplyBuffersResult(Message):
    outcomes: tuple[BufferOutcome, ...] = Field(max_length=MAX_DOCUMENTS)


class DiagnosticsParams(Message):
    """`paths` are folders, or one file."""

    paths: tuple[str, ...]


class ShownDiagnostic(Message):
    """Lines count from 1."""

    line: int = Field(ge=1, le=2**31)
    end_line: int = Field(ge=1, le=2**31)
    severity: Literal["error", "warning", "information", "hint"]
    code: str = Field(max_length=MAX_CODE)
    source: str = Field(max_length=MAX_CODE)
    message: str = Field(max_length=MAX_MESSAGE)


class DiagnosedDocument(Message):
    """`sha256` and `dirty` are those of the open document that the diagnostics speak of; of a file that is not open
    there is no hash. `more` were left out, because there were too many."""

    path: str = Field(max_length=4_096)
    dirty: bool
    sha256: Hash | None
    diagnostics: tuple[ShownDiagnostic, ...] = Field(max_length=MAX_DIAGNOSTICS)
    more: Count


class DiagnosticsResult(Message):
    """`stale` are documents whose diagnostics speak of another version than the one that is open now."""

    documents: tuple[DiagnosedDocument, ...] = Field(max_length=MAX_DIAGNOSED)
    stale: tuple[str, ...] = Field(max_length=MAX_DIAGNOSED)
    more: Count = Field(description="Documents that were left out, because there were too many.")
