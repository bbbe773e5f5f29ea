"""Starting a session, from words or from a document for them."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.client.credentials import model_in
from draftsmith.client.messages import LimitsParams, SessionRef, StartParams
from draftsmith.domain.errors import UserError
from draftsmith.edge.commands.arguments import maybe_span_at, maybe_text_at, text_at
from draftsmith.edge.overlays import unsaved_text
from draftsmith.edge.papers.contents import request_paper
from draftsmith.edge.papers.desk import Paper
from draftsmith.edge.quoting import quoted_place
from draftsmith.edge.rpc.errors import InvalidParams
from draftsmith.edge.settings import for_one_session

if TYPE_CHECKING:
    from draftsmith.edge.edge import Edge
    from draftsmith.edge.settings import Settings
    from draftsmith.edge.values import JsonValue


async def start(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[what is to be done, URI of a document it is about?, range in it?, settings of this session?] → {session_id}"""
    words = text_at(arguments, 0, "what is to be done")
    uri, span = maybe_text_at(arguments, 1), maybe_span_at(arguments, 2)
    document = edge.documents.get(uri) if uri else None
    if document is not None:
        words = f"{words.rstrip()}\n\n{quoted_place(edge, document, span)}"
    return await start_session(edge, words, near=uri, settings=_settings(edge, arguments))


def _settings(edge: Edge, arguments: list[JsonValue]) -> Settings:
    """The editor's, with what the last argument has for this one session."""
    said = arguments[3] if len(arguments) > 3 else None
    if said is None:
        return edge.settings
    if not isinstance(said, dict):
        raise InvalidParams("Argument 4 (settings of this session) is no object.")
    chosen = for_one_session(edge.settings, said)
    if chosen.problems:
        raise InvalidParams(" ".join(chosen.problems))
    return chosen


async def request(edge: Edge, arguments: list[JsonValue]) -> JsonValue:
    """[URI of a document it is about?, range in it?] → {uri}: a document to write the request in"""
    uri, span = maybe_text_at(arguments, 0), maybe_span_at(arguments, 1)
    document = edge.documents.get(uri) if uri else None
    about = quoted_place(edge, document, span) if document is not None else ""
    paper = Paper(kind="request", subject=f"{time.time_ns() // 1_000_000:x}")
    return {"uri": await edge.desk.lay_out(paper, request_paper(about))}


async def start_session(edge: Edge, request: str, *, near: str = "", settings: Settings | None = None) -> JsonValue:
    """A session on the editor's folders, on what the editor shows: unsaved text counts.

    `near` is a document whose folder is taken when the editor has none open.
    """
    if edge.resolving is not None:
        await asyncio.wait({edge.resolving})
    folders = edge.folders.real or await asyncio.to_thread(_folder_of, edge, near)
    if not folders:
        raise UserError(
            "The editor has no folder open.",
            code="unknown_folder",
            remedy="Open a folder, or a file in one, and try again.",
        )
    unsaved = await unsaved_text(edge.documents, edge.folders, folders)
    for reason in unsaved.left_out:
        edge.editor.say("warning", f"Draftsmith does not see unsaved text of {reason}.")
    settings = settings or edge.settings
    limits = LimitsParams(steps=settings.steps, seconds=settings.seconds, nano_usd=settings.budget_nano_usd)
    params = StartParams(
        folders=folders,
        request=request,
        autonomy=settings.autonomy,
        limits=limits,
        model=settings.model or model_in(os.environ),
        overlays=list(unsaved.overlays),
    )
    started = await edge.link.call("session/start", params, SessionRef)
    await edge.following.follow(started["session_id"])
    return {"session_id": started["session_id"]}


def _folder_of(edge: Edge, uri: str) -> list[str]:
    document = edge.documents.get(uri) if uri else None
    documents = [document] if document is not None else list(edge.documents)
    paths = [one.path for one in documents if one.path is not None and edge.desk.paper_at(one.uri) is None]
    return [os.path.realpath(Path(paths[0]).parent)] if paths else []
