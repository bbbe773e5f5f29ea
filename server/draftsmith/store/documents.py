"""Documents as stored: named by the hash of their bytes, compressed when that pays. No database here."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import DocumentId

MAX_BYTES = 64 << 20
"""Of one document, before compression."""
_WORTH_TRYING = 256
_LEVEL = 1  # text shrinks to a quarter at ten times the speed of level 9
_PAYS_BELOW = 0.9


def document_id(content: bytes) -> DocumentId:
    return DocumentId(hashlib.sha256(content).hexdigest())


def pack(content: bytes) -> dict[str, Any]:
    """The row of a document. Raises UserError (`document_too_large`)."""
    if len(content) > MAX_BYTES:
        raise UserError(
            f"A document of {len(content)} bytes cannot be kept; the limit is {MAX_BYTES}.",
            code="document_too_large",
            remedy="Leave the file out, or split it.",
        )
    packing, packed = "plain", content
    if len(content) >= _WORTH_TRYING:
        smaller = zlib.compress(content, _LEVEL)
        if len(smaller) < _PAYS_BELOW * len(content):
            packing, packed = "zlib", smaller
    return {
        "document_id": document_id(content),
        "size": len(content),
        "packing": packing,
        "content": packed,
    }


def unpack(name: DocumentId, packing: str, size: int, packed: bytes) -> bytes:
    """The bytes that `pack` took. Raises AdapterError (`store_damaged`) when they are not what they were."""
    content: bytes | None = packed
    if packing == "zlib":
        try:
            content = zlib.decompressobj().decompress(packed, max(size, 1))
        except zlib.error:
            content = None
    if content is None or packing not in ("plain", "zlib") or document_id(content) != name:
        raise AdapterError(
            f"Document {name} is damaged in the store.",
            code="store_damaged",
            remedy="Restart Draftsmith, which checks the store; what the document held is lost.",
        )
    return content
