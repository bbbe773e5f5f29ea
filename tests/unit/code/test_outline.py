"""What one text defines, by line, asked of a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from draftsmith.code.index.service import IndexService
from unit.code.trees import SHOP


@pytest.fixture
def service(tmp_path: Path) -> Iterator[IndexService]:
    (tmp_path / "index").mkdir()
    made = IndexService(tmp_path / "index")
    yield made
    made.close()


def test_definitions_come_by_line_with_what_they_stand_in(service: IndexService, tmp_path: Path) -> None:
    found = service.outline(path="shop/cart.py", text=SHOP["shop/cart.py"]).symbols
    assert [(one.name, one.kind, one.line, one.container) for one in found] == [
        ("Cart", "class", 7, ""),
        ("total", "method", 10, "Cart"),
        ("reserve", "method", 14, "Cart"),
    ]
    assert (found[0].doc, found[1].signature) == ("What somebody buys.", "def total(self, tax):")
    assert not list((tmp_path / "index").glob("outline-*"))


@pytest.mark.parametrize(
    ("path", "text", "skipped"),
    [
        ("a.txt", "def f(): ...", "language"),
        ("a.py", "x = 1\n" * 200_000, "too_large"),
        ("a.js", "var a=1;" * 2_000, "minified"),
        ("a.py", "", ""),
    ],
)
def test_what_is_not_looked_at_says_why(service: IndexService, path: str, text: str, skipped: str) -> None:
    found = service.outline(path=path, text=text)
    assert (found.symbols, found.skipped) == ((), skipped)
