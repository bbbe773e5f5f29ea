"""Small trees for the tests of the index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from draftsmith.code.index.tree import Cache, IndexedTree
from draftsmith.ports.code_index import CodeFolder

SHOP: Mapping[str, str] = {
    "shop/__init__.py": "",
    "shop/cart.py": (
        '"""The cart."""\n\nfrom shop.prices import price_of\nfrom .stock import Stock\n\n\n'
        'class Cart:\n    """What somebody buys."""\n\n    def total(self, tax):\n'
        '        """Sum of all lines with the tax."""\n        return sum(price_of(x) for x in self.lines)\n\n'
        "    def reserve(self, stock: Stock):\n        for line in self.lines:\n            stock.take(line)\n"
    ),
    "shop/prices.py": 'def price_of(line):\n    """What a line costs."""\n    return line.price\n',
    "shop/stock.py": (
        'class Stock:\n    """What is on the shelf."""\n\n    def take(self, line):\n        self.left -= 1\n\n'
        "    def put_back(self, line):\n        self.left += 1\n"
    ),
    "tests/test_cart.py": (
        "from shop.cart import Cart\n\n\ndef test_total():\n    assert Cart().total(0) == 0\n\n\n"
        "def test_reserve():\n    Cart().reserve(None)\n"
    ),
    "web/cart.ts": (
        "import { post } from './http';\n\nexport class CartView {\n  show(): void {\n    post('/cart');\n  }\n}\n"
    ),
    "web/http.ts": "export function post(path: string): void {}\n",
    "data.json": '{"a": 1}\n',
}


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def opened(root: Path, cache_folder: Path, *, base: str = "") -> IndexedTree:
    """A tree in step with its folder, as a new process has it."""
    cache_folder.mkdir(exist_ok=True)
    tree = IndexedTree(str(root), Cache.open(cache_folder), base=base)
    tree.sync()
    return tree


def folder(root: Path, name: str = "") -> CodeFolder:
    return CodeFolder(name=name or root.name, path=str(root))


def contents(tree: IndexedTree) -> dict[bytes, object]:
    """All that a table says of each file, with names in place of numbers."""
    table, names, terms = tree.table, tree.names.items, tree.terms.items
    said: dict[bytes, object] = {}
    for place, path in enumerate(table.paths):

        def run(column: str, section: str, place: int = place) -> list[int]:
            first, last = table.offsets[section][place : place + 2]
            return table.columns[column][first:last].tolist()

        counts = zip(run("term", "terms"), run("term_count", "terms"), strict=True)
        references = zip(run("ref_name", "references"), run("ref_count", "references"), strict=True)
        said[path] = (
            table.ids[place].tobytes(),
            int(table.languages[place]),
            int(table.skipped[place]),
            int(table.lines[place]),
            [names[number] for number in run("def_name", "definitions")],
            [run(f"def_{what}", "definitions") for what in ("kind", "line", "start", "end", "parent", "text")],
            [(names[number >> 1], number & 1, count) for number, count in references],
            run("ref_line", "reference_lines"),
            [names[number] for number in run("import_name", "imports")],
            sorted((terms[number], count) for number, count in counts),
            bytes(run("text", "text")),
        )
    return said
