"""Streamed text of running steps, kept as the pieces in which it came until somebody wants it whole.

Putting it together for every piece would cost as much as the text is long, each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from draftsmith.domain.text import utf16_length
from draftsmith.protocol.entities import StepEntity

LIVE_LIMIT = 1_000_000
"""Characters of streamed text kept of one running step's field; what comes after is seen when the step ends."""

LiveField = Literal["text", "reasoning", "arguments", "usage"]
FIELDS: frozenset[str] = frozenset(get_args(LiveField))


@dataclass(slots=True)
class _Growing:
    """One field of one step: how long it is, as clients count and as Python does, and what is not in the entity yet."""

    length: int
    characters: int
    pieces: list[str] = field(default_factory=list[str])


class LiveText:
    """Of one session."""

    def __init__(self) -> None:
        self._growing: dict[tuple[str, str], _Growing] = {}

    def add(self, step: StepEntity, name: str, text: str) -> int | None:
        """Where in the field the text begins, in UTF-16 code units; None when it is not kept."""
        growing = self._growing.get((step.id, name))
        if growing is None:
            if name not in FIELDS:
                return None
            held: str = getattr(step, name)
            growing = self._growing[step.id, name] = _Growing(utf16_length(held), len(held))
        if growing.characters + len(text) > LIVE_LIMIT:
            return None
        offset = growing.length
        growing.pieces.append(text)
        growing.characters += len(text)
        growing.length += len(text) if text.isascii() else utf16_length(text)
        return offset

    def take(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Steps with what has to be put behind each of their fields; it is not told again."""
        found: dict[str, dict[str, str]] = {}
        for (step_id, name), growing in self._growing.items():
            if growing.pieces:
                found.setdefault(step_id, {})[name] = "".join(growing.pieces)
                growing.pieces.clear()
        yield from found.items()

    def forget(self) -> None:
        """The entities are others now: lengths are taken from them again."""
        self._growing.clear()
