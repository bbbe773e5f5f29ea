"""Where pending hunks are in the open documents, as the user types on.

A hunk's place is found once, by aligning the base with the document; from then on every edit moves it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from draftsmith.domain.errors import DraftsmithError
from draftsmith.edge.alignment import Alignment, Block, align
from draftsmith.edge.documents import Changed, Closed, Document, Documents, Happening, Opened, Saved
from draftsmith.edge.text import LineEdit, Range, split_lines

if TYPE_CHECKING:
    from draftsmith.client.held import Change
    from draftsmith.client.messages import HunkEntity, HunkText
    from draftsmith.edge.folders import Folders
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.following import Following
    from draftsmith.edge.hub_link import HubLink

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.1
"""Changes that follow each other within it are told once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A hunk that waits, at `count` lines from `start` (from 0) in the document; `text` may still be under way."""

    followed: Followed
    hunk: HunkEntity
    text: HunkText | None
    start: int
    count: int

    def span(self, document: Document) -> Range:
        return document.lines.span_of_lines(self.start, self.count)

    def covers(self, line: int, last: int) -> bool:
        """Whether it stands at one of these lines. One that only inserts stands at the line that it comes before,
        and at the one above, behind which an editor may show it."""
        return self.start - (self.count == 0) <= last and line < self.start + max(self.count, 1)


@dataclass(slots=True)
class _Anchors:
    """Places of one session's hunks in one document; `edits` are what came while they were looked for."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    looking: asyncio.Task[None] | None = None
    edits: list[LineEdit] = field(default_factory=list[LineEdit])
    stale: bool = False


class Placing:
    """`on_changed` is called with a document whose hunks or their places are not what they were."""

    def __init__(
        self,
        documents: Documents,
        following: Following,
        folders: Folders,
        link: HubLink,
        on_changed: Callable[[Document], None],
    ) -> None:
        self._documents = documents
        self._following = following
        self._folders = folders
        self._link = link
        self._on_changed = on_changed
        self._anchors: dict[tuple[str, str], _Anchors] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}
        documents.listen(self._happened)
        following.listen(self._session_changed)

    def hunks_in(self, document: Document) -> list[Placed]:
        """The hunks that wait in the document and have their place, from top to bottom."""
        found: list[Placed] = []
        for followed, waiting in self._waiting(document):
            anchors = self._anchors.get((document.uri, followed.session_id))
            for hunk in waiting:
                place = anchors.places.get(hunk["id"]) if anchors else None
                if place is not None:
                    text = followed.texts.get(hunk["id"])
                    found.append(Placed(followed=followed, hunk=hunk, text=text, start=place[0], count=place[1]))
        found.sort(key=lambda one: (one.start, one.count, one.hunk["ordinal"]))
        return found

    def real_path(self, document: Document) -> str | None:
        return None if document.path is None else self._folders.real_path(document.path)

    def close(self) -> None:
        for timer in self._due.values():
            timer.cancel()
        for anchors in self._anchors.values():
            if anchors.looking is not None:
                anchors.looking.cancel()

    # --- what happens ---

    def _happened(self, document: Document, happening: Happening) -> None:
        match happening:
            case Opened():
                self._place(document)
            case Changed(edits=edits):
                self._moved(document, edits)
            case Closed():
                for key in [key for key in self._anchors if key[0] == document.uri]:
                    anchors = self._anchors.pop(key)
                    if anchors.looking is not None:
                        anchors.looking.cancel()
            case Saved():
                pass

    def _session_changed(self, followed: Followed, change: Change) -> None:
        kinds = {one["kind"] for one in change.entities} | {kind for kind, _ in change.removed}
        if change.whole or "hunk" in kinds:
            self._of_session(followed)

    def _of_session(self, followed: Followed) -> None:
        places = {followed.path_of(hunk["root"], hunk["path"]) for hunk in followed.hunks}
        for document in self._documents:
            known = (document.uri, followed.session_id) in self._anchors
            if known or self.real_path(document) in places:
                self._place(document)
                self._tell(document)

    def _waiting(self, document: Document) -> list[tuple[Followed, list[HunkEntity]]]:
        path = self.real_path(document)
        if path is None:
            return []
        found = [(followed, followed.waiting_hunks(path)) for followed in self._following]
        return [(followed, hunks) for followed, hunks in found if hunks]

    def _place(self, document: Document) -> None:
        """Look for places of hunks that have none."""
        for followed, waiting in self._waiting(document):
            anchors = self._anchors.setdefault((document.uri, followed.session_id), _Anchors())
            if anchors.looking is not None:
                continue
            if anchors.stale or any(hunk["id"] not in anchors.places for hunk in waiting):
                anchors.stale = False
                anchors.edits.clear()
                anchors.looking = asyncio.ensure_future(self._look(document, followed, anchors))

    async def _look(self, document: Document, followed: Followed, anchors: _Anchors) -> None:
        path = self.real_path(document)
        place = None if path is None else followed.place_of(path)
        try:
            if place is None:
                return
            lines = list(document.lines.lines)
            base = await self._base(followed, place)
            alignment = await asyncio.to_thread(align, base, lines) if base is not None else None
            places: dict[str, tuple[int, int]] = {}
            for hunk in followed.waiting_hunks(path):
                places[hunk["id"]] = place_in(hunk, alignment, len(lines))
            for edit in anchors.edits:
                places = {hunk_id: moved(at, edit) for hunk_id, at in places.items()}
            anchors.places = places
            self._tell(document)
        except DraftsmithError as failure:
            log.info("hunks of %s could not be placed: %s", document.uri, failure)
        finally:
            anchors.looking = None

    async def _base(self, followed: Followed, place: tuple[int, str]) -> list[str] | None:
        from draftsmith.client.messages import FileParams, FileResult

        params = FileParams(session_id=followed.session_id, root=place[0], path=place[1], side="base")
        text = (await self._link.call("file/read", params, FileResult))["text"]
        return None if text is None else split_lines(text)

    def _moved(self, document: Document, edits: tuple[LineEdit, ...]) -> None:
        changed = False
        for (uri, _), anchors in self._anchors.items():
            if uri != document.uri:
                continue
            if anchors.looking is not None:
                anchors.edits += edits
            for edit in edits:
                for hunk_id, at in anchors.places.items():
                    fresh = moved(at, edit)
                    changed = changed or fresh != at
                    anchors.places[hunk_id] = fresh
                    # A large replacement (all of the text, perhaps) blurs what lies in it: look anew.
                    anchors.stale = anchors.stale or (_overlap(at, edit) and edit.end - edit.start > at[1] + 1)
            if anchors.stale:
                self._place(document)
        if changed:
            self._tell(document)

    def _tell(self, document: Document) -> None:
        if document.uri not in self._due:
            loop = asyncio.get_running_loop()
            self._due[document.uri] = loop.call_later(QUIET_SECONDS, self._told, document)

    def _told(self, document: Document) -> None:
        self._due.pop(document.uri, None)
        self._on_changed(document)


def moved(at: tuple[int, int], edit: LineEdit) -> tuple[int, int]:
    """Where lines (start and count) are after an edit of whole lines."""
    start, count = at
    end = start + count
    grown = edit.count - (edit.end - edit.start)
    if edit.end <= start:
        return start + grown, count
    if edit.start >= end:
        return at
    fresh_start = min(start, edit.start)
    fresh_end = end + grown if edit.end <= end else edit.start + edit.count
    return fresh_start, max(fresh_end - fresh_start, 0)


def _overlap(at: tuple[int, int], edit: LineEdit) -> bool:
    return edit.start < at[0] + at[1] and at[0] < edit.end


def place_in(hunk: HunkEntity, alignment: Alignment | None, lines: int) -> tuple[int, int]:
    """First line (from 0) and number of lines of a hunk in a text of so many lines, aligned with the base."""
    first = max(hunk["base_start"] - 1, 0)
    if alignment is None:
        same = Block(base=0, other=0, length=lines)
        alignment = Alignment(blocks=(same, Block(base=lines, other=lines, length=0)))
    start = alignment.line(first)
    if hunk["base_length"] == 0:
        return min(start, lines), 0
    end = alignment.line(first + hunk["base_length"], end=True)
    return min(start, lines), max(min(end, lines) - start, 0)
