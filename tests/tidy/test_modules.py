"""Holds the shape of modules: size, names, docstrings, no printing, no leftovers."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidy.sources import PACKAGE, project_files, python_files, shown, text_of, tree_of

LONGEST_MODULE = 400
# A file of tests is read one test at a time.
LONGEST_TEST_FILE = 600
LONG_MODULE = 300
LONGEST_DOCSTRING = 5
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
OWN_CODE = ("server", "tests", "bench", "tools")
# What a generator writes says so at its head.
GENERATED = re.compile(r".{0,400}\b[Dd]o not edit\b", re.DOTALL)
LEFTOVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
IGNORE = re.compile(r"#\s*(?P<what>noqa|type:\s*ignore|pyright:\s*ignore|ruff:\s*noqa|pyright:\s*\w+)")
REASONED = (
    re.compile(r"#\s*noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*\W+\w"),
    re.compile(r"#\s*(?:type|pyright): ignore\[[\w, -]+\]\W+\w"),
    re.compile(r"#\s*ruff: noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*\W+\w"),
    re.compile(r"#\s*pyright: report\w+=\w+\W+\w"),
)


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text_of(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def unreasoned_ignores(path: Path) -> list[str]:
    return [
        f"{shown(path)}:{line}: {comment}"
        for line, comment in comments(path)
        if IGNORE.search(comment) and not any(form.search(comment) for form in REASONED)
    ]


def test_modules_are_short_enough_to_read() -> None:
    lengths = {
        shown(path): text_of(path).count("\n") for path in python_files(*OWN_CODE) if not GENERATED.match(text_of(path))
    }
    long = sorted(name for name, lines in lengths.items() if LONG_MODULE < lines <= LONGEST_MODULE)
    if long:
        warnings.warn(f"modules over {LONG_MODULE} lines: {', '.join(long)}", stacklevel=1)
    too_long = [
        f"{name}: {lines} lines"
        for name, lines in lengths.items()
        if lines > (LONGEST_TEST_FILE if name.startswith("tests/") else LONGEST_MODULE)
    ]
    assert not too_long, f"split these (more than {LONGEST_MODULE} lines, tests {LONGEST_TEST_FILE}): {too_long}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [shown(path) for path in python_files(*OWN_CODE) if VAGUE_NAMES & {path.stem, path.parent.name}]
    assert not vague, f"name these by what they hold: {vague}"


def test_every_module_says_what_it_is_for_in_a_few_lines() -> None:
    wrong: list[str] = []
    for path in python_files("server", "bench", "tools"):
        text = ast.get_docstring(tree_of(path))
        if text is None:
            if text_of(path).strip():
                wrong.append(f"{shown(path)}: no docstring")
        elif len(text.splitlines()) > LONGEST_DOCSTRING:
            wrong.append(f"{shown(path)}: {len(text.splitlines())} lines")
    assert not wrong, f"a module docstring has at most {LONGEST_DOCSTRING} lines: {wrong}"


def excused_prints(path: Path) -> set[int]:
    """Lines whose ignore gives a reason, such as the ready line that a parent process reads."""
    return {line for line, comment in comments(path) if "T201" in comment and REASONED[0].search(comment)}


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files("server")
        if not path.is_relative_to(PACKAGE / "cli")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        if node.lineno not in excused_prints(path)
    ]
    assert not printing, f"log instead of printing: {printing}"


def test_nothing_is_left_to_do_in_the_code() -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()[:80]}"
        for path in project_files()
        if path.suffix != ".lock" and "examples" not in path.parts
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if LEFTOVER.search(line)
    ]
    assert not found, f"do it, or leave it out: {found}"


def test_every_ignore_names_its_rule_and_its_reason() -> None:
    found = [line for path in python_files(*OWN_CODE) for line in unreasoned_ignores(path)]
    assert not found, "write `# noqa: S603 - reason` or `# pyright: ignore[rule]  reason`:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("comment", "accepted"),
    [
        ("# no" + "qa", False),
        ("# no" + "qa: S603", False),
        ("# no" + "qa: S603 - the list is fixed", True),
        ("# type: " + "ignore", False),
        ("# type: " + "ignore[arg-type]", False),
        ("# pyright: " + "ignore[reportPrivateUsage]  the library has no other way", True),
        ("# pyright: basic", False),
    ],
)
def test_an_ignore_without_rule_or_reason_is_found(tmp_path: Path, comment: str, accepted: bool) -> None:
    assert any(form.search(comment) for form in REASONED) is accepted
    assert IGNORE.search(comment)
