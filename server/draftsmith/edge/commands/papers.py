"""Documents of ours: opened, and what is written in them sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import AnswerParams, EditPlanParams, EditPlanResult, Empty, PlanText, SessionRef
from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.edge.commands.arguments import maybe_text_at, session_at, text_at
from draftsmith.edge.commands.starting import start_session
from draftsmith.edge.papers.contents import answer_paper, conflict_paper, plan_paper, summary_paper
from draftsmith.edge.papers.desk import Paper, plan_of, words_of
from draftsmith.edge.showing.hover import about_hunk
from draftsmith.edge.sides import Side, conflict_of, uri_of_side

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue

CONFLICT_SIDES: tuple[Side, ...] = ("base", "workspace", "draft", "offered", "conflict")


async def submit(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI of a request, an answer or a plan]: start what the request says, send the answer, send the changed plan"""
    uri = text_at(arguments, 0, "URI")
    paper = edge.desk.paper_at(uri)
    if paper is None or paper.kind not in ("request", "answer", "plan"):
        raise UserError(
            "The document is not one that can be sent.",
            code="not_a_paper",
            remedy="Open one with `draftsmith.request`.",
        )
    document = edge.documents.get(uri)
    text = document.text if document is not None else await edge.desk.read(paper)
    words = words_of(text)
    if not words:
        raise UserError(
            "Nothing is written there yet.", code="empty_task", remedy="Write below the note what is to be done."
        )
    if paper.kind == "request":
        return await start_session(edge, words)
    if paper.kind == "plan":
        return await send_plan(edge, paper, plan_of(text))
    followed = await edge.following.follow(paper.subject)
    if all(one["id"] != paper.detail for one in followed.questions):
        raise _answered()
    params = AnswerParams(session_id=paper.subject, decision_id=paper.detail, answer=words, text="")
    await edge.link.call("decision/answer", params, Empty)
    return {"session_id": paper.subject}


async def send_plan(edge: Edge, paper: Paper, text: str) -> JsonValue:
    """The plan as the user changed it takes the place of the one that waits. Raises UserError (`plan_unreadable`)."""
    known = await edge.link.call("plan/read", SessionRef(session_id=paper.subject), PlanText)
    if known["decision_id"] is None:
        raise _answered()
    params = EditPlanParams(session_id=paper.subject, decision_id=known["decision_id"], text=text)
    await edge.link.call("plan/edit", params, EditPlanResult)
    return {"session_id": paper.subject}


async def saved(edge: Edge, paper: Paper, text: str) -> None:
    """A plan that was changed and saved is sent; one that was only saved is not."""
    if paper.kind != "plan":
        return
    try:
        known = await edge.link.call("plan/read", SessionRef(session_id=paper.subject), PlanText)
        if known["decision_id"] is not None and plan_of(text).strip() != known["text"].strip():
            await send_plan(edge, paper, plan_of(text))
            edge.editor.say("info", "Draftsmith: the work goes on along your plan.")
    except DraftsmithError as refused:
        edge.editor.say("error", f"Draftsmith: the plan was not taken. {refused}")


async def why(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session, hunk] → {markdown}: which task, why, which gate proved it"""
    followed = await edge.following.follow(text_at(arguments, 0, "session"))
    hunk_id = text_at(arguments, 1, "hunk")
    hunk = next((one for one in followed.hunks if one["id"] == hunk_id), None)
    if hunk is None:
        raise UserError(f"There is no hunk {hunk_id}.", code="unknown_hunk", remedy="The proposal was made anew.")
    text = about_hunk(followed, hunk, followed.texts.get(hunk_id))
    if not edge.editor.features.own_sessions:
        await edge.desk.lay_out(Paper(kind="why", subject=followed.session_id, detail=hunk_id), text + "\n")
    return {"markdown": text}


async def conflict(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session, hunk] → {uri, path, conflict, sides}: the document, and where the three texts can be read"""
    followed = await edge.following.follow(text_at(arguments, 0, "session"))
    hunk_id = text_at(arguments, 1, "hunk")
    hunk = next((one for one in followed.hunks if one["id"] == hunk_id), None)
    if hunk is None:
        raise UserError(f"There is no hunk {hunk_id}.", code="unknown_hunk", remedy="The proposal was made anew.")
    real = followed.path_of(hunk["root"], hunk["path"])
    found = await conflict_of(edge, followed, real)
    path = edge.folders.editor_path(real)
    sides: JsonObject = {side: uri_of_side(side, followed.session_id, path) for side in CONFLICT_SIDES}
    told: JsonObject = {"path": path, "sides": sides, "uri": None}
    if not edge.editor.features.own_hunks:
        paper = Paper(kind="conflict", subject=followed.session_id, detail=hunk_id)
        told["uri"] = await edge.desk.lay_out(paper, conflict_paper(hunk["path"], found.own, found.conflicts))
    return told


async def plan(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?] → {uri}"""
    followed = await session_at(edge, arguments, 0)
    known = await edge.link.call("plan/read", SessionRef(session_id=followed.session_id), PlanText)
    text = plan_paper(followed.title, known["text"], open_question=known["decision_id"] is not None)
    return {"uri": await edge.desk.lay_out(Paper(kind="plan", subject=followed.session_id), text)}


async def summary(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?] → {uri}"""
    followed = await session_at(edge, arguments, 0)
    paper = Paper(kind="summary", subject=followed.session_id)
    return {"uri": await edge.desk.lay_out(paper, summary_paper(followed))}


async def question(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[session?, question?]: ask an open question again, as a message or as a document where it takes words"""
    followed = await session_at(edge, arguments, 0)
    wanted = maybe_text_at(arguments, 1)
    found = [one for one in followed.questions if wanted in ("", one["id"])]
    if not found:
        raise UserError("Nothing is asked any more.", code="no_open_decision", remedy="It was answered elsewhere.")
    asked = found[0]
    if asked["subject"] == "plan":
        return await plan(edge, [followed.session_id])
    if asked["options"] and not edge.editor.features.own_questions:
        edge.questions.ask_again(followed, asked)
        return None
    paper = Paper(kind="answer", subject=followed.session_id, detail=asked["id"])
    return {"uri": await edge.desk.lay_out(paper, answer_paper(asked))}


def _answered() -> UserError:
    return UserError("The question is not open any more.", code="no_open_decision", remedy="It was answered elsewhere.")
