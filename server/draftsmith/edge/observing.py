"""Tells the hub which documents the editor holds, and what happens to them: the hub looks for applied hunks there.

Only hashes are told, a moment after the last change; nothing waits for the hub, and without one nothing is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from draftsmith.domain.errors import DraftsmithError

if TYPE_CHECKING:
    from draftsmith.client.messages import HeldDocument, ObservedDocument
    from draftsmith.edge.documents import Document, Documents, Happening
    from draftsmith.edge.features import Features
    from draftsmith.edge.hub_link import HubLink

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.1
"""What happens within it is told at once."""
MAX_TOLD = 5_000
"""Documents that one message tells of."""

Operation = Literal["create", "rename", "delete"]
_OPERATIONS: tuple[Operation, ...] = ("create", "rename", "delete")

Happened = Literal["opened", "changed", "saved", "closed"]


class Observing:
    """`features` are what the editor can do, known after `initialize`."""

    def __init__(self, documents: Documents, link: HubLink, features: Callable[[], Features]) -> None:
        self._documents = documents
        self._link = link
        self._features = features
        self._holder = f"edge-{uuid.uuid4().hex}"
        self._happened: dict[str, Happened] = {}
        self._telling: asyncio.Task[None] | None = None
        self._told = False
        documents.listen(self._listen)

    async def connected(self) -> None:
        """The hub is there, perhaps another one than before: it is told everything."""
        from draftsmith.client.messages import Empty, HeldParams

        self._told = False
        self._happened.clear()
        held = await self._held()
        features = self._features()
        can: list[Operation] = [one for one in _OPERATIONS if one in features.resource_operations]
        params = HeldParams(
            holder=self._holder,
            operations=can,
            diagnostics=features.own_diagnostics,
            undoable_files=features.undoable_files,
            documents=held,
        )
        await self._link.call("buffers/held", params, Empty)
        self._told = True
        self._tell_soon()

    @property
    def busy(self) -> bool:
        """Whether the hub is still to be told of something."""
        return self._telling is not None and not self._telling.done()

    def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()

    def _listen(self, document: Document, happening: Happening) -> None:
        if document.path is not None:
            self._note(document.path, happening.kind)

    def _note(self, path: str, happened: Happened) -> None:
        if is_text(path):
            self._happened[path] = happened
            self._tell_soon()

    def _tell_soon(self) -> None:
        if self._happened and (self._telling is None or self._telling.done()):
            self._telling = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        """One message after the other, so that the hub has them in order."""
        from draftsmith.client.messages import Empty, ObservedParams

        while self._happened:
            if set(self._happened.values()) <= {"changed"}:
                await asyncio.sleep(QUIET_SECONDS)
            if not self._told or not self._link.connected:
                return  # `connected` tells it all
            happened = dict(list(self._happened.items())[:MAX_TOLD])
            for path in happened:
                del self._happened[path]
            told = [await self._observed(path, kind) for path, kind in happened.items()]
            try:
                await self._link.call("buffers/observed", ObservedParams(documents=told), Empty, wait=0.0)
            except DraftsmithError as failure:
                log.info("the hub was not told of documents: %s", failure)

    async def _held(self) -> list[HeldDocument]:
        return [
            {
                "path": document.path,
                "version": max(0, document.version),
                "dirty": document.dirty,
                "sha256": await hash_of(document.text),
            }
            for document in self._documents
            if document.path is not None and is_text(document.path)
        ]

    async def _observed(self, path: str, happened: Happened) -> ObservedDocument:
        document = self._documents.at_path(path)
        if document is None:
            return {"path": path, "happened": "closed", "version": 0, "dirty": False, "sha256": None}
        return {
            "path": path,
            "happened": happened if happened != "closed" else "opened",
            "version": max(0, document.version),
            "dirty": document.dirty,
            "sha256": await hash_of(document.text),
        }


def is_text(value: str) -> bool:
    """Whether it can be sent: names that are not UTF-8 and halves of characters cannot."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_SHORT = 100_000


async def hash_of(text: str) -> str:
    """SHA-256 of the text in UTF-8; of long ones beside the loop."""
    return _hash(text) if len(text) <= _SHORT else await asyncio.to_thread(_hash, text)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
