"""Code actions for a place: on hunks, on papers, on what the user selected, on what other servers found wrong.

Everything that a lens offers is here, too: some editors have no lenses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.domain.text import count
from draftsmith.edge import lsp
from draftsmith.edge.action_kinds import CHANGE, EXPLAIN, FIX, HUNK, SESSION, is_wanted
from draftsmith.edge.comments import comment_at
from draftsmith.edge.reading import maybe_text
from draftsmith.edge.showing.lenses import size_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from draftsmith.edge.documents import Document
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.features import Features
    from draftsmith.edge.text import Range
    from draftsmith.edge.values import JsonObject, JsonValue

_TITLE_MOST = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`only`: the kinds that the client wants; None for all."""

    document: Document
    span: Range
    diagnostics: tuple[JsonObject, ...]
    only: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    title: str
    kind: str
    command: str
    arguments: tuple[JsonValue, ...]
    diagnostics: tuple[JsonObject, ...] = ()
    preferred: bool = False

    def as_lsp(self, features: Features) -> JsonObject:
        """A command alone for clients that know no literals; its command later for those that ask for it later."""
        command = lsp.command(self.title, self.command, list(self.arguments))
        if not features.code_action_literals:
            return command
        action: JsonObject = {"title": self.title, "kind": self.kind}
        if features.lazy_actions:
            action["data"] = {"command": command}
        else:
            action["command"] = command
        if self.diagnostics:
            action["diagnostics"] = list(self.diagnostics)
        if self.preferred:
            action["isPreferred"] = True
        return action


def actions_at(edge: Edge, asked: Asked) -> list[Action]:
    if edge.notebooks.is_cell(asked.document.uri):
        return []
    paper = edge.desk.paper_at(asked.document.uri)
    if paper is not None:
        # Late: only papers need it.
        from draftsmith.edge.papers.actions import paper_actions

        found = list(paper_actions(edge, asked.document, paper))
    else:
        found = [*_hunk_actions(edge, asked), *_fixes(asked), *_selection_actions(asked)]
    found += _session_actions(edge)
    return [action for action in found if is_wanted(action.kind, asked.only)]


def _hunk_actions(edge: Edge, asked: Asked) -> Iterator[Action]:
    placed = edge.placing.hunks_in(asked.document)
    first, last = asked.span.start.line, asked.span.end.line
    here = [one for one in placed if one.covers(first, last)]
    for one in here:
        session_id, hunk_id = one.followed.session_id, one.hunk["id"]
        where = f"{size_of(one)} at line {one.start + 1}"
        yield Action(
            title=f"Accept hunk {where}", kind=HUNK, command="draftsmith.accept", arguments=(session_id, [hunk_id])
        )
        yield Action(
            title=f"Reject hunk {where}", kind=HUNK, command="draftsmith.reject", arguments=(session_id, [hunk_id])
        )
        if one.hunk["status"] == "conflicted":
            yield Action(
                title=f"Show conflict {where}",
                kind=HUNK,
                command="draftsmith.conflict",
                arguments=(session_id, hunk_id),
            )
        yield Action(title=f"Why? (hunk {where})", kind=HUNK, command="draftsmith.why", arguments=(session_id, hunk_id))
    if placed:
        for word, command in (("Accept", "draftsmith.acceptFile"), ("Reject", "draftsmith.rejectFile")):
            title = f"{word} all in file ({count(len(placed), 'hunk')})"
            yield Action(title=title, kind=HUNK, command=command, arguments=(asked.document.uri,))


def _fixes(asked: Asked) -> Iterator[Action]:
    """One for each finding of another server; ours speak of a draft."""
    foreign = [one for one in asked.diagnostics if one.get("source") != lsp.SOURCE]
    for diagnostic in foreign:
        message = maybe_text(diagnostic, "message").strip().partition("\n")[0]
        short = message if len(message) <= _TITLE_MOST else f"{message[:_TITLE_MOST]}…"
        yield Action(
            title=f"Fix with Draftsmith: {short}",
            kind=FIX,
            command="draftsmith.fix",
            arguments=(asked.document.uri, diagnostic.get("range"), [diagnostic]),
            diagnostics=(diagnostic,),
        )


def _selection_actions(asked: Asked) -> Iterator[Action]:
    uri, span = asked.document.uri, lsp.span(asked.span)
    empty = asked.span.start == asked.span.end
    comment = comment_at(asked.document, asked.span)
    if comment is not None:
        yield Action(
            title="Do what this comment says", kind=CHANGE, command="draftsmith.comment", arguments=(uri, span)
        )
    if empty:
        yield Action(title="Ask Draftsmith …", kind=CHANGE, command="draftsmith.request", arguments=(uri, span))
        return
    yield Action(title="Change with Draftsmith …", kind=CHANGE, command="draftsmith.change", arguments=(uri, span))
    yield Action(title="Refactor with Draftsmith", kind=CHANGE, command="draftsmith.refactor", arguments=(uri, span))
    yield Action(title="Write tests with Draftsmith", kind=CHANGE, command="draftsmith.test", arguments=(uri, span))
    yield Action(title="Document with Draftsmith", kind=CHANGE, command="draftsmith.document", arguments=(uri, span))
    yield Action(title="Explain with Draftsmith", kind=EXPLAIN, command="draftsmith.explain", arguments=(uri, span))


def _session_actions(edge: Edge) -> Iterator[Action]:
    """What concerns a session as a whole: editors without a view of it have no other place for it."""
    for followed in edge.following:
        session_id, title = followed.session_id, followed.title[:_TITLE_MOST]
        waiting = len(followed.waiting_hunks())
        if waiting:
            yield Action(
                title=f"Accept all {count(waiting, 'hunk')}: {title}",
                kind=SESSION,
                command="draftsmith.acceptAll",
                arguments=(session_id,),
            )
        if any(one["state"] == "done" and one["undoes"] is None for one in followed.applies):
            yield Action(
                title=f"Undo the last apply: {title}", kind=SESSION, command="draftsmith.undo", arguments=(session_id,)
            )
        for question in followed.questions:
            if question["subject"] != "key":
                yield Action(
                    title=f"Answer: {question['prompt'].strip().partition(chr(10))[0][:_TITLE_MOST]}",
                    kind=SESSION,
                    command="draftsmith.question",
                    arguments=(session_id, question["id"]),
                )
        if followed.live:
            yield Action(title=f"Stop: {title}", kind=SESSION, command="draftsmith.cancel", arguments=(session_id,))
        if waiting or followed.live:
            yield Action(
                title=f"Show summary: {title}", kind=SESSION, command="draftsmith.summary", arguments=(session_id,)
            )
