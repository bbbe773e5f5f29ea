"""The open documents, exactly as the editor holds them, and who wants to know of their changes.

Nothing here reads or writes a file. Listeners are called in the loop, in order, and must not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from draftsmith.edge.positions import DEFAULT_ENCODING, Encoding
from draftsmith.edge.text import LineEdit, Lines, Range
from draftsmith.edge.uris import path_of


@dataclass(slots=True, kw_only=True, eq=False)
class Document:
    """One open document. Only `Documents` changes it.

    `uri` is spelled as the client spelled it when it opened the document. `path` is None without a file (untitled).
    `saved_version` is the version that was last known to be on disk; None until then.
    """

    uri: str
    path: str | None
    language: str
    version: int
    lines: Lines
    saved_version: int | None

    @property
    def text(self) -> str:
        return self.lines.text

    @property
    def dirty(self) -> bool:
        """Whether the editor has changed it since it was last known to be like the file."""
        return self.path is None or self.saved_version != self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """`edits` in the order of their happening; each counts lines as the one before left them."""

    kind: Literal["changed"] = "changed"
    edits: tuple[LineEdit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    kind: Literal["saved"] = "saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The document still holds its last text; it is no longer among the documents."""

    kind: Literal["closed"] = "closed"


Happening = Opened | Changed | Saved | Closed
Listener = Callable[[Document, Happening], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One content change: `text` in place of `span`, or of everything."""

    text: str
    span: Range | None = None


@dataclass(slots=True)
class Documents:
    """Set `encoding` before the first document is opened."""

    encoding: Encoding = DEFAULT_ENCODING
    _held: dict[str, Document] = field(default_factory=dict[str, Document])
    _listeners: list[Listener] = field(default_factory=list[Listener])

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for everything that happens from now on; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def get(self, uri: str) -> Document | None:
        """The document of this URI, however it is spelled."""
        return self._held.get(_key(uri))

    def at_path(self, path: str) -> Document | None:
        """The document of this file (an absolute path as the editor knows it)."""
        return self._held.get(path)

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._held.values()))

    def __len__(self) -> int:
        return len(self._held)

    def open(self, uri: str, language: str, version: int, text: str) -> Document:
        """A document that is open already is closed first: the client's word is the newer one."""
        self.close(uri)
        document = Document(
            uri=uri,
            path=path_of(uri),
            language=language,
            version=version,
            lines=Lines(text, self.encoding),
            saved_version=version,
        )
        self._held[_key(uri)] = document
        self._tell(document, Opened())
        return document

    def change(self, uri: str, version: int | None, changes: list[Replacement]) -> Document | None:
        """Apply the changes one after the other. None for a document that is not open: nothing can be done then.

        Without a version (clients of old) the held one is counted on.
        """
        document = self.get(uri)
        if document is None:
            return None
        edits = tuple(_apply(document.lines, change) for change in changes)
        document.version = document.version + 1 if version is None else version
        self._tell(document, Changed(edits=edits))
        return document

    def save(self, uri: str, text: str | None = None) -> Document | None:
        """What the editor wrote is what it holds; `text` comes from clients that send it along."""
        document = self.get(uri)
        if document is None:
            return None
        if text is not None and text != document.text:
            edit = document.lines.replace_all(text)
            self._tell(document, Changed(edits=(edit,)))
        document.saved_version = document.version
        self._tell(document, Saved())
        return document

    def close(self, uri: str) -> Document | None:
        document = self._held.pop(_key(uri), None)
        if document is not None:
            self._tell(document, Closed())
        return document

    def _tell(self, document: Document, happening: Happening) -> None:
        for listener in tuple(self._listeners):
            listener(document, happening)


def _apply(lines: Lines, change: Replacement) -> LineEdit:
    return lines.replace_all(change.text) if change.span is None else lines.replace(change.span, change.text)


def _key(uri: str) -> str:
    """Editors spell the URI of one file in several ways."""
    return path_of(uri) or uri
