"""Questions with known answers, made from a tree: a docstring or the name of a test, and the file that it is about.

The docstrings are taken out of the tree before anybody reads it, so that no one finds them word for word.
"""

from __future__ import annotations

import ast
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SEED = 20_240_611
EACH = 40
LEAST_WORDS = 6
LEAST_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`answer` is a path relative to the tree."""

    kind: Literal["docstring", "test name"]
    words: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    path: Path
    name: str
    doc: str
    first: int
    last: int
    """Lines of the docstring, from 1."""


def make_cases(tree: Path, *, seed: int = SEED, each: int = EACH) -> list[Case]:
    """The cases of a seed. Changes the tree: the chosen docstrings are gone afterwards."""
    described = [one for path in sorted(tree.rglob("*.py")) for one in _described(path)]
    chooser = random.Random(seed)  # noqa: S311  has to be repeatable
    often = Counter(one.doc for one in described)
    told = [one for one in described if often[one.doc] == 1 and len(one.doc.split()) >= LEAST_WORDS]
    docs = chooser.sample(told, min(each, len(told)))
    names = Counter(one.name for one in described)
    named = [
        one
        for one in described
        if names[one.name] == 1 and one.name.islower() and len(one.name.strip("_").split("_")) >= LEAST_PARTS
    ]
    tests = chooser.sample(named, min(each, len(named)))
    for one in docs:
        _take_out(one)
    cases = [Case(kind="docstring", words=one.doc, answer=str(one.path.relative_to(tree))) for one in docs]
    cases += [
        Case(kind="test name", words=f"test_{one.name.strip('_')}", answer=str(one.path.relative_to(tree)))
        for one in tests
    ]
    return cases


def _described(path: Path) -> list[_Described]:
    try:
        module = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return []
    found: list[_Described] = []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (doc := ast.get_docstring(node)):
            place = node.body[0]
            first_sentence = re.split(r"(?<=[.!?])\s|\n\n", doc.strip())[0]
            words = " ".join(first_sentence.split())
            found.append(
                _Described(path=path, name=node.name, doc=words, first=place.lineno, last=place.end_lineno or 0)
            )
    return found


def _take_out(one: _Described) -> None:
    """In place of the docstring an empty one, and its lines stay, so that other places in the file do not move."""
    lines = one.path.read_text("utf-8").split("\n")
    first = lines[one.first - 1]
    indent = first[: len(first) - len(first.lstrip())]
    lines[one.first - 1 : one.last] = [f'{indent}""""""', *[""] * (one.last - one.first)]
    one.path.write_text("\n".join(lines), "utf-8")
