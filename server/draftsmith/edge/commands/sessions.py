"""Steering a session: answer, say something, stop, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import AnswerParams, Empty, LimitsParams, MessageParams, ResumeParams, SessionRef
from draftsmith.edge.commands.arguments import maybe_text_at, session_at, text_at

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


async def answer(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session, question, answer, words that go with it?]"""
    session_id, decision_id = text_at(arguments, 0, "session"), text_at(arguments, 1, "question")
    params = AnswerParams(
        session_id=session_id,
        decision_id=decision_id,
        answer=text_at(arguments, 2, "answer"),
        text=maybe_text_at(arguments, 3),
    )
    await edge.link.call("decision/answer", params, Empty)
    return None


async def cancel(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?]"""
    followed = await session_at(edge, arguments, 0)
    await edge.link.call("session/cancel", SessionRef(session_id=followed.session_id), Empty)
    return None


async def resume(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?]"""
    followed = await session_at(edge, arguments, 0)
    limits = LimitsParams(steps=None, seconds=None, nano_usd=None)
    params = ResumeParams(session_id=followed.session_id, limits=limits, model=None)
    await edge.link.call("session/resume", params, Empty)
    return None


async def message(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session, or empty for the one that changed last; words]"""
    words = text_at(arguments, 1, "words")
    followed = await session_at(edge, arguments, 0)
    await edge.link.call("session/message", MessageParams(session_id=followed.session_id, text=words), Empty)
    return None


async def sessions(edge: Edge, _arguments: list[JsonValue]) -> JsonValue:
    """[] → {sessions}: those that concern the editor's folders, newest first"""
    known = [(one, one.session) for one in edge.following]
    known.sort(key=lambda pair: pair[1]["updated_at"] if pair[1] else 0, reverse=True)
    lines: list[JsonValue] = []
    for followed, session in known:
        if session is not None:
            line: JsonObject = {
                "session_id": followed.session_id,
                "title": followed.title,
                "status": session["status"],
                "waiting_hunks": len(followed.waiting_hunks()),
                "questions": [one["id"] for one in followed.questions],
            }
            lines.append(line)
    return {"sessions": lines}
