"""The small shop that the tests change, and what the scripted model says to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.replies import script_of
from harness.workspace import commit, lay_out

MODEL = "openai_compatible/scripted"
REQUEST = "Add a discount to orders and show it on the receipt."

FILES = {
    "shop/__init__.py": "",
    "shop/order.py": '''\
"""Orders and what they cost."""


def total(prices):
    """The sum of the prices."""
    return sum(prices)


def count(prices):
    """How many things were ordered."""
    return len(prices)


def cheapest(prices):
    """The lowest price."""
    return sorted(prices)[0]
''',
    "shop/receipt.py": '''\
"""Receipts as text."""

from shop.order import total


def receipt(prices):
    return f"Total: {total(prices)}"
''',
    "tests/test_order.py": """\
import unittest

from shop.order import total


class OrderTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)
""",
    "README.md": "# Shop\n",
}

PLAN = {
    "submit_plan": {
        "title": "Discounts",
        "summary": "First the sum, then what shows it.",
        "tasks": [
            {
                "id": "t1",
                "title": "Discount in the total",
                "description": "`total` takes a discount in percent.",
                "checks": ["ten percent of 100 leave 90"],
                "files": ["shop/order.py", "tests/test_discount.py"],
            },
            {
                "id": "t2",
                "title": "Discount on the receipt",
                "description": "The receipt says how much was taken off.",
                "depends_on": ["t1"],
                "files": ["shop/receipt.py"],
            },
        ],
        "risks": ["rounding of odd percentages"],
    }
}

TOTAL: list[dict[str, Any]] = [
    {
        "say": "I read how orders are summed, then add the discount **in one place**, so that `receipt` can use it.",
        "read": {"path": "shop/order.py"},
    },
    {
        "say": "The sum takes a discount now. `cheapest` sorts everything to find one price; "
        "`min` does it in one pass.",
        "calls": [
            {
                "edit": {
                    "path": "shop/order.py",
                    "old": 'def total(prices):\n    """The sum of the prices."""\n    return sum(prices)\n',
                    "new": "def total(prices, discount=0):\n"
                    '    """The sum of the prices, less the discount in percent."""\n'
                    "    return sum(prices) * (100 - discount) / 100 if discount else sum(prices)\n",
                }
            },
            {"edit": {"path": "shop/order.py", "old": "return sorted(prices)[0]", "new": "return min(prices)"}},
            {
                "write": {
                    "path": "tests/test_discount.py",
                    "content": "import unittest\n\nfrom shop.order import total\n\n\n"
                    "class DiscountTest(unittest.TestCase):\n    def test_ten_percent(self):\n"
                    "        self.assertEqual(total([100], 10), 90)\n",
                }
            },
        ],
    },
    {"finish": {"summary": "`total` takes a discount in percent.", "verified": ["tests"]}},
]

ASK: dict[str, Any] = {
    "say": "The receipt can say it in two ways.",
    "ask_user": {
        "question": "Shall the receipt name the percentage or the amount?",
        "options": ["percentage", "amount"],
    },
}

RECEIPT: list[dict[str, Any]] = [
    {
        "say": "Now the receipt.",
        "edit": {
            "path": "shop/receipt.py",
            "old": 'def receipt(prices):\n    return f"Total: {total(prices)}"',
            "new": 'def receipt(prices, discount=0):\n    lines = [f"Total: {total(prices, discount)}"]\n'
            '    if discount:\n        lines.append(f"You save {discount} percent.")\n    return "\\n".join(lines)',
        },
    },
    {"finish": {"summary": "The receipt shows what was taken off."}},
]


def lay_out_project(folder: Path) -> Path:
    """The project in a git repository."""
    folder.mkdir(parents=True)
    lay_out(folder, FILES)
    commit(folder)
    return folder


def write_script(path: Path, *, pace: float = 0.0, asks: bool = False, looks: bool = False) -> Path:
    """A script for the vendor, for any number of sessions.

    `pace` is the pause between pieces of streamed text, in seconds; `asks`: the model asks the user something;
    `looks`: it asks the editors for their diagnostics first.
    """
    receipt = [ASK, *RECEIPT] if asks else RECEIPT
    total = [{"diagnostics": {}}, *TOTAL] if looks else TOTAL
    code = [
        {**reply, "when": {"turn": turn, "anywhere": f"{title} (this task)"}}
        for title, replies in (("Discount in the total", total), ("Discount on the receipt", receipt))
        for turn, reply in enumerate(replies)
    ]
    made = [
        {**reply, "times": 0, "chunk_delay": pace} for reply in script_of("scripted", {"plan": [PLAN], "code": code})
    ]
    path.write_text(json.dumps({"replies": made}), encoding="utf-8")
    return path
