"""A proposal's content as values: files, hunks, and the document they are stored and sent in.

Hunk ids depend on path, place in the base and new bytes only, so an id lives on when other hunks come and go.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.records import as_int, as_list, as_object, as_text

ChangeKind = Literal["modify", "create", "delete", "mode", "symlink", "binary"]
HunkKind = Literal["text", "whole", "mode"]
"""`text` replaces lines, `whole` the file as one, `mode` sets or clears the executable bit."""

_VERSION = 1
_ID_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file at one moment: git's mode and the blob that holds its bytes (of a symlink: its target)."""

    mode: int
    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHunk:
    """One piece of a file's difference. `base_start` counts lines from 1; an insertion comes before that line.

    `old` and `new` are exact bytes. For a `whole` hunk of a large or binary file they are empty: see the blobs.
    """

    hunk_id: str
    kind: HunkKind
    base_start: int
    base_length: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One changed file. A rename is a `delete` and a `create` with the same `linked` id."""

    root: int
    path: str
    kind: ChangeKind
    before: FileState | None
    after: FileState | None
    hunks: tuple[TextHunk, ...]
    linked: str = ""

    @property
    def raw_path(self) -> bytes:
        return os.fsencode(self.path)


def hunk_id(root: int, path: bytes, kind: HunkKind, start: int, length: int, new: bytes) -> str:
    digest = hashlib.sha256()
    head = b"%d\0%s\0%s\0%d\0%d\0" % (root, path, kind.encode(), start, length)
    digest.update(head)
    digest.update(new)
    return digest.hexdigest()[: _ID_BYTES * 2]


def split_lines(content: bytes) -> list[bytes]:
    """Lines with their ends; only `\\n` ends one, so CRLF and lone CR stay inside."""
    lines = content.split(b"\n")
    last = lines.pop()
    ended = [line + b"\n" for line in lines]
    return [*ended, last] if last else ended


def splice(base: bytes, hunks: Iterable[TextHunk]) -> bytes:
    """`base` with text hunks made from it put in."""
    lines = split_lines(base)
    out: list[bytes] = []
    at = 0
    for hunk in sorted(hunks, key=_place):
        start = hunk.base_start - 1
        out += lines[at:start]
        out.append(hunk.new)
        at = start + hunk.base_length
    return b"".join([*out, *lines[at:]])


def _place(hunk: TextHunk) -> tuple[int, int]:
    return hunk.base_start, hunk.base_length


def encode_changes(changes: Sequence[FileChange]) -> bytes:
    """The document of a proposal: JSON, bytes in base64 where they are not UTF-8."""
    files = [
        {
            "root": change.root,
            "path": change.path,
            "kind": change.kind,
            "before": state_out(change.before),
            "after": state_out(change.after),
            "linked": change.linked,
            "hunks": [
                {
                    "id": hunk.hunk_id,
                    "kind": hunk.kind,
                    "start": hunk.base_start,
                    "length": hunk.base_length,
                    "old": _bytes_out(hunk.old),
                    "new": _bytes_out(hunk.new),
                }
                for hunk in change.hunks
            ],
        }
        for change in changes
    ]
    return json.dumps({"version": _VERSION, "files": files}, separators=(",", ":")).encode()


def decode_changes(document: bytes) -> tuple[FileChange, ...]:
    """Read what `encode_changes` wrote; raises `AdapterError` (`bad_document`)."""
    try:
        whole = as_object(json.loads(document))
        if whole["version"] != _VERSION:
            raise ValueError("another version")
        return tuple(_change(as_object(item)) for item in as_list(whole["files"]))
    except (ValueError, KeyError, TypeError) as failure:
        raise AdapterError(
            f"The proposal's document cannot be read: {failure}.",
            code="bad_document",
            remedy="Update Draftsmith, or make the proposal anew.",
        ) from failure


def _change(item: dict[str, object]) -> FileChange:
    return FileChange(
        root=as_int(item["root"]),
        path=as_text(item["path"]),
        kind=cast("ChangeKind", as_text(item["kind"])),
        before=state_in(item["before"]),
        after=state_in(item["after"]),
        linked=as_text(item["linked"]),
        hunks=tuple(_hunk(as_object(hunk)) for hunk in as_list(item["hunks"])),
    )


def _hunk(item: dict[str, object]) -> TextHunk:
    return TextHunk(
        hunk_id=as_text(item["id"]),
        kind=cast("HunkKind", as_text(item["kind"])),
        base_start=as_int(item["start"]),
        base_length=as_int(item["length"]),
        old=_bytes_in(item["old"]),
        new=_bytes_in(item["new"]),
    )


def state_out(state: FileState | None) -> list[object] | None:
    return None if state is None else [state.mode, state.blob]


def state_in(value: object) -> FileState | None:
    if value is None:
        return None
    mode, blob = as_list(value)
    return FileState(mode=as_int(mode), blob=as_text(blob))


def _bytes_out(content: bytes) -> object:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return [base64.b64encode(content).decode("ascii")]


def _bytes_in(value: object) -> bytes:
    return (
        value.encode("utf-8") if isinstance(value, str) else base64.b64decode(as_text(as_list(value)[0]), validate=True)
    )
