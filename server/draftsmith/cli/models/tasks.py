"""The small tasks that a version of a model is tried on, with what they take in a course without detours: data.

Each is a folder with red tests and a request. It went well when the session's own gates passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTask:
    """`input_tokens` are those of all calls in a session that reads, writes, runs the tests once, finishes and is
    approved: a test plays it and holds them to it. `output_tokens` are what a task of the shipped example took."""

    name: str
    request: str
    files: Mapping[str, str]
    input_tokens: int
    output_tokens: int


_INTERVALS = '''"""Closed intervals of whole numbers."""


def merge(intervals):
    """The intervals joined where they overlap or touch, in order."""
    merged = []
    for start, end in intervals:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
'''

_INTERVALS_TEST = """import unittest

from intervals import merge


class MergeTest(unittest.TestCase):
    def test_overlapping(self):
        self.assertEqual(merge([(1, 4), (2, 6)]), [(1, 6)])

    def test_one_within_another(self):
        self.assertEqual(merge([(1, 9), (2, 3)]), [(1, 9)])

    def test_unsorted_and_touching(self):
        self.assertEqual(merge([(5, 6), (1, 2), (3, 4)]), [(1, 6)])

    def test_the_argument_stays_as_it_was(self):
        given = [(5, 6), (1, 2)]
        merge(given)
        self.assertEqual(given, [(5, 6), (1, 2)])
"""

_CONFIG = '''"""Settings in lines of the form `name = value`."""


def parse(text):
    settings = {}
    for line in text.split("\\n"):
        name, value = line.split("=")
        settings[name.strip()] = value.strip()
    return settings
'''

_CONFIG_TEST = """import unittest

from settings import SettingsError, parse


class ParseTest(unittest.TestCase):
    def test_names_and_values(self):
        self.assertEqual(parse("a = 1\\nb=two"), {"a": "1", "b": "two"})

    def test_comments_and_blank_lines_are_left_out(self):
        self.assertEqual(parse("# note\\n\\na = 1  # why\\n"), {"a": "1"})

    def test_a_value_may_hold_an_equals_sign(self):
        self.assertEqual(parse("query = a=b"), {"query": "a=b"})

    def test_what_cannot_be_read_is_told_with_its_line(self):
        with self.assertRaisesRegex(SettingsError, "line 2"):
            parse("a = 1\\nnonsense")

    def test_the_error_is_a_value_error(self):
        self.assertTrue(issubclass(SettingsError, ValueError))
"""

_SHOP = '''"""Prices of a shop, in cents."""


class Basket:
    def __init__(self):
        self.lines = []

    def add(self, name, cents, count=1):
        self.lines.append((name, cents, count))

    def total(self):
        return sum(cents * count for _, cents, count in self.lines)
'''

_RECEIPT = '''"""A basket as text."""


def receipt(basket):
    lines = [f"{name} x{count}: {cents * count / 100:.2f}" for name, cents, count in basket.lines]
    return "\\n".join([*lines, f"total: {basket.total() / 100:.2f}"])
'''

_SHOP_TEST = """import unittest

from receipt import receipt
from shop import Basket


class DiscountTest(unittest.TestCase):
    def basket(self):
        basket = Basket()
        basket.add("tea", 350, 2)
        basket.add("cup", 1000)
        return basket

    def test_no_discount(self):
        self.assertEqual(self.basket().total(), 1700)

    def test_a_share_is_taken_off_and_rounded_down_to_whole_cents(self):
        basket = self.basket()
        basket.discount(percent=15)
        self.assertEqual(basket.total(), 1445)
        basket.discount(percent=33)
        self.assertEqual(basket.total(), 1139)

    def test_shares_out_of_range_are_refused(self):
        for percent in (-1, 101):
            with self.assertRaises(ValueError):
                self.basket().discount(percent=percent)

    def test_the_receipt_shows_the_discount(self):
        basket = self.basket()
        self.assertNotIn("discount", receipt(basket))
        basket.discount(percent=10)
        self.assertIn("discount 10%: -1.70", receipt(basket))
        self.assertTrue(receipt(basket).endswith("total: 15.30"))
"""

TASKS: tuple[TrialTask, ...] = (
    TrialTask(
        name="mend a function",
        request="The tests of `merge` in intervals.py fail. Mend the function; leave the tests alone.",
        files={"intervals.py": _INTERVALS, "test_intervals.py": _INTERVALS_TEST},
        input_tokens=34_600,
        output_tokens=1_086,
    ),
    TrialTask(
        name="a parser that says what is wrong",
        request="Make settings.py do what test_settings.py asks of it. Leave the tests alone.",
        files={"settings.py": _CONFIG, "test_settings.py": _CONFIG_TEST},
        input_tokens=34_800,
        output_tokens=1_086,
    ),
    TrialTask(
        name="a feature over two files",
        request="Add discounts to the basket and to its receipt, as test_shop.py wants them. Leave the tests alone.",
        files={"shop.py": _SHOP, "receipt.py": _RECEIPT, "test_shop.py": _SHOP_TEST},
        input_tokens=36_000,
        output_tokens=1_086,
    ),
)
