"""The review's open remarks, and in editors without code lenses the pending hunks, as diagnostics.

They go when the remark is resolved, the hunk decided or the session over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.proof import latest_findings
from draftsmith.edge import lsp
from draftsmith.edge.followed import APPLIED
from draftsmith.edge.text import Position, Range
from draftsmith.edge.uris import uri_of

if TYPE_CHECKING:
    from draftsmith.client.held import Change
    from draftsmith.client.messages import FindingEntity, HunkEntity
    from draftsmith.edge.documents import Document, Documents
    from draftsmith.edge.editor import Editor
    from draftsmith.edge.folders import Folders
    from draftsmith.edge.followed import Followed
    from draftsmith.edge.following import Following
    from draftsmith.edge.lsp import Severity
    from draftsmith.edge.placing import Placed, Placing
    from draftsmith.edge.settings import Settings
    from draftsmith.edge.values import JsonObject

_SEVERITIES: dict[str, Severity] = {
    "critical": "error",
    "major": "warning",
    "minor": "information",
    "info": "hint",
}
_SHOWN_IN = frozenset({"working", "waiting", "proposed", "stopped"})
"""States of a session in which its remarks still matter."""


class Diagnostics:
    """`settings` gives what is set now."""

    def __init__(
        self, editor: Editor, documents: Documents, folders: Folders, following: Following, placing: Placing
    ) -> None:
        self._editor = editor
        self._documents = documents
        self._folders = folders
        self._following = following
        self._placing = placing
        self._published: dict[str, list[JsonObject]] = {}
        self._of_session: dict[str, set[str]] = {}
        self.marks_hunks = False

    def use(self, settings: Settings) -> None:
        """Settings or features changed."""
        features = self._editor.features
        wanted = settings.hunk_marks
        self.marks_hunks = wanted == "on" or (wanted == "auto" and not features.code_lens and not features.own_hunks)
        for path in {path for paths in self._of_session.values() for path in paths}:
            self._publish(path)

    def session_changed(self, followed: Followed, change: Change) -> None:
        kinds = {one["kind"] for one in change.entities} | {kind for kind, _ in change.removed}
        if not change.whole and not kinds & {"finding", "gate", "hunk", "session", "file"}:
            return
        before = self._of_session.get(followed.session_id, set())
        now = {self._path_of(followed, finding) for finding in _open_findings(followed)}
        now |= {followed.path_of(hunk["root"], hunk["path"]) for hunk in followed.waiting_hunks()}
        self._of_session[followed.session_id] = now
        for path in before | now:
            self._publish(path)

    def document_changed(self, document: Document) -> None:
        """Its hunks are elsewhere now."""
        path = self._placing.real_path(document)
        if path is not None and any(path in paths for paths in self._of_session.values()):
            self._publish(path)

    def _publish(self, path: str) -> None:
        shown_path = self._folders.editor_path(path)
        document = self._documents.at_path(shown_path)
        uri = document.uri if document is not None else uri_of(shown_path)
        found = self._found(path, uri, document)
        if found == self._published.get(uri, []):
            return
        if found:
            self._published[uri] = found
        else:
            self._published.pop(uri, None)
        self._editor.publish(uri, found, document.version if document is not None else None)

    def _found(self, path: str, uri: str, document: Document | None) -> list[JsonObject]:
        placed = self._placing.hunks_in(document) if document is not None else []
        found: list[JsonObject] = []
        for followed in self._following:
            found += [
                self._finding(followed, finding, uri, document, placed)
                for finding in _open_findings(followed)
                if self._path_of(followed, finding) == path
            ]
        if self.marks_hunks and document is not None:
            found += [_mark(one, document) for one in placed]
        return found

    def _finding(
        self, followed: Followed, finding: FindingEntity, uri: str, document: Document | None, placed: list[Placed]
    ) -> JsonObject:
        own = [one for one in placed if one.followed is followed]
        line = max(line_now(_hunks_of(followed, self._path_of(followed, finding)), own, finding["line"]) - 1, 0)
        at = Range(Position(line, 0), Position(line, 0))
        if document is not None:
            at = Range(Position(line, 0), document.lines.position_at(line, len(document.lines.line(line))))
        related: list[tuple[str, Range, str]] = []
        if document is not None and self._editor.features.related_information:
            near = [one for one in own if one.covers(line, line)]
            related = [(uri, one.span(document), "The pending change that this is about.") for one in near]
        message = finding["message"] + (f"\n{finding['remedy']}" if finding["remedy"] else "")
        severity = _SEVERITIES[finding["severity"]]
        return lsp.diagnostic(at, severity, f"review/{finding['severity']}", message, related)

    def _path_of(self, followed: Followed, finding: FindingEntity) -> str:
        name = finding["path"]
        for file in followed.files:
            if file["path"] == name:
                return followed.path_of(file["root"], name)
        return followed.path_of(0, name)


def _open_findings(followed: Followed) -> list[FindingEntity]:
    session = followed.session
    if session is None or session["status"] not in _SHOWN_IN:
        return []
    return [finding for finding in latest_findings(followed.held) if finding["path"]]


def _hunks_of(followed: Followed, path: str) -> list[HunkEntity]:
    found = [hunk for hunk in followed.hunks if followed.path_of(hunk["root"], hunk["path"]) == path]
    return sorted(found, key=lambda hunk: (hunk["base_start"], hunk["ordinal"]))


def _mark(one: Placed, document: Document) -> JsonObject:
    span = one.span(document)
    added, removed = one.hunk["new_length"], one.hunk["base_length"]
    words = f"Pending change (+{added} −{removed}): {one.followed.title}"
    if one.hunk["status"] == "conflicted":
        words = f"Conflict with your text: {one.hunk['note'] or one.followed.title}"
    return lsp.diagnostic(span, "information", f"hunk/{one.hunk['status']}", words, [])


def line_now(hunks: list[HunkEntity], placed: list[Placed], line: int) -> int:
    """Where a line of the draft is in the document, both from 1: remarks speak of the draft.

    `hunks` are the file's in order; those that wait have their place in `placed`.
    """
    places = {one.hunk["id"]: one for one in placed}
    draft, now, grown = 1, 1, 0
    for hunk in hunks:
        begins = max(hunk["base_start"], 1) + grown
        if line < begins:
            break
        here = now + (begins - draft)
        place = places.get(hunk["id"])
        if place is not None:
            here = place.start + 1
        if line < begins + hunk["new_length"]:
            return here + (line - begins if hunk["status"] in APPLIED else 0)
        draft = begins + hunk["new_length"]
        if place is not None:
            now = here + place.count
        else:
            now = here + (hunk["new_length"] if hunk["status"] in APPLIED else hunk["base_length"])
        grown += hunk["new_length"] - hunk["base_length"]
    return now + (line - draft)
