"""Work on a place in a document: what a code action starts without a question.

All take [URI, range, …] and give {session_id}; `change` opens a document for the words unless they are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.edge.commands.arguments import maybe_span_at, maybe_text_at, text_at
from draftsmith.edge.commands.starting import request, start_session
from draftsmith.edge.comments import comment_at
from draftsmith.edge.quoting import quoted_place
from draftsmith.edge.reading import deep, maybe_text, objects
from draftsmith.edge.text import Position, Range
from draftsmith.edge.uris import path_of

if TYPE_CHECKING:
    from draftsmith.edge.documents import Document
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.values import JsonObject, JsonValue


async def fix(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range?, diagnostics?]: what other servers found there; without diagnostics the editor is asked for them"""
    document = _document(edge, arguments)
    span = maybe_span_at(arguments, 1)
    given: JsonObject = {"diagnostics": arguments[2]} if len(arguments) > 2 else {}
    found = objects(given, "diagnostics") or await _shown_diagnostics(edge, document, span)
    if not found:
        raise UserError(
            "Nothing is marked as wrong there.", code="nothing_to_fix", remedy="Say what is wrong: `draftsmith.change`."
        )
    problems = "\n".join(_problem(one) for one in found)
    words = f"Fix what is reported here, and its cause if that lies elsewhere:\n\n{problems}"
    return await _start(edge, document, span or _span_of(found[0]), words)


async def change(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range, what is to change?]"""
    words = maybe_text_at(arguments, 2)
    if not words.strip():
        return await request(edge, arguments[:2])
    return await _start(edge, _document(edge, arguments), maybe_span_at(arguments, 1), words)


async def comment(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range]: do what the comment there says"""
    document = _document(edge, arguments)
    span = maybe_span_at(arguments, 1) or Range(Position(0, 0), Position(0, 0))
    words = comment_at(document, span)
    if words is None:
        raise UserError("There is no comment there.", code="no_comment", remedy="Put the cursor on one.")
    told = f"Do what this comment says, and take the comment away when it is done:\n\n{words}"
    return await _start(edge, document, span, told)


async def refactor(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range]"""
    return await _on_place(edge, arguments, "Refactor this code: clearer and simpler, with the same behaviour.")


async def test(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range]"""
    return await _on_place(
        edge, arguments, "Write tests for this code, in the way and the place in which this project has its tests."
    )


async def document(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range]"""
    return await _on_place(
        edge,
        arguments,
        "Document this code in the project's own style: what a reader cannot see from it. Change no code.",
    )


async def explain(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI, range]"""
    return await _on_place(
        edge, arguments, "Explain this code: what it does, why, and what to look out for. Change nothing."
    )


async def _on_place(edge: Edge, arguments: list[JsonValue], words: str) -> JsonValue:
    return await _start(edge, _document(edge, arguments), maybe_span_at(arguments, 1), words)


async def _start(edge: Edge, about: Document, span: Range | None, words: str) -> JsonValue:
    return await start_session(edge, f"{words}\n\n{quoted_place(edge, about, span)}", near=about.uri)


def _document(edge: Edge, arguments: list[JsonValue]) -> Document:
    uri = text_at(arguments, 0, "URI")
    found = edge.documents.get(uri)
    if found is None:
        raise UserError(f"{uri} is not open in the editor.", code="not_open", remedy="Open it and try again.")
    return found


async def _shown_diagnostics(edge: Edge, about: Document, span: Range | None) -> list[JsonObject]:
    """What the editor shows, if it can be asked; only of the version that is here."""
    if not edge.editor.features.own_diagnostics:
        return []
    answer = await edge.editor.peer.request("draftsmith/client/diagnostics", {"uris": [about.uri]}, within=10.0)
    given = objects(answer, "documents") if isinstance(answer, dict) else []
    of_this = [one for one in given if path_of(maybe_text(one, "uri")) == about.path or one.get("uri") == about.uri]
    if not of_this or of_this[0].get("version") != about.version:
        return []
    found = [one for one in objects(of_this[0], "diagnostics") if one.get("source") != "draftsmith"]
    if span is None:
        return found
    return [one for one in found if span.start.line <= _span_of(one).start.line <= max(span.end.line, span.start.line)]


def _problem(diagnostic: JsonObject) -> str:
    where = _span_of(diagnostic).start.line + 1
    by = " ".join(part for part in (maybe_text(diagnostic, "source"), str(diagnostic.get("code") or "")) if part)
    return f"- line {where}: {maybe_text(diagnostic, 'message').strip()}" + (f" ({by})" if by else "")


def _span_of(diagnostic: JsonObject) -> Range:
    line, last = deep(diagnostic, "range", "start", "line"), deep(diagnostic, "range", "end", "line")
    first = line if isinstance(line, int) else 0
    return Range(Position(first, 0), Position(last if isinstance(last, int) else first, 1))
