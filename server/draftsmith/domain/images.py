"""Pictures that a user sends with a request: what counts as one, and how large they may be.

Told by their first bytes, whatever a client calls them.
"""

from __future__ import annotations

from dataclasses import dataclass

from draftsmith.domain.ids import DocumentId

MAX_IMAGES = 5
MAX_IMAGE_BYTES = 3_750_000
"""What the strictest vendor takes, 5 MB as Base64."""
MAX_ALL_BYTES = 5_000_000
"""They travel in one frame of the protocol."""

KINDS = "PNG, JPEG, GIF or WebP"

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedImage:
    """`name` is for people; `document` holds the bytes."""

    name: str
    media_type: str
    size: int
    document: DocumentId


def media_type_of(content: bytes) -> str | None:
    """The media type of a picture that models read; None when it is none."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


def bad_images(sizes: tuple[int, ...]) -> str:
    """Why pictures of these sizes cannot be sent together; empty when they can."""
    if len(sizes) > MAX_IMAGES:
        return f"{len(sizes)} images are given; at most {MAX_IMAGES} go with a request."
    if any(size > MAX_IMAGE_BYTES for size in sizes):
        return f"An image has {max(sizes):,} bytes; at most {MAX_IMAGE_BYTES:,} are allowed."
    if sum(sizes) > MAX_ALL_BYTES:
        return f"The images have {sum(sizes):,} bytes together; at most {MAX_ALL_BYTES:,} are allowed."
    return ""
