"""What is counted of how models did: sums by day, model, key and role, and those kept of sessions that were deleted.

No session is named in what is kept: a session that was deleted leaves sums and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import ClassVar

from draftsmith.domain.conversation import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkKey:
    """`day` is an ISO date in UTC, `endpoint` the label of the key or server."""

    day: str
    model: str
    endpoint: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums. `first_token_ms` and `model_ms` are of the finished calls; `tool_ms` of tool calls and gates.

    `tasks` counts what the role was there for (tasks of a coder, plans, reviews), `good_tasks` those that went well.
    """

    calls: int = 0
    failed_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    nano_usd: int = 0
    unpriced_calls: int = 0
    model_ms: int = 0
    first_token_ms: int = 0
    tool_ms: int = 0
    tool_calls: int = 0
    invalid_tool_calls: int = 0
    gates: int = 0
    passed_gates: int = 0
    tasks: int = 0
    good_tasks: int = 0
    search_edits: int = 0
    good_search_edits: int = 0
    symbol_edits: int = 0
    good_symbol_edits: int = 0
    lines_edits: int = 0
    good_lines_edits: int = 0
    patch_edits: int = 0
    good_patch_edits: int = 0

    def edits(self, name: str) -> tuple[int, int]:
        """Tried and good edits of one format."""
        return getattr(self, f"{name}_edits"), getattr(self, f"good_{name}_edits")


FIGURES = tuple(one.name for one in fields(Figures))
NOTHING = Figures()


def added(some: Iterable[Figures]) -> Figures:
    """The sum."""
    everything = list(some)
    return Figures(**{name: sum(getattr(one, name) for one in everything) for name in FIGURES})


def less(figures: Figures, other: Figures) -> Figures:
    """The difference, never below zero."""
    return Figures(**{name: max(0, getattr(figures, name) - getattr(other, name)) for name in FIGURES})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """The sums of one key."""

    key: WorkKey
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkKept:
    """What a session that is deleted had recorded of models."""

    kind: ClassVar[str] = "work_kept"
    kind_version: ClassVar[int] = 1
    lines: tuple[KeptLine, ...]


RecordEvent = WorkKept
