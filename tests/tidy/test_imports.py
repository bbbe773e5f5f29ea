"""Holds what may be imported where, beyond what import-linter can say."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

from tidy.sources import PACKAGE, SERVER, imports_of, python_files, shown, tree_of

# No I/O, no clock, no randomness: the standard library's modules that a pure function has use for.
PURE = {
    *("__future__", "abc", "bisect", "base64", "binascii", "collections", "copy", "dataclasses", "datetime"),
    *("decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "itertools"),
    *("json", "keyword", "math", "operator", "re", "string", "struct", "textwrap", "types", "typing"),
    *("unicodedata", "urllib.parse", "uuid"),
}
HEAVY = ("litellm", "openai", "sqlalchemy", "grpc", "starlette", "uvicorn", "tree_sitter", "alembic")


def is_pure(name: str) -> bool:
    return name in PURE or name.partition(".")[0] in PURE


def impure(tree: ast.Module) -> list[tuple[int, str]]:
    return [
        (line, name)
        for line, name in imports_of(tree)
        if not name.startswith("draftsmith.domain") and name != "draftsmith" and not is_pure(name)
    ]


def test_domain_imports_only_what_is_pure() -> None:
    found = [
        f"{shown(path)}:{line}: {name}"
        for path in python_files("server")
        if path.is_relative_to(PACKAGE / "domain")
        for line, name in impure(tree_of(path))
    ]
    assert not found, f"the domain is pure; pass what these give as an argument: {found}"


def test_an_impure_import_is_found_wherever_it_stands() -> None:
    source = "import re\ndef f():\n    import attrs\n    from os import path\nfrom draftsmith.domain import ids\n"
    assert impure(ast.parse(source)) == [(3, "attrs"), (4, "os")]


def test_no_clock_or_chance_is_read_in_domain() -> None:
    forbidden = {"now", "utcnow", "today", "uuid1", "uuid4"}
    found = [
        f"{shown(path)}:{node.lineno}: {node.attr}"
        for path in python_files("server")
        if path.is_relative_to(PACKAGE / "domain")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in forbidden
    ]
    assert not found, f"time and ids are arguments: {found}"


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after one statement."""
    code = f"import sys, json; {statement}; print(json.dumps(sorted(n for n in sys.modules if '.' not in n)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SERVER, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_command_line_starts_without_heavy_libraries() -> None:
    loaded = loaded_after("import draftsmith.cli.main")
    assert not loaded & set(HEAVY), "import these where they are used, and say why there"


def test_the_domain_loads_nothing_but_itself_and_the_standard_library() -> None:
    new = loaded_after("import draftsmith.domain.session, draftsmith.domain.errors") - loaded_after("pass")
    assert new - set(sys.stdlib_module_names) == {"draftsmith"}
