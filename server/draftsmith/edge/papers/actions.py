"""What can be done with a paper: its code actions, and the same as lenses at its top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.edge import lsp
from draftsmith.edge.action_kinds import PAPER
from draftsmith.edge.actions import Action
from draftsmith.edge.text import Position, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from draftsmith.edge.documents import Document
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.papers.desk import Paper
    from draftsmith.edge.values import JsonObject


def paper_actions(edge: Edge, document: Document, paper: Paper) -> Iterator[Action]:
    followed = edge.following.get(paper.subject)
    match paper.kind:
        case "request":
            yield _send("Start with Draftsmith", document)
        case "answer":
            yield _send("Send the answer", document)
        case "plan" if followed is not None:
            yield from _plan_actions(followed, document)
        case "summary" if followed is not None:
            session_id = followed.session_id
            if followed.waiting_hunks():
                for title, command in (("Accept all", "draftsmith.acceptAll"), ("Reject all", "draftsmith.rejectAll")):
                    yield Action(title=title, kind=PAPER, command=command, arguments=(session_id,))
            yield Action(title="Show it anew", kind=PAPER, command="draftsmith.summary", arguments=(session_id,))
        case "why" | "conflict" if followed is not None:
            yield from _hunk_actions(followed, paper)
        case _:
            pass


def _hunk_actions(followed: Followed, paper: Paper) -> Iterator[Action]:
    if any(hunk["id"] == paper.detail for hunk in followed.waiting_hunks()):
        accept = "Try again" if paper.kind == "conflict" else "Accept hunk"
        for title, command in ((accept, "draftsmith.accept"), ("Reject hunk", "draftsmith.reject")):
            yield Action(title=title, kind=PAPER, command=command, arguments=(paper.subject, [paper.detail]))


def _plan_actions(followed: Followed, document: Document) -> Iterator[Action]:
    for question in followed.questions:
        if question["subject"] == "plan":
            for answer, title in (("approve", "Approve the plan"), ("reject", "Reject the plan")):
                arguments = (followed.session_id, question["id"], answer)
                yield Action(title=title, kind=PAPER, command="draftsmith.answer", arguments=arguments)
            yield _send("Send the changed plan", document)


def paper_lenses(edge: Edge, document: Document, paper: Paper) -> list[JsonObject]:
    top = lsp.span(Range(Position(0, 0), Position(0, 0)))
    return [
        {"range": top, "command": lsp.command(action.title, action.command, list(action.arguments))}
        for action in paper_actions(edge, document, paper)
    ]


def _send(title: str, document: Document) -> Action:
    return Action(title=title, kind=PAPER, command="draftsmith.submit", arguments=(document.uri,), preferred=True)
