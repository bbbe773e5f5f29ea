"""Deciding hunks, and taking an apply back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from draftsmith.client.messages import DecideResult, HunksParams, UndoParams
from draftsmith.domain.errors import UserError
from draftsmith.domain.text import count
from draftsmith.edge.commands.arguments import ids_at, maybe_text_at, session_at, text_at

if TYPE_CHECKING:
    from draftsmith.client.messages import HunkOutcome
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.values import JsonValue

Verdict = Literal["accept", "reject"]


async def accept(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session, hunk or hunks] → {results}"""
    return await _decide(edge, text_at(arguments, 0, "session"), ids_at(arguments, 1), "accept")


async def reject(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session, hunk or hunks] → {results}"""
    return await _decide(edge, text_at(arguments, 0, "session"), ids_at(arguments, 1), "reject")


async def accept_file(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, session?] → {results}"""
    return await _decide_file(edge, arguments, "accept")


async def reject_file(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, session?] → {results}"""
    return await _decide_file(edge, arguments, "reject")


async def accept_all(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?] → {results}"""
    return await _decide_all(edge, await session_at(edge, arguments, 0), "accept")


async def reject_all(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?] → {results}"""
    return await _decide_all(edge, await session_at(edge, arguments, 0), "reject")


async def undo(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?, apply?] → {results}"""
    followed = await session_at(edge, arguments, 0)
    params = UndoParams(session_id=followed.session_id, apply_id=maybe_text_at(arguments, 1) or None)
    return _told(edge, (await edge.link.call("proposal/undo", params, DecideResult))["results"])


async def _decide_file(edge: Edge, arguments: list[JsonValue], verdict: Verdict) -> JsonValue:
    uri, session_id = text_at(arguments, 0, "URI"), maybe_text_at(arguments, 1)
    from draftsmith.edge.uris import path_of

    document = edge.documents.get(uri)
    path = document.path if document is not None else path_of(uri)
    results: list[HunkOutcome] = []
    if path is not None:
        real = edge.folders.real_path(path)
        for followed in edge.following:
            hunks = [hunk["id"] for hunk in followed.waiting_hunks(real)]
            if hunks and session_id in ("", followed.session_id):
                results += await _decided(edge, followed.session_id, hunks, verdict)
    if not results:
        raise _nothing_waits()
    return _told(edge, results)


async def _decide_all(edge: Edge, followed: Followed, verdict: Verdict) -> JsonValue:
    hunks = [hunk["id"] for hunk in followed.waiting_hunks()]
    if not hunks:
        raise _nothing_waits()
    return await _decide(edge, followed.session_id, hunks, verdict)


async def _decide(edge: Edge, session_id: str, hunks: list[str], verdict: Verdict) -> JsonValue:
    return _told(edge, await _decided(edge, session_id, hunks, verdict))


async def _decided(edge: Edge, session_id: str, hunks: list[str], verdict: Verdict) -> list[HunkOutcome]:
    params = HunksParams(session_id=session_id, hunk_ids=hunks)
    method: Literal["proposal/accept", "proposal/reject"] = (
        "proposal/accept" if verdict == "accept" else "proposal/reject"
    )
    return (await edge.link.call(method, params, DecideResult))["results"]


def _nothing_waits() -> UserError:
    return UserError("No hunk waits there.", code="no_pending_hunk", remedy="It may have been decided elsewhere.")


def _told(edge: Edge, results: list[HunkOutcome]) -> JsonValue:
    """What the user would not see by themselves is said."""
    conflicts = [one for one in results if one["status"] == "conflicted"]
    # In a buffer is where the user sees it: that it is not saved yet, the editor itself shows.
    notes = [one["note"] for one in results if one["note"] and one["status"] not in ("conflicted", "in_buffer")]
    if conflicts:
        reason = next((one["note"] for one in conflicts if one["note"]), "")
        edge.editor.say(
            "warning",
            f"Draftsmith: {count(len(conflicts), 'hunk')} in conflict with your own edits; your text was left alone. "
            f"{reason}".strip(),
        )
    for note in dict.fromkeys(notes):
        edge.editor.say("warning", f"Draftsmith: {note}")
    return {"results": cast("JsonValue", results)}
