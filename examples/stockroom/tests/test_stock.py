from __future__ import annotations

import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

from stockroom.stock import Part, Stock, StockError, read_stock


class StockTest(unittest.TestCase):
    def setUp(self) -> None:
        self.stock = Stock([Part("bolt", 10, Decimal("0.12")), Part("hinge", 4, Decimal("3.50"))])

    def test_adding_to_a_known_part_adds_up(self) -> None:
        self.stock.add("bolt", 5, Decimal("0.12"))
        self.assertEqual([part.quantity for part in self.stock], [15, 4])

    def test_taking_gives_what_is_left(self) -> None:
        self.assertEqual(self.stock.take("hinge", 1).quantity, 3)

    def test_taking_more_than_there_is_is_refused_and_changes_nothing(self) -> None:
        with self.assertRaises(StockError):
            self.stock.take("hinge", 5)
        self.assertEqual([part.quantity for part in self.stock], [10, 4])

    def test_an_unknown_part_cannot_be_taken(self) -> None:
        with self.assertRaises(StockError):
            self.stock.take("nut", 1)

    def test_total_value(self) -> None:
        self.assertEqual(self.stock.total_value(), Decimal("15.20"))


class ReadStockTest(unittest.TestCase):
    def read(self, text: str) -> Stock:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "parts.csv")
            path.write_text(text, encoding="utf-8")
            return read_stock(path)

    def test_reads_parts_from_csv(self) -> None:
        stock = self.read("name,quantity,unit_price\nnut,7,0.05\n")
        self.assertEqual(list(stock), [Part("nut", 7, Decimal("0.05"))])

    def test_a_bad_line_is_named(self) -> None:
        with self.assertRaisesRegex(StockError, "line 3"):
            self.read("name,quantity,unit_price\nnut,7,0.05\nbolt,many,1\n")


if __name__ == "__main__":
    unittest.main()
