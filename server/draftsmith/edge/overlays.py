"""The unsaved text of open documents, as it would be on disk: what a session sees instead of the files.

Editors show text without BOM and some with other line ends than the file has; both are put back.
"""

from __future__ import annotations

import asyncio
import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.client.messages import Overlay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from draftsmith.edge.documents import Documents
    from draftsmith.edge.folders import Folders

MOST_CHARACTERS = 6_000_000
"""Of all overlays together: they travel in one frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """`left_out` says of each document that could not be sent why."""

    overlays: tuple[Overlay, ...]
    left_out: tuple[str, ...]


async def unsaved_text(documents: Documents, folders: Folders, roots: Iterable[str]) -> Unsaved:
    """Of the dirty documents in these real folders."""
    wanted = tuple(root.rstrip("/") + "/" for root in roots)
    dirty: list[tuple[str, str]] = []
    for document in documents:
        if document.path is None or not document.dirty:
            continue
        path = folders.real_path(document.path)
        if path.startswith(wanted):
            dirty.append((path, document.text))
    return await asyncio.to_thread(_collected, dirty)


def _collected(dirty: list[tuple[str, str]]) -> Unsaved:
    overlays: list[Overlay] = []
    left_out: list[str] = []
    room = MOST_CHARACTERS
    for path, text in dirty:
        fitted, reason = _as_on_disk(path, text)
        if fitted is None:
            if reason:
                left_out.append(f"{path}: {reason}")
        elif len(fitted) > room:
            left_out.append(f"{path}: too long to be sent unsaved")
        else:
            room -= len(fitted)
            overlays.append(Overlay(path=path, text=fitted))
    return Unsaved(overlays=tuple(overlays), left_out=tuple(left_out))


def _as_on_disk(path: str, text: str) -> tuple[str | None, str]:
    """The text in the file's own form; None when it is what the file holds, or cannot be given (with the reason)."""
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return text, ""
    except OSError as failure:
        return None, f"it cannot be read ({failure.strerror})"
    bom = content.startswith(codecs.BOM_UTF8)
    try:
        held = content.decode("utf-8")
    except UnicodeDecodeError:
        return None, "it is not UTF-8; the session sees what is saved"
    if bom and not text.startswith("\ufeff"):
        text = "\ufeff" + text
    crlf = held.count("\r\n")
    if crlf and crlf == held.count("\n") and "\r" not in text:
        text = text.replace("\n", "\r\n")
    return (None, "") if text == held else (text, "")
