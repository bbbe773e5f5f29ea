"""Files that are not open, made and deleted by an editor whose undo takes that back.

What is told of them is what is on disk, looked at before the editor is asked and after it answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.edge.observing import hash_of
from draftsmith.edge.outcomes import outcome
from draftsmith.edge.uris import uri_of

if TYPE_CHECKING:
    from draftsmith.client.messages import BufferChange, BufferOutcome
    from draftsmith.edge.documents import Document
    from draftsmith.edge.values import JsonObject

LOOK_SECONDS = 0.05

_SOMETHING = "something"
"""In place of a hash, where there is no plain file that can be read."""


async def settled(change: BufferChange, document: Document | None) -> BufferOutcome | None:
    """The outcome of a change for which nothing is to be done; a repetition finds it done."""
    if document is not None:
        return outcome(change, "moved", await hash_of(document.text), "The file is open by now.")
    now = await asyncio.to_thread(_hash_on_disk, change["path"])
    if now == change["after"]:
        return outcome(change, "seen", now or None)
    if now != change["before"]:
        return outcome(change, "moved", None, _why(change))
    return None


async def seen(change: BufferChange, within: float, *, done: bool, reason: str) -> BufferOutcome:
    """What became of it; a file that is just being written may have any text for a moment."""
    until = asyncio.get_running_loop().time() + within
    while (now := await asyncio.to_thread(_hash_on_disk, change["path"])) != change["after"]:
        if asyncio.get_running_loop().time() >= until:
            if now == change["before"]:
                return outcome(change, "unseen" if done else "refused", None, reason)
            return outcome(change, "moved", None, _why(change))
        await asyncio.sleep(LOOK_SECONDS)
    return outcome(change, "seen", now or None)


def operation(change: BufferChange, annotation: str | None) -> JsonObject:
    """As LSP writes it, but for `contents`, which LSP does not have: the whole text of the file."""
    noted: JsonObject = {} if annotation is None else {"annotationId": annotation}
    uri = uri_of(change["path"])
    if change["action"] == "delete":
        return {"kind": "delete", "uri": uri, "options": {"ignoreIfNotExists": True}, **noted}
    options: JsonObject = {"overwrite": False, "ignoreIfExists": False}
    contents = "".join(one["text"] for one in change["edits"])
    return {"kind": "create", "uri": uri, "options": options, "contents": contents, **noted}


def _why(change: BufferChange) -> str:
    return "Another file is there already." if change["action"] == "create" else "The file has another text."


def _hash_on_disk(path: str) -> str:
    """Of the bytes; empty where there is nothing."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return _SOMETHING
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return _SOMETHING
