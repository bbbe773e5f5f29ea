"""Hunks as the hub sends them, made from two texts the way it makes them: exact ranges with three lines around."""

from __future__ import annotations

import difflib

from draftsmith.cli.reviewing.unified import split_lines
from draftsmith.client.messages import HunkText


def hunk(
    number: int, start: int, before: str, after: str, context_before: str = "", context_after: str = "", path: str = "f"
) -> HunkText:
    return {
        "hunk_id": f"hunk{number}",
        "path": path,
        "root": 0,
        "base_start": start,
        "status": "pending",
        "note": "",
        "binary": False,
        "before": before,
        "after": after,
        "context_before": context_before,
        "context_after": context_after,
    }


def hunks_between(old: str, new: str, context: int = 3) -> list[HunkText]:
    a, b = split_lines(old), split_lines(new)
    made: list[HunkText] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            around = "".join(a[max(0, i1 - context) : i1]), "".join(a[i2 : i2 + context])
            made.append(hunk(len(made), i1 + 1, "".join(a[i1:i2]), "".join(b[j1:j2]), *around))
    return made
