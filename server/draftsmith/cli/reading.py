"""A session read once, for commands that show or decide and do not watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.held import HeldSession
from draftsmith.client.messages import (
    AttachParams,
    AttachResult,
    DocumentParams,
    DocumentResult,
    HunkTextsParams,
    HunkTextsResult,
    SessionEntity,
    SessionRef,
)
from draftsmith.domain.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.client.connection import HubConnection
    from draftsmith.client.messages import HunkText

DECIDABLE = frozenset({"pending", "conflicted", "reverted"})
"""States of hunks that still want a decision."""

_HUNKS_PAGE = 200
_MAX_DOCUMENT_BYTES = 4 * 1024 * 1024


async def read_session(hub: HubConnection, session_id: str) -> HeldSession:
    """The session as it is now."""
    held = HeldSession(session_id)
    result = await hub.call("session/attach", AttachParams(session_id=session_id), AttachResult)
    await hub.acknowledge("session/detach", SessionRef(session_id=session_id))
    if result["snapshot"] is None:
        raise AdapterError("The hub sent no snapshot of the session.", code="hub_garbage")
    held.replace(result["snapshot"])
    return held


def session_of(held: HeldSession) -> SessionEntity:
    """The session's own entity, which every snapshot holds."""
    found = held.of("session", SessionEntity)
    if not found:
        raise AdapterError("The hub sent a snapshot without the session.", code="hub_garbage")
    return found[0]


async def hunk_texts(hub: HubConnection, session_id: str, hunk_ids: Sequence[str] = ()) -> list[HunkText]:
    """The hunks with their lines, in the proposal's order; all of them when none are named."""
    found: list[HunkText] = []
    while True:
        params = HunkTextsParams(session_id=session_id, hunk_ids=list(hunk_ids), limit=_HUNKS_PAGE)
        if found:
            params["after"] = found[-1]["hunk_id"]
        page = await hub.call("proposal/hunks", params, HunkTextsResult)
        found += page["hunks"]
        if not page["more"] or not page["hunks"]:
            return found


async def whole_document(hub: HubConnection, document_id: str) -> str:
    """A long text with nothing left out, for files rather than screens."""
    parts: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = await hub.call("document/read", DocumentParams(document_id=document_id, offset=offset), DocumentResult)
        parts.append(page["text"])
        offset = page["next_offset"]
    return "".join(parts)


async def document_text(hub: HubConnection, document_id: str) -> str:
    """The whole of a long text, up to 4 MB."""
    parts: list[str] = []
    offset = 0
    while True:
        page = await hub.call("document/read", DocumentParams(document_id=document_id, offset=offset), DocumentResult)
        parts.append(page["text"])
        if page["next_offset"] is None:
            return "".join(parts)
        offset = page["next_offset"]
        if offset >= _MAX_DOCUMENT_BYTES:
            return "".join([*parts, f"\n[{page['length'] - offset:,} more bytes are left out]\n"])
