"""Parts and their quantities."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path


class StockError(Exception):
    """The stock does not allow what was asked for."""


@dataclass(frozen=True)
class Part:
    name: str
    quantity: int
    unit_price: Decimal

    @property
    def value(self) -> Decimal:
        return self.quantity * self.unit_price


class Stock:
    """The parts on the shelf, by name."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self._parts = {part.name: part for part in parts}

    def __iter__(self) -> Iterator[Part]:
        return iter(sorted(self._parts.values(), key=lambda part: part.name))

    def add(self, name: str, quantity: int, unit_price: Decimal) -> None:
        """Puts parts on the shelf. Raises StockError for a quantity below 1."""
        if quantity < 1:
            raise StockError(f"cannot add {quantity} of {name}")
        known = self._parts.get(name)
        total = quantity + (known.quantity if known else 0)
        self._parts[name] = Part(name, total, unit_price)

    def take(self, name: str, quantity: int) -> Part:
        """Takes parts off the shelf and gives what is left.

        Raises StockError for an unknown part, a quantity below 1, and more than there is.
        """
        part = self._parts.get(name)
        if part is None:
            raise StockError(f"there is no part {name}")
        if quantity < 1:
            raise StockError(f"cannot take {quantity} of {name}")
        left = replace(part, quantity=part.quantity - quantity)
        self._parts[name] = left
        return left

    def total_value(self) -> Decimal:
        return sum((part.value for part in self), Decimal(0))


def read_stock(path: Path) -> Stock:
    """Reads a stock list from CSV. Raises OSError, and StockError for a line that is no part."""
    with path.open(newline="", encoding="utf-8") as file:
        parts = []
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                parts.append(Part(row["name"], int(row["quantity"]), Decimal(row["unit_price"])))
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                raise StockError(f"{path}, line {number}: this is not a part ({error!r})") from error
    return Stock(parts)
