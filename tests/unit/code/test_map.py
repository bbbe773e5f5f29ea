"""The map: what fits the words comes first, within its budget, in an order that small changes leave alone."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.code.index.focusing import RECENT_WEIGHT, focus_places
from draftsmith.code.index.mapping import ELIDED, Map, draw_map, tokens_of
from draftsmith.code.index.ranking import Ranker, Seeds
from draftsmith.code.index.service import IndexService
from draftsmith.code.index.tree import IndexedTree
from draftsmith.code.words import words_of
from draftsmith.ports.code_index import Focus
from isolation import short_folder
from unit.code.trees import SHOP, folder, opened, write


def drawn(tree: IndexedTree, words: str, budget: int = 400, focus: tuple[tuple[int, float], ...] = ()) -> Map:
    return draw_map(tree.table, Ranker(tree).rank(Seeds(tuple(words_of(words)), focus)), budget)


def files_in(found: Map) -> list[str]:
    return [line[:-1] for line in found.text.split("\n") if line.endswith(":") and "." in line and line[0] != " "]


MODULE = """from part{folder}.module_{other:02} import Thing{other}


class Thing{number}:
    def run_{number}(self):
        return Thing{other}().run_{other}()

    def stop_{number}(self):
        pass
"""


def large(root: Path) -> Path:
    """Sixty modules, each with a class of its own, that use one of the others."""
    for number in range(60):
        other = (number * 7 + 1) % 60
        text = MODULE.format(folder=other % 6, other=other, number=number)
        write(root, {f"part{number % 6}/module_{number:02}.py": text})
    return root


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("the tax is missing from the total", "shop/cart.py"),
        ("putting things back on the shelf", "shop/stock.py"),
        ("price_of gives None", "shop/prices.py"),
        ("CartView", "web/cart.ts"),
        ("", "shop/stock.py"),
    ],
)
def test_what_fits_the_words_is_in_a_small_map(tmp_path: Path, words: str, best: str) -> None:
    tree = opened(write(tmp_path / "work", SHOP), tmp_path / "cache")
    assert best in files_in(drawn(tree, words, 60))


def test_lines_are_the_file_s_own_with_a_sign_for_what_is_left_out(tmp_path: Path) -> None:
    files = {"a.py": "class A:\n    def one(self): pass\n\n    def wanted(self): pass\n\n\ndef last(): pass\n"}
    tree = opened(write(tmp_path / "work", files), tmp_path / "cache")
    wanted = f"a.py:\nclass A:\n{ELIDED}\n    def wanted(self): pass\n{ELIDED}"
    assert drawn(tree, "wanted", 17).text == wanted


def test_tests_stand_behind_what_they_test(tmp_path: Path) -> None:
    tree = opened(write(tmp_path / "work", SHOP), tmp_path / "cache")
    ranking = Ranker(tree).rank(Seeds((b"total", b"cart")))
    places = {path.decode(): place for place, path in enumerate(tree.table.paths)}
    assert ranking.files[places["tests/test_cart.py"]] < ranking.files[places["shop/cart.py"]]


def test_files_in_focus_and_what_they_use_come_first(tmp_path: Path) -> None:
    tree = opened(large(tmp_path / "work"), tmp_path / "cache")
    place = tree.table.paths.index(b"part3/module_33.py")
    # Module 33 uses module 52: (33 * 7 + 1) % 60.
    assert {"part3/module_33.py", "part4/module_52.py"} <= set(files_in(drawn(tree, "", 120, ((place, 1.0),))))


def test_files_stand_in_the_order_of_paths(tmp_path: Path) -> None:
    tree = opened(large(tmp_path / "work"), tmp_path / "cache")
    found = files_in(drawn(tree, "thing run", 600))
    assert len(found) > 10
    assert found == sorted(found)


def test_the_same_tree_gives_the_same_map(tmp_path: Path) -> None:
    root = large(tmp_path / "work")
    maps = {drawn(opened(root, tmp_path / name), "run_7 and Thing3", 500).text for name in ("one", "two")}
    assert len(maps) == 1


def test_a_small_change_leaves_the_map_nearly_as_it_was(tmp_path: Path) -> None:
    root = large(tmp_path / "work")
    tree = opened(root, tmp_path / "cache")
    before = drawn(tree, "thing run", 600).text.split("\n")
    write(root, {"part1/extra.py": "from part1.module_01 import Thing1\n\n\ndef more():\n    Thing1().run_1()\n"})
    tree.sync()
    after = drawn(tree, "thing run", 600).text.split("\n")
    kept = difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()
    assert kept > 0.9


@settings(max_examples=25)
@given(st.integers(min_value=100, max_value=3_000), st.text(max_size=40))
def test_a_map_never_exceeds_its_budget(budget: int, words: str) -> None:
    with short_folder("ds-map-") as name:
        tree = opened(write(name / "work", SHOP), name / "cache")
        found = drawn(tree, words, budget)
        assert tokens_of(found.text) <= budget


def test_an_empty_folder_has_an_empty_map(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    assert drawn(opened(tmp_path / "work", tmp_path / "cache"), "anything").text == ""


def test_several_folders_share_the_budget_and_name_themselves(tmp_path: Path) -> None:
    write(tmp_path / "one", SHOP)
    large(tmp_path / "two")
    (tmp_path / "index").mkdir()
    service = IndexService(tmp_path / "index")
    folders = [folder(tmp_path / "one"), folder(tmp_path / "two")]
    found = service.map(folders, words="cart total run_7", focus=[Focus(path="two/part1/module_07.py")], budget=500)
    assert "one/\n" in found.text
    assert "two/\n" in found.text
    assert "def run_7" in found.text
    assert found.tokens <= 500
    service.close()


def test_paths_that_the_request_names_are_in_focus(tmp_path: Path) -> None:
    large(tmp_path / "work")
    (tmp_path / "index").mkdir()
    service = IndexService(tmp_path / "index")
    words = 'File "part2/module_44.py", line 5, in run_44'
    found = service.map([folder(tmp_path / "work")], words=words, focus=[], budget=100)
    assert "part2/module_44.py:" in found.text
    service.close()


def test_files_that_were_just_changed_are_in_focus(tmp_path: Path) -> None:
    root = large(tmp_path / "work")
    for path in root.rglob("*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    tree = opened(root, tmp_path / "cache")
    assert focus_places(tree.table, [], "") == []
    os.utime(root / "part2/module_44.py", (1_700_009_000, 1_700_009_000))
    tree.sync()
    place = tree.table.paths.index(b"part2/module_44.py")
    assert focus_places(tree.table, [], "") == [(place, RECENT_WEIGHT)]
    assert focus_places(tree.table, [Focus(path="part2/module_44.py")], "see part1/module_07.py:3")[-1][1] == 1.0
    assert len(focus_places(tree.table, [], "see part1/module_07.py:3")) == 2
