"""Accepted hunks put into the editor's buffers, as the hub plans them: one edit that the user can undo.

Only what was seen in a document afterwards is told as done. A document with another text than the hub knows is left
alone and told as moved; the hub merges anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from draftsmith.domain.errors import AdapterError
from draftsmith.edge import lsp, whole_files
from draftsmith.edge.observing import hash_of, is_text
from draftsmith.edge.outcomes import State, outcome
from draftsmith.edge.text import Position, Range
from draftsmith.edge.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from draftsmith.client.messages import (
        ApplyBuffersParams,
        ApplyBuffersResult,
        BufferChange,
        BufferOutcome,
        DiagnosticsParams,
        ReadParams,
        ReadResult,
        TextReplacement,
    )
    from draftsmith.client.messages import JsonValue as WireValue
    from draftsmith.edge.documents import Document, Documents, Happening
    from draftsmith.edge.editor import Editor
    from draftsmith.edge.text import Lines
    from draftsmith.edge.values import JsonObject, JsonValue

EDITOR_SECONDS = 12.0
"""How long the editor may take to make an edit; the hub waits longer than this and the next together."""
SEEN_SECONDS = 4.0
"""How long after the editor's answer its `didChange` may come; Neovim holds it back for 0.15 s."""
MOVED_SECONDS = 0.5
"""How long after a refusal the change may come that was the reason for it."""
_ANNOTATION = "draftsmith"

Wanted = tuple["BufferChange", "Document | None"]
"""A change and its document; None for a file that is not open."""


class Applying:
    """One apply at a time."""

    def __init__(self, documents: Documents, editor: Editor) -> None:
        self._documents = documents
        self._editor = editor
        self._one = asyncio.Lock()

    async def answer(self, method: str, params: dict[str, WireValue]) -> Mapping[str, object]:
        """What the hub asks. Raises AdapterError for what this version does not know."""
        match method:
            case "buffers/read":
                return await self._read(cast("ReadParams", cast("object", params)))
            case "buffers/apply":
                return await self._apply(cast("ApplyBuffersParams", cast("object", params)))
            case "buffers/diagnostics":
                # Late: only where an agent asks.
                from draftsmith.edge.shown import shown

                return await shown(self._editor, self._documents, cast("DiagnosticsParams", cast("object", params)))
            case _:
                raise AdapterError(f"This editor's Draftsmith does not know {method}.", code="unknown_method")

    async def _read(self, params: ReadParams) -> ReadResult:
        document = self._documents.at_path(params["path"])
        if document is None:
            return {"held": False, "version": 0, "sha256": None, "text": "", "length": 0}
        text, version = document.text, max(0, document.version)
        if not is_text(text):
            raise AdapterError("The document holds half a character, which cannot be sent.", code="not_text")
        page, length = _page(text, params["offset"], params["limit"])
        return {"held": True, "version": version, "sha256": await hash_of(text), "text": page, "length": length}

    async def _apply(self, params: ApplyBuffersParams) -> ApplyBuffersResult:
        until = asyncio.get_running_loop().time() + params["seconds"]
        async with self._one:
            outcomes: dict[str, BufferOutcome] = {}
            wanted: list[Wanted] = []
            for change in params["changes"]:
                document = self._documents.at_path(change["path"])
                settled = await self._settled(change, document)
                if settled is None:
                    wanted.append((change, document))
                else:
                    outcomes[change["path"]] = settled
            if wanted and asyncio.get_running_loop().time() > until:
                outcomes |= {one["path"]: outcome(one, "refused", None, "It came too late.") for one, _ in wanted}
            elif wanted:
                outcomes |= await self._edit(params["label"], wanted)
            return {"outcomes": list(outcomes.values())}

    async def _settled(self, change: BufferChange, document: Document | None) -> BufferOutcome | None:
        """The outcome of a change for which nothing is to be done; a repetition finds it done."""
        if change.get("on_disk"):
            return await whole_files.settled(change, document)
        if change["action"] == "delete" and not await _exists(change["path"]):
            return outcome(change, "seen", None)
        if change["action"] == "rename" and document is None:
            sha256 = await self._text_at(change["new_path"])
            if sha256 == change["after"]:
                return outcome(change, "seen", sha256)
        if document is None:
            return outcome(change, "moved", None, "The document is not open.")
        sha256 = await hash_of(document.text)
        if change["action"] == "edit" and sha256 == change["after"]:
            return outcome(change, "seen", sha256)
        if sha256 != change["before"]:
            return outcome(change, "moved", sha256, "The document has another text.")
        return None

    async def _edit(self, label: str, wanted: Sequence[Wanted]) -> dict[str, BufferOutcome]:
        """Have the editor do it, and look whether it did."""
        edit = self._workspace_edit(label, wanted)
        try:
            async with asyncio.timeout(EDITOR_SECONDS):
                done, reason = await self._editor.apply_edit(label, edit)
        except TimeoutError:
            done, reason = True, ""  # perhaps it still will; what it did is seen below
        found: dict[str, BufferOutcome] = {}
        within = SEEN_SECONDS if done else MOVED_SECONDS
        for change, _ in wanted:
            look = whole_files.seen if change.get("on_disk") else self._seen
            found[change["path"]] = await look(change, within, done=done, reason=reason)
        return found

    async def _seen(self, change: BufferChange, within: float, *, done: bool, reason: str) -> BufferOutcome:
        if change["action"] == "delete":
            gone = await self._deleted(change["path"], within)
            state: State = "seen" if gone else "unseen" if done else "refused"
            return outcome(change, state, None, reason)
        if change["action"] == "rename":
            return await self._renamed(change, within, done=done, reason=reason)
        sha256 = await self._text_becomes(change, within)
        if sha256 == change["after"]:
            return outcome(change, "seen", sha256)
        if sha256 != change["before"]:
            return outcome(change, "moved", sha256, reason or "The document was changed at the same time.")
        return outcome(change, "unseen" if done else "refused", sha256, reason)

    async def _text_becomes(self, change: BufferChange, within: float) -> str | None:
        """The document's hash, once it is the one that is waited for or another than before, or when time is up."""
        changed = asyncio.Event()

        def listen(document: Document, _happening: Happening) -> None:
            if document.path == change["path"]:
                changed.set()

        end = self._documents.listen(listen)
        until = asyncio.get_running_loop().time() + within
        try:
            while True:
                changed.clear()
                document = self._documents.at_path(change["path"])
                sha256 = None if document is None else await hash_of(document.text)
                if sha256 != change["before"]:
                    return sha256
                try:
                    async with asyncio.timeout_at(until):
                        await changed.wait()
                except TimeoutError:
                    return sha256
        finally:
            end()

    async def _renamed(self, change: BufferChange, within: float, *, done: bool, reason: str) -> BufferOutcome:
        until = asyncio.get_running_loop().time() + within
        while (sha256 := await self._text_at(change["new_path"])) != change["after"]:
            if asyncio.get_running_loop().time() >= until:
                return outcome(change, "unseen" if done else "refused", None, reason)
            await asyncio.sleep(whole_files.LOOK_SECONDS)
        return outcome(change, "seen", sha256)

    async def _text_at(self, path: str) -> str | None:
        """The hash of what the editor holds under this path, or, when it holds nothing there, of the file."""
        document = self._documents.at_path(path)
        return await asyncio.to_thread(_file_hash, path) if document is None else await hash_of(document.text)

    async def _deleted(self, path: str, within: float) -> bool:
        until = asyncio.get_running_loop().time() + within
        while await _exists(path):
            if asyncio.get_running_loop().time() >= until:
                return False
            await asyncio.sleep(whole_files.LOOK_SECONDS)
        return True

    # --- as LSP writes it ---

    def _workspace_edit(self, label: str, wanted: Sequence[Wanted]) -> JsonObject:
        features = self._editor.features
        held = [(change, document) for change, document in wanted if document is not None]
        if not features.document_changes and not features.resource_operations:
            # Neither can such an editor do anything to files, so there are only edits.
            return {"changes": {document.uri: _text_edits(change, document, None) for change, document in held}}
        annotation = _ANNOTATION if features.change_annotations else None
        changes: list[JsonValue] = []
        for one in held:
            changes += _document_changes(*one, annotation)
        changes += [whole_files.operation(change, annotation) for change, document in wanted if document is None]
        edit: JsonObject = {"documentChanges": changes}
        if annotation is not None:
            edit["changeAnnotations"] = {annotation: {"label": label, "needsConfirmation": False}}
        return edit


def _document_changes(change: BufferChange, document: Document, annotation: str | None) -> list[JsonObject]:
    """Operations on files have no version: the text was looked at just before."""
    noted: JsonObject = {} if annotation is None else {"annotationId": annotation}
    edits = _text_edits(change, document, annotation)
    match change["action"]:
        case "delete":
            return [{"kind": "delete", "uri": document.uri, "options": {"ignoreIfNotExists": True}, **noted}]
        case "rename":
            target = uri_of(change["new_path"])
            rename: JsonObject = {"kind": "rename", "oldUri": document.uri, "newUri": target, **noted}
            text: JsonObject = {"textDocument": {"uri": target, "version": None}, "edits": edits}
            return [rename, text] if edits else [rename]
        case "edit" | "create":
            return [{"textDocument": {"uri": document.uri, "version": document.version}, "edits": edits}]


def _text_edits(change: BufferChange, document: Document, annotation: str | None) -> list[JsonValue]:
    places = ranges(document.lines, change["edits"])
    edits: list[JsonValue] = []
    for place, one in zip(places, change["edits"], strict=True):
        edit: JsonObject = {"range": lsp.span(place), "newText": one["text"]}
        edits.append(edit if annotation is None else edit | {"annotationId": annotation})
    return edits


def ranges(lines: Lines, edits: Sequence[TextReplacement]) -> list[Range]:
    """Where the edits are, from their offsets in UTF-16 code units, which ascend."""
    wanted = [offset for edit in edits for offset in (edit["start"], edit["end"])]
    found: list[Position] = []
    line, passed = 0, 0
    held = lines.lines
    for offset in wanted:
        while line < len(held) and passed + (size := _units(held[line])) <= offset:
            passed += size
            line += 1
        found.append(lines.position_at(line, _index(held[line], offset - passed) if line < len(held) else 0))
    return [Range(start, end) for start, end in zip(found[::2], found[1::2], strict=True)]


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def _index(line: str, units: int) -> int:
    if line.isascii():
        return units
    passed = 0
    for index, character in enumerate(line):
        if passed >= units:
            return index
        passed += 2 if ord(character) > 0xFFFF else 1
    return len(line)


def _page(text: str, offset: int, limit: int) -> tuple[str, int]:
    """The piece from `offset` on, in UTF-16 code units, and the length of all. A character is never cut."""
    if text.isascii():
        return text[offset : offset + limit], len(text)
    units = text.encode("utf-16-le")
    end = min(2 * (offset + limit), len(units))
    if end < len(units) and 0xDC <= units[end + 1] <= 0xDF:
        end -= 2
    return units[2 * offset : end].decode("utf-16-le"), len(units) // 2


def _file_hash(path: str) -> str | None:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


async def _exists(path: str) -> bool:
    return await asyncio.to_thread(os.path.lexists, path)
