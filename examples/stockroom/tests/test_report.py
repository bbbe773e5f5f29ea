from __future__ import annotations

import unittest
from decimal import Decimal

from stockroom.report import table
from stockroom.stock import Part


class TableTest(unittest.TestCase):
    def test_one_line_for_each_part(self) -> None:
        lines = table([Part("bolt", 10, Decimal("0.12")), Part("hinge", 4, Decimal("3.50"))]).split("\n")
        self.assertEqual(lines[0].split(), ["bolt", "10", "1.20"])
        self.assertEqual(lines[1].split(), ["hinge", "4", "14.00"])


if __name__ == "__main__":
    unittest.main()
