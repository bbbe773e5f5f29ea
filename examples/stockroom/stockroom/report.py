"""Text reports."""

from __future__ import annotations

from collections.abc import Iterable

from stockroom.stock import Part


def table(parts: Iterable[Part]) -> str:
    """One line for each part: name, quantity, value."""
    lines = [f"{part.name:<20}{part.quantity:>8}{part.value:>12.2f}" for part in parts]
    return "\n".join(lines)
