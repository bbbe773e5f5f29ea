"""A small project and what a recorded agent proposes for it: several files and hunks, a new one, a finding."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

CART = '''"""The cart."""

from shop.prices import price_of


class Cart:
    """What somebody buys."""

    def __init__(self):
        self.lines = []

    def add(self, name, count=1):
        self.lines.append((name, count))

    def remove(self, name):
        for line in self.lines:
            if line[0] == name:
                self.lines.remove(line)
                return

    def clear(self):
        self.lines = []

    def names(self):
        return [name for name, _ in self.lines]

    def count(self):
        return len(self.lines)

    def total(self):
        result = 0
        for name, count in self.lines:
            result += price_of(name)
        return result
'''

PRICES = '''"""What things cost, in cents."""

PRICES = {"apple": 40, "pear": 55, "plum": 15}


def price_of(name):
    return PRICES[name]
'''

TESTS = """import unittest

from shop.cart import Cart


class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        cart.add("apple")
        self.assertEqual(cart.total(), 40)
"""

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": CART,
    "shop/prices.py": PRICES,
    "shop/old.py": "# Not used any more.\nOLD = True\n",
    "tests/test_cart.py": TESTS,
    "README.md": "# Shop\n\nA shop with a cart.\n",
}

EDITS: list[tuple[str, dict[str, Any]]] = [
    (
        "edit",
        {
            "path": "shop/cart.py",
            "old": "    def add(self, name, count=1):\n",
            "new": "    def add(self, name, count=1):\n        if count < 1:\n"
            '            raise ValueError("count must be at least 1")\n',
        },
    ),
    ("edit", {"path": "shop/cart.py", "old": "return len(self.lines)", "new": "return sum(n for _, n in self.lines)"}),
    ("edit", {"path": "shop/cart.py", "old": "result += price_of(name)", "new": "result += price_of(name) * count"}),
    ("edit", {"path": "shop/prices.py", "old": '"plum": 15', "new": '"plum": 15, "quince": 90'}),
    (
        "edit",
        {
            "path": "tests/test_cart.py",
            "old": "        self.assertEqual(cart.total(), 40)\n",
            "new": "        self.assertEqual(cart.total(), 40)\n\n    def test_total_counts(self):\n"
            '        cart = Cart()\n        cart.add("plum", 3)\n        self.assertEqual(cart.total(), 45)\n',
        },
    ),
    ("write", {"path": "docs/cart.md", "content": "# The cart\n\nIt counts what is in it.\n"}),
    ("delete", {"path": "shop/old.py"}),
]

FINDING = {
    "path": "shop/cart.py",
    "line": 13,
    "severity": "minor",
    "message": "A count that is no whole number is taken.",
    "remedy": "Check the type, too.",
}

SECOND: list[tuple[str, dict[str, Any]]] = [
    (
        "edit",
        {
            "path": "shop/cart.py",
            "old": "        if count < 1:\n",
            "new": "        if not isinstance(count, int) or count < 1:\n",
        },
    ),
]


def lay_out(folder: Path) -> Path:
    """The project with one commit."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Open the shop")):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def _exchange(role: str, thread: str, *calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    tool_calls = [{"call_id": f"call_{at}", "name": name, "arguments": given} for at, (name, given) in enumerate(calls)]
    return {
        "kind": "exchange",
        "role": role,
        "thread": thread,
        "model": "recorded/shopkeeper",
        "reply": {"text": "", "reasoning": "", "tool_calls": tool_calls, "stop_reason": "tool_calls"},
        "usage": {"input_tokens": 1_000, "output_tokens": 100, "cached_tokens": 0, "reasoning_tokens": 0},
        "outcomes": [None for _ in tool_calls],
    }


def recording(*edits: tuple[str, dict[str, Any]]) -> str:
    """For `session/start`: the agent makes the edits (default: all), reviews itself, and mends one when told so."""
    head = {
        "kind": "recording",
        "format": 1,
        "recorded_at": "2026-01-01T00:00:00+00:00",
        "model": "recorded/shopkeeper",
        "draftsmith": "0.1.0",
        "by": "a test",
        "note": "",
    }
    reviewed = {"approved": True, "summary": "It counts.", "findings": [FINDING] if not edits else []}
    exchanges = [
        _exchange("plan", "", ("begin_work", {"title": "Count what is in the cart"})),
        _exchange("code", "work-1", *(edits or EDITS)),
        _exchange("code", "work-1", ("finish", {"outcome": "done", "summary": "The total counts **every** piece."})),
        _exchange("critique", "work-1", ("submit_review", reviewed)),
        _exchange("plan", "", ("begin_work", {"title": "Check the type"})),
        _exchange("code", "work-2", *SECOND),
        _exchange("code", "work-2", ("finish", {"outcome": "done", "summary": "The type is checked."})),
        _exchange("critique", "work-2", ("submit_review", {"approved": True, "summary": "Fine.", "findings": []})),
    ]
    return "\n".join(json.dumps(one) for one in (head, *exchanges)) + "\n"
