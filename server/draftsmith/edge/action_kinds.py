"""Kinds of the edge's code actions: what an editor sorts and filters them by."""

from __future__ import annotations

FIX = "quickfix"
HUNK = "quickfix.draftsmith.hunk"
CHANGE = "refactor.rewrite.draftsmith"
EXPLAIN = "source.draftsmith.explain"
PAPER = "quickfix.draftsmith.paper"
SESSION = "source.draftsmith.session"

KINDS = (FIX, HUNK, CHANGE, EXPLAIN, PAPER, SESSION)


def is_wanted(kind: str, only: tuple[str, ...] | None) -> bool:
    """Whether a kind is one of those asked for, or below one (LSP 3.17, CodeActionKind). Kinds below `source` come
    only when nothing is asked for or they are named."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") or one == "" for one in only)
