"""A file as a person edited it elsewhere than in an editor: what saving it would write, and whether that is safe.

The text comes with the version it was made from; any other version on disk is told, never overwritten. Encoding,
byte order mark and line ends stay those of the file. It plans only: `apply.carry_out` writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from draftsmith.domain.errors import ToolFailure
from draftsmith.workspace.applyplan import ApplyPlan, FilePlan, blob_id, keep_contents, state_with
from draftsmith.workspace.objects import LINK
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.text import TextFile, decode, describe_encoding, prevailing_line_end, split_lines
from draftsmith.workspace.userfiles import Current, Place, Refused

MAX_EDITED = 2 * 1024 * 1024
"""Bytes of a file beyond which it is shown and not edited here."""

_COMPARED_LINES = 2_000

Unsaved = Literal["same", "changed", "refused"]
"""Why nothing is written: it reads so already, the file has another version, or it is not for editing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlanned:
    """`version` is the one that the file has now, empty where there is none."""

    state: Unsaved
    reason: str
    version: str


def version_of(content: bytes) -> str:
    """By which a file's content is told apart: git's id of it."""
    return blob_id(content)


def why_not_editable(content: bytes) -> str:
    """Why the content is shown only, in words; empty when it can be edited."""
    if len(content) > MAX_EDITED:
        return f"It has more than {MAX_EDITED >> 20} MB."
    try:
        found = decode(content)
    except ToolFailure as failure:
        return failure.message
    if found.encoding not in ("utf-8", "utf-8-bom"):
        return f"It is {describe_encoding(found.encoding)}; only UTF-8 can be edited here."
    if "\r" in found.text.replace("\r\n", ""):
        return "It holds carriage returns within lines, which would be lost here."
    return ""


async def plan_save(
    store: ObjectStore, roots: Sequence[Path], root: int, path: bytes, text: str, version: str
) -> ApplyPlan | NotPlanned:
    """The plan that writes `text`, made from `version`, which is empty for a file that is not there yet."""
    return await in_thread(_plan_save, store, tuple(roots), root, path, text, version)


def _plan_save(
    _stop: Stop, store: ObjectStore, roots: Sequence[Path], root: int, path: bytes, text: str, version: str
) -> ApplyPlan | NotPlanned:
    try:
        with Place(roots[root], path) as place:
            current = place.read()
    except Refused as refusal:
        return NotPlanned(state="refused", reason=str(refusal), version="")
    if (refused := _refused(current)) is not None:
        return refused
    has = current.state.blob if current.state is not None else ""
    try:
        content = as_content(current.content if current.state is not None else None, text)
    except (ToolFailure, UnicodeEncodeError) as failure:
        return NotPlanned(state="refused", reason=str(failure), version=has)
    if current.state is not None and content == current.content:
        return NotPlanned(state="same", reason="", version=has)
    if has != version:
        return NotPlanned(state="changed", reason=_what_happened(has, version), version=has)
    after = state_with(current.state, content)
    contents = {after.blob: content}
    if current.state is not None:
        contents[current.state.blob] = current.content
    plan = FilePlan(root=root, path=path.decode("utf-8"), before=current.state, after=after)
    return ApplyPlan(files=(plan,), outcomes=(), keep=keep_contents(store, contents))


def _refused(current: Current) -> NotPlanned | None:
    if current.state is None:
        return None
    if current.state.mode == LINK:
        why = "It is a symbolic link; edit the file that it leads to."
    else:
        why = why_not_editable(current.content)
    return NotPlanned(state="refused", reason=why, version=current.state.blob) if why else None


def _what_happened(has: str, version: str) -> str:
    if not has:
        return "The file was deleted meanwhile."
    return "The file was changed meanwhile." if version else "There is a file of this name already."


def as_content(before: bytes | None, text: str) -> bytes:
    """`text`, whose lines end in LF, as bytes in the form of `before`; lines that stayed keep their own ends."""
    if not before:
        return text.encode("utf-8")
    known = decode(before)
    return known.encode_whole(_with_ends(known, text.removeprefix("\ufeff").replace("\r\n", "\n")))


def _with_ends(known: TextFile, text: str) -> str:
    """The new lines with the old ones' ends where a line stayed, elsewhere with the prevailing one."""
    usual = prevailing_line_end(known.text) or "\n"
    if not known.mixed_line_ends:
        return text if usual == "\n" else text.replace("\n", usual)
    old, new = split_lines(known.text), split_lines(text)
    plain = [_plain(line) for line in old]
    first = 0
    while first < min(len(old), len(new)) and plain[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and plain[-1 - last] == new[-1 - last]:
        last += 1
    middle = new[first : len(new) - last]
    made = [line.replace("\n", usual) for line in middle]
    if max(len(middle), len(old) - first - last) <= _COMPARED_LINES:
        matcher = SequenceMatcher(None, plain[first : len(old) - last], middle, autojunk=False)
        for block in matcher.get_matching_blocks():
            made[block.b : block.b + block.size] = old[first + block.a : first + block.a + block.size]
    return "".join([*old[:first], *made, *(old[len(old) - last :] if last else [])])


def _plain(line: str) -> str:
    return line[:-2] + "\n" if line.endswith("\r\n") else line
