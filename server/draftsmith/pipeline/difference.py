"""The difference between two snapshots as text for a reviewer, bounded at file borders."""

from __future__ import annotations

from draftsmith.workspace.changes import FileChange, TextHunk
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.sides import context_lines
from draftsmith.workspace.store import ObjectStore

CONTEXT = 3


async def unified_difference(store: ObjectStore, base: str, draft: str, limit: int) -> str:
    """A unified difference of at most about `limit` characters; what is left out is named at the end."""
    parts: list[str] = []
    left: list[str] = []
    used = 0
    for change in await propose(store, base, draft):
        text = await _file(store, change)
        if used + len(text) > limit:
            left.append(change.path)
            continue
        parts.append(text)
        used += len(text)
    if left:
        parts.append(f"Too long to show here, read them with `read`: {', '.join(left)}")
    return "\n".join(parts)


async def _file(store: ObjectStore, change: FileChange) -> str:
    lines = [
        f"--- {change.path if change.before else '/dev/null'}",
        f"+++ {change.path if change.after else '/dev/null'}",
    ]
    pairs = [(change, hunk) for hunk in change.hunks]
    around = await context_lines(store, pairs, CONTEXT)
    shift = 0
    for (_, hunk), (before, after) in zip(pairs, around, strict=True):
        lines += _hunk(change, hunk, before, after, shift)
        shift += hunk.new.count(b"\n") - hunk.base_length
    return "\n".join(lines)


def _hunk(change: FileChange, hunk: TextHunk, before: bytes, after: bytes, shift: int) -> list[str]:
    if hunk.kind == "mode":
        return [f"(the executable bit changed: {change.kind})"]
    if hunk.kind == "whole" and not hunk.old and not hunk.new:
        return ["(a binary or very large file; its content is not shown)"]
    start = max(1, hunk.base_start)
    added = _lines(hunk.new)
    return [
        f"@@ -{start},{hunk.base_length} +{start + shift},{len(added)} @@",
        *(f" {line}" for line in _lines(before)),
        *(f"-{line}" for line in _lines(hunk.old)),
        *(f"+{line}" for line in added),
        *(f" {line}" for line in _lines(after)),
    ]


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", "replace")
    return text.removesuffix("\n").split("\n") if text else []
