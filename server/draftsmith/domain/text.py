"""Text that may be too long for an event."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from draftsmith.domain.ids import DocumentId

INLINE_LIMIT = 8_000
"""Characters that stay in the event; longer text goes to the documents by hash."""

PREVIEW_LIMIT = 2_000
"""Characters of a document that the event repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Inline text, or a preview of a document. `length` is in characters; `document` is None when inline."""

    preview: str = ""
    length: int = 0
    document: DocumentId | None = None

    @property
    def blank(self) -> bool:
        """Nothing but white space."""
        return self.document is None and not self.preview.strip()


EMPTY = Text()


def inline(text: str) -> Text:
    """Text of at most INLINE_LIMIT characters, kept in the event itself."""
    if len(text) > INLINE_LIMIT:
        raise ValueError(f"{len(text)} characters are too long to keep inline; put a document")
    return Text(preview=text, length=len(text))


def count(number: int, noun: str) -> str:
    """`1 task`, `2 tasks`: for regular nouns."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def hold(text: str) -> tuple[Text, tuple[bytes, ...]]:
    """The text for an event, and the document to append with it when it is too long to be inline."""
    if len(text) <= INLINE_LIMIT:
        return Text(preview=text, length=len(text)), ()
    content = text.encode("utf-8", "surrogatepass")
    document = DocumentId(hashlib.sha256(content).hexdigest())
    return Text(preview=text[:PREVIEW_LIMIT], length=len(text), document=document), (content,)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, which is how offsets count (as in LSP and in the editors' own strings)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_from(text: str, offset: int) -> str:
    """What follows `offset` UTF-16 code units; empty beyond the end."""
    if text.isascii():
        return text[offset:]
    return text.encode("utf-16-le", "surrogatepass")[2 * offset :].decode("utf-16-le", "replace")
