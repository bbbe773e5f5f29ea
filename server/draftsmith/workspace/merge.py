"""Hunks put into text that may have changed since, three ways, one after another.

Each hunk is merged on (base + earlier, base + earlier + this, current): of the methods tried, the only one without
wrong or falsely conflicting results. Pure but for git's `merge-file`, which works on copies.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from draftsmith.platform.files import disk_errors
from draftsmith.workspace.changes import TextHunk, splice, split_lines
from draftsmith.workspace.git import run_git
from draftsmith.workspace.offload import Stop

HunkState = Literal["applied", "already_there", "conflict", "refused"]
_MARKER = 61
_CONFLICTS = range(1, 128)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What cannot be joined: the text it was made from, the user's, and the hunk's. Empty for what is no text."""

    base: bytes
    ours: bytes
    theirs: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """`content` is what the file should be; it is the current text whenever there is a conflict."""

    content: bytes
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a merge: `ours` is the merged text, or with `conflict` the user's side of three."""

    conflict: bool
    ours: bytes
    base: bytes = b""
    theirs: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkOutcome:
    """What became of one hunk; `reason` is for a person, `conflict` is set for that state only."""

    hunk_id: str
    state: HunkState
    reason: str = ""
    conflict: Conflict | None = None


def merge_hunks(
    store: Path,
    current: bytes,
    base: bytes,
    earlier: Sequence[TextHunk],
    wanted: Sequence[TextHunk],
    stop: Stop,
) -> tuple[bytes, list[HunkOutcome]]:
    """The current text with the wanted hunks in it; those that conflict leave it as it is.

    `earlier` are hunks of the same base that were applied before. Hunks already in the text are told apart.
    """
    if current == splice(base, earlier):
        return splice(base, [*earlier, *wanted]), [_outcome(hunk, "applied") for hunk in wanted]
    if current == splice(base, [*earlier, *wanted]):
        return current, [_outcome(hunk, "already_there") for hunk in wanted]
    present = list(earlier)
    outcomes: list[HunkOutcome] = []
    for hunk in sorted(wanted, key=lambda one: (one.base_start, one.base_length)):
        stop.check()
        merged = merge(store, current, splice(base, present), splice(base, [*present, hunk]), stop)
        if merged.conflict is not None:
            reason = "The file was changed in the same place."
            outcomes.append(
                HunkOutcome(hunk_id=hunk.hunk_id, state="conflict", reason=reason, conflict=merged.conflict)
            )
            continue
        outcomes.append(_outcome(hunk, "already_there" if merged.content == current else "applied"))
        current = merged.content
        present.append(hunk)
    return current, outcomes


def _outcome(hunk: TextHunk, state: HunkState) -> HunkOutcome:
    return HunkOutcome(hunk_id=hunk.hunk_id, state=state)


def merge(store: Path, current: bytes, base: bytes, other: bytes, stop: Stop) -> Merged:
    """Bring the change from `base` to `other` into `current`. What holds a NUL byte is never merged by lines."""
    if current in (base, other) or base == other:
        return Merged(content=other if current == base else current)
    if b"\0" in current or b"\0" in base or b"\0" in other:
        return Merged(content=current, conflict=Conflict(base=b"", ours=b"", theirs=b""))
    with disk_errors("merging"), tempfile.TemporaryDirectory(prefix="draftsmith-merge-") as folder:
        for name, content in (("ours", current), ("base", base), ("theirs", other)):
            (Path(folder) / name).write_bytes(content)
        code, output = _merge_file(store, folder, [], stop)
        if code == 0:
            return Merged(content=output)
        label = secrets.token_hex(8)
        # Asked for a second time, for this style of output resolves less and so must not decide.
        _, marked = _merge_file(store, folder, ["--diff3", f"--marker-size={_MARKER}", *("-L", label) * 3], stop)
    return Merged(content=current, conflict=_regions(marked, label.encode()))


def merged_parts(store: Path, current: bytes, base: bytes, other: bytes, stop: Stop) -> tuple[Part, ...]:
    """The merge of the change from `base` to `other` into `current`, as stretches from top to bottom."""
    with disk_errors("merging"), tempfile.TemporaryDirectory(prefix="draftsmith-merge-") as folder:
        for name, content in (("ours", current), ("base", base), ("theirs", other)):
            (Path(folder) / name).write_bytes(content)
        label = secrets.token_hex(8)
        options = ["--diff3", f"--marker-size={_MARKER}", *("-L", label) * 3]
        _, marked = _merge_file(store, folder, options, stop)
    return tuple(_stretches(marked, label.encode()))


def _merge_file(store: Path, folder: str, options: Sequence[str], stop: Stop) -> tuple[int, bytes]:
    arguments = ["merge-file", "-p", "-q", *options, "ours", "base", "theirs"]
    return run_git(store, arguments, stop=stop, cwd=folder, accept=(0, *_CONFLICTS))


def _regions(marked: bytes, label: bytes) -> Conflict:
    """The conflicting places of the three texts, joined."""
    parts = [part for part in _stretches(marked, label) if part.conflict]
    return Conflict(
        base=b"".join(part.base for part in parts),
        ours=b"".join(part.ours for part in parts),
        theirs=b"".join(part.theirs for part in parts),
    )


def _stretches(marked: bytes, label: bytes) -> Iterator[Part]:
    starts = {
        b"<" * _MARKER + b" " + label: "ours",
        b"|" * _MARKER + b" " + label: "base",
        b"=" * _MARKER: "theirs",
        b">" * _MARKER + b" " + label: "",
    }
    sides: dict[str, list[bytes]] = {"ours": [], "base": [], "theirs": []}
    merged: list[bytes] = []
    side = ""
    # Only LF ends a line: a lone CR, or what Unicode calls a line end, is a character like others.
    for line in split_lines(marked):
        bare = line.rstrip(b"\r\n")
        if bare not in starts:
            (sides[side] if side else merged).append(line)
            continue
        side = starts[bare]
        if side == "ours" and merged:
            yield Part(conflict=False, ours=b"".join(merged))
            merged = []
        elif not side:
            yield Part(conflict=True, **{name: b"".join(lines) for name, lines in sides.items()})
            sides = {name: [] for name in sides}
    if merged:
        yield Part(conflict=False, ours=b"".join(merged))
