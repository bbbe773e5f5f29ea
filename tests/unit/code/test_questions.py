"""Questions to the index: symbols, who calls, who imports, similar code, structure; pages and bad questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from draftsmith.code.index import saved
from draftsmith.code.index.service import IndexService
from draftsmith.domain.errors import UserError
from draftsmith.ports.code_index import CodeFolder, SymbolPage, UsePage
from unit.code.trees import SHOP, folder, write


@pytest.fixture
def service(tmp_path: Path) -> Iterator[IndexService]:
    (tmp_path / "index").mkdir()
    made = IndexService(tmp_path / "index")
    yield made
    made.close()


@pytest.fixture
def shop(tmp_path: Path) -> list[CodeFolder]:
    return [folder(write(tmp_path / "work", SHOP))]


def names(page: SymbolPage) -> list[str]:
    return [f"{one.container}.{one.name}".removeprefix(".") for one in page.symbols]


def places(page: UsePage) -> list[str]:
    return [f"{one.path}:{one.line}" for one in page.uses]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Cart", "Cart"),
        ("cart", "Cart"),
        ("total", "Cart.total"),
        ("Cart.reserve", "Cart.reserve"),
        ("Stock::take()", "Stock.take"),
        ("pb", "Stock.put_back"),
        ("price", "price_of"),
        ("pirce_of", "price_of"),
        ("back put", "Stock.put_back"),
        ("shelf.put_back", "Stock.put_back"),
    ],
)
def test_symbols_are_found_however_they_are_written(
    service: IndexService, shop: list[CodeFolder], query: str, first: str
) -> None:
    assert names(service.symbols(shop, query, limit=5, cursor=None))[0] == first


def test_a_symbol_says_where_it_is_and_what_it_is(service: IndexService, shop: list[CodeFolder]) -> None:
    found = service.symbols(shop, "put_back", limit=1, cursor=None).symbols[0]
    assert (found.path, found.line, found.end_line, found.kind) == ("shop/stock.py", 7, 8, "method")
    assert (found.signature, found.container, found.test) == ("def put_back(self, line):", "Stock", False)
    assert service.symbols(shop, "Cart", limit=1, cursor=None).symbols[0].doc == "What somebody buys."


def test_nothing_fits_nonsense(service: IndexService, shop: list[CodeFolder]) -> None:
    page = service.symbols(shop, "qqqqqqzz", limit=5, cursor=None)
    assert (page.symbols, page.total, page.cursor) == ((), 0, None)


def test_calls_are_told_from_other_uses(service: IndexService, shop: list[CodeFolder]) -> None:
    calls = service.uses(shop, "calls", "Cart", limit=10, cursor=None)
    assert places(calls) == ["tests/test_cart.py:5", "tests/test_cart.py:9"]
    assert (calls.uses[0].text, calls.uses[0].within) == ("assert Cart().total(0) == 0", "test_total")
    every = service.uses(shop, "references", "Cart", limit=10, cursor=None)
    assert places(every) == ["tests/test_cart.py:1", "tests/test_cart.py:5", "tests/test_cart.py:9"]
    assert places(service.uses(shop, "calls", "Stock.take", limit=10, cursor=None)) == ["shop/cart.py:16"]


IMPORTS = {
    "pkg/a.py": "import pkg.b\nfrom pkg import c\nfrom . import b\nfrom .sub import deep\n",
    "pkg/b.py": "x = 1\n",
    "pkg/c.py": "from pkg.sub.deep import y\nimport numpy.linalg\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/deep.py": "from ..b import x\n",
    "other/b.py": "import b\n",
    "web/main.ts": "import { a } from './lib/util';\nimport React from 'react';\n",
    "web/lib/util.ts": "export const a = 1;\n",
    "loop/__init__.py": "from . import part\n",
    "loop/part.py": "",
    "src/main.c": '#include "shapes/circle.h"\n#include <stdio.h>\n',
    "include/shapes/circle.h": "int area(void);\n",
    "src/lib.rs": "use crate::parser::Tree;\n",
    "src/parser.rs": "pub struct Tree;\n",
}


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("pkg/b.py", ["pkg/a.py:1", "pkg/a.py:3", "pkg/sub/deep.py:1"]),
        ("pkg/c.py", ["pkg/a.py:2"]),
        ("pkg/sub/deep.py", ["pkg/a.py:4", "pkg/c.py:1"]),
        ("pkg/sub/__init__.py", ["pkg/a.py:4"]),
        ("loop/__init__.py", []),
        ("loop/part.py", ["loop/__init__.py:1"]),
        ("numpy", ["pkg/c.py:2"]),
        ("web/lib/util.ts", ["web/main.ts:1"]),
        ("react", ["web/main.ts:2"]),
        ("include/shapes/circle.h", ["src/main.c:1"]),
    ],
)
def test_who_imports_a_file_or_a_module(tmp_path: Path, service: IndexService, target: str, found: list[str]) -> None:
    folders = [folder(write(tmp_path / "work", IMPORTS))]
    assert places(service.uses(folders, "imports", target, limit=20, cursor=None)) == found


def test_a_folder_inside_a_package_knows_its_files_by_their_whole_names(tmp_path: Path, service: IndexService) -> None:
    write(tmp_path / "work", IMPORTS)
    page = service.uses([folder(tmp_path / "work" / "pkg")], "imports", "sub/deep.py", limit=5, cursor=None)
    assert places(page) == ["a.py:4", "c.py:1"]


def test_similar_code_finds_the_copy_before_the_neighbour(tmp_path: Path, service: IndexService) -> None:
    body = "    order = load_order(path)\n    check_address(order)\n    notify_customer(order)\n    archive(order)\n"
    files = {
        "one.py": f"def send_now(path):\n{body}",
        "two.py": f"def send_later(path):\n    wait()\n{body}",
        "three.py": "def cancel(path):\n    order = load_order(path)\n    refund(order)\n",
        "four.py": "def unrelated():\n    paint()\n",
    }
    folders = [folder(write(tmp_path / "work", files))]
    page = service.similar(folders, path="one.py", line=3, text="", limit=5, cursor=None)
    assert names(page) == ["send_later", "cancel"]
    page = service.similar(folders, path="", line=0, text="notify_customer(x); archive(x)", limit=5, cursor=None)
    assert set(names(page)) == {"send_now", "send_later"}


def test_structure_is_found_by_a_query_in_files_of_its_language(service: IndexService, shop: list[CodeFolder]) -> None:
    query = "(call function: (attribute attribute: (identifier) @name))"
    page = service.structure(shop, language="python", query=query, glob="tests/*", limit=10, cursor=None)
    assert places(page) == ["tests/test_cart.py:5", "tests/test_cart.py:9"]
    views = "(class_declaration name: (type_identifier) @name)"
    page = service.structure(shop, language="typescript", query=views, glob="", limit=10, cursor=None)
    assert places(page) == ["web/cart.ts:3"]


@pytest.mark.parametrize(
    ("language", "query"),
    [
        ("python", "(nonsense"),
        ("python", "(no_such_node) @a"),
        ("python", "(call)"),
        ("cobol", "(a) @b"),
        ("json", "(pair) @a"),
    ],
)
def test_a_bad_query_is_answered_with_what_is_wrong(
    service: IndexService, shop: list[CodeFolder], language: str, query: str
) -> None:
    with pytest.raises(UserError) as caught:
        service.structure(shop, language=language, query=query, glob="", limit=10, cursor=None)
    assert caught.value.code == "bad_query"
    assert caught.value.remedy


def test_pages_join_to_the_whole(tmp_path: Path, service: IndexService) -> None:
    files = {f"m{number}.py": f"def shared():\n    helper_{number}()\n    common()\n" for number in range(7)}
    folders = [folder(write(tmp_path / "one", files)), folder(write(tmp_path / "two", files))]
    whole = service.uses(folders, "calls", "common", limit=50, cursor=None)
    assert (whole.total, whole.cursor) == (14, None)
    assert places(whole)[0] == "one/m0.py:3"
    joined: list[str] = []
    cursor: str | None = None
    while True:
        page = service.uses(folders, "calls", "common", limit=4, cursor=cursor)
        joined += places(page)
        cursor = page.cursor
        if cursor is None:
            break
    assert joined == places(whole)
    assert service.symbols(folders, "shared", limit=4, cursor="12").cursor is None
    with pytest.raises(UserError) as caught:
        service.symbols(folders, "shared", limit=4, cursor="next")
    assert caught.value.code == "bad_cursor"


def test_a_question_sees_what_was_changed_just_before(service: IndexService, shop: list[CodeFolder]) -> None:
    assert service.symbols(shop, "brand_new", limit=1, cursor=None).total == 0
    write(Path(shop[0].path), {"shop/new.py": "def brand_new(): pass\n"})
    assert names(service.symbols(shop, "brand_new", limit=1, cursor=None)) == ["brand_new"]
    assert "shop/new.py:" in service.map(shop, words="brand_new", focus=[], budget=60).text
    write(Path(shop[0].path), {"shop/new.py": "def newer(): pass\n"})
    assert "def newer()" in service.map(shop, words="newer", focus=[], budget=60).text


def test_a_folder_that_is_gone_is_named(service: IndexService, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        service.symbols([folder(tmp_path / "gone")], "a", limit=1, cursor=None)
    assert caught.value.code == "unknown_folder"


def test_a_draft_that_still_is_its_base_is_kept_for_others(tmp_path: Path, service: IndexService) -> None:
    root = write(tmp_path / "draft", SHOP)
    for pristine in (False, True):
        drafts = [CodeFolder(name="draft", path=str(root), base=f"tree-{pristine}", pristine=pristine)]
        write(root, {"shop/more.py": f"more = {pristine}\n"})
        service.symbols(drafts, "Cart", limit=1, cursor=None)
        assert saved.exists(tmp_path / "index", f"base:tree-{pristine}") is pristine
