"""Sides of a file as text: base, draft, workspace, and proposed (what accepting all that waits would make of it).

Of a file in conflict also `offered`, the base with the conflicting hunks alone, and `conflict`, the user's text with
markers around what conflicts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never, cast
from urllib.parse import unquote

from draftsmith.domain.errors import UserError
from draftsmith.edge.alignment import align
from draftsmith.edge.conflicts import Conflict, conflicts_in, marked_text, offered_text
from draftsmith.edge.placing import place_in
from draftsmith.edge.rpc.errors import InvalidParams
from draftsmith.edge.text import split_lines
from draftsmith.edge.uris import uri_of

if TYPE_CHECKING:
    from draftsmith.client.messages import HunkEntity, HunkText
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.followed import Followed

Side = Literal["base", "draft", "workspace", "proposed", "offered", "conflict"]
SIDES: tuple[Side, ...] = ("base", "draft", "workspace", "proposed", "offered", "conflict")


async def side_text(edge: Edge, session_id: str, path: str, side: str) -> str:
    """Empty where the file does not exist. Raises UserError (`unknown_file`, `not_text`)."""
    if side not in SIDES:
        raise InvalidParams(f"`side` is {side!r}; it is one of {', '.join(SIDES)}.")
    followed = await edge.following.follow(session_id)
    real = edge.folders.real_path(path)
    place = followed.place_of(real)
    if place is None:
        raise UserError(f"{path} is in no folder of the session.", code="unknown_file")
    match cast("Side", side):
        case "workspace":
            document = edge.documents.at_path(edge.folders.editor_path(real))
            return document.text if document is not None else await _read(edge, session_id, place, "workspace") or ""
        case "proposed":
            return await _proposed(edge, followed, real, place)
        case "base" | "draft" as stored:
            return await _read(edge, session_id, place, stored) or ""
        case "offered":
            found = await conflict_of(edge, followed, real)
            return await asyncio.to_thread(offered_text, found.base, found.hunks)
        case "conflict":
            found = await conflict_of(edge, followed, real)
            return await asyncio.to_thread(marked_text, found.own, found.conflicts)
        case other:
            assert_never(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictedFile:
    """`own` is the user's text, unsaved if it is open."""

    own: str
    base: str
    hunks: tuple[tuple[HunkEntity, HunkText], ...]
    conflicts: tuple[Conflict, ...]


async def conflict_of(edge: Edge, followed: Followed, real: str) -> ConflictedFile:
    """Raises UserError (`no_conflict`, `unknown_file`, `not_text`)."""
    place = followed.place_of(real)
    if place is None:
        raise UserError(f"{real} is in no folder of the session.", code="unknown_file")
    conflicted = [hunk for hunk in followed.waiting_hunks(real) if hunk["status"] == "conflicted"]
    texts = await _texts(edge, followed, [hunk["id"] for hunk in conflicted])
    hunks = tuple((hunk, texts[hunk["id"]]) for hunk in conflicted if hunk["id"] in texts)
    if not hunks:
        raise UserError("Nothing of this file is in conflict.", code="no_conflict", remedy="It may be resolved.")
    if any(text["binary"] for _, text in hunks):
        raise UserError(f"{place[1]} is not text.", code="not_text", remedy="Keep your file, or reject the hunk.")
    document = edge.documents.at_path(edge.folders.editor_path(real))
    own = document.text if document is not None else await _read(edge, followed.session_id, place, "workspace") or ""
    base = await _read(edge, followed.session_id, place, "base") or ""
    conflicts = tuple(await asyncio.to_thread(conflicts_in, own, base, hunks))
    return ConflictedFile(own=own, base=base, hunks=hunks, conflicts=conflicts)


async def _texts(edge: Edge, followed: Followed, hunk_ids: list[str]) -> dict[str, HunkText]:
    """What is held of them, and what is still under way asked for: a hunk that came back a moment ago has none yet."""
    from draftsmith.client.messages import HunkTextsParams, HunkTextsResult

    found = {one: followed.texts[one] for one in hunk_ids if one in followed.texts}
    if missing := [one for one in hunk_ids if one not in found]:
        params = HunkTextsParams(session_id=followed.session_id, hunk_ids=missing)
        result = await edge.link.call("proposal/hunks", params, HunkTextsResult)
        found |= {text["hunk_id"]: text for text in result["hunks"]}
    return found


async def _proposed(edge: Edge, followed: Followed, real: str, place: tuple[int, str]) -> str:
    """The user's text, with the hunks that wait put where they belong."""
    document = edge.documents.at_path(edge.folders.editor_path(real))
    own = document.text if document is not None else await _read(edge, followed.session_id, place, "workspace")
    base = await _read(edge, followed.session_id, place, "base")
    waiting = followed.waiting_hunks(real)
    if own is None or base is None:
        return (await _read(edge, followed.session_id, place, "draft") or "") if waiting else own or ""
    held = await _texts(edge, followed, [hunk["id"] for hunk in waiting])
    texts = {hunk_id: text["after"] for hunk_id, text in held.items() if not text["binary"]}
    return await asyncio.to_thread(_with_hunks, own, base, waiting, texts)


def _with_hunks(own: str, base: str, hunks: list[HunkEntity], texts: dict[str, str]) -> str:
    lines = split_lines(own)
    crlf = bool(lines) and lines[0].endswith("\r\n")
    alignment = align(split_lines(base), lines)
    placed = [(place_in(hunk, alignment, len(lines)), texts[hunk["id"]]) for hunk in hunks if hunk["id"] in texts]
    for (start, count), after in sorted(placed, reverse=True):
        fitted = after.replace("\r\n", "\n")
        lines[start : start + count] = [fitted.replace("\n", "\r\n") if crlf else fitted]
    return "".join(lines)


async def _read(
    edge: Edge, session_id: str, place: tuple[int, str], side: Literal["base", "draft", "workspace"]
) -> str | None:
    from draftsmith.client.messages import FileParams, FileResult

    params = FileParams(session_id=session_id, root=place[0], path=place[1], side=side)
    result = await edge.link.call("file/read", params, FileResult)
    if result["binary"]:
        raise UserError(
            f"{place[1]} is not text.", code="not_text", remedy="Accept or reject it as it is, without seeing it."
        )
    return result["text"]


def side_of_uri(uri: str) -> tuple[str, str, str]:
    """Side, session and absolute path of a `draftsmith:` URI."""
    scheme, _, rest = uri.partition(":")
    parts = rest.lstrip("/").split("/", 2)
    if scheme != "draftsmith" or len(parts) != 3:
        raise InvalidParams("The URI is not of the form draftsmith:/<side>/<session_id>/<absolute path>.")
    side, session_id, path = (unquote(part) for part in parts)
    drive = len(path) > 1 and path[1] == ":"
    return side, session_id, path if path.startswith("/") or drive else f"/{path}"


def uri_of_side(side: Side, session_id: str, path: str) -> str:
    """The `draftsmith:` URI of an absolute path."""
    return f"draftsmith:/{side}/{session_id}{uri_of(path).removeprefix('file://')}"
