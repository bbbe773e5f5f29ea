"""Findings without running anything of the project: figures, duplicates, secrets, advisories; and tools' output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.quality import advisories, locks
from draftsmith.code.quality.functions import (
    changed_figures,
    duplicate_findings,
    function_figures,
    function_findings,
)
from draftsmith.code.quality.output import new_findings, parse_findings
from draftsmith.code.quality.secretscan import secret_findings
from draftsmith.domain.errors import UserError
from draftsmith.domain.gates import Finding

OUTPUTS: dict[str, tuple[str, list[tuple[str, int, str, str]]]] = {
    "ruff": (
        "F401 [*] `os` imported but unused\n --> src/a.py:1:8\n  |\n1 | import os\n  |        ^^\n  |\nhelp: Remove\n",
        [("src/a.py", 1, "minor", "lint:F401")],
    ),
    "ruff, concise": ("a.py:1:8: F401 [*] `os` imported but unused\n", [("a.py", 1, "minor", "lint:F401")]),
    "flake8": ("./a.py:3:1: E302 expected 2 blank lines\n", [("a.py", 3, "minor", "lint:E302")]),
    "pylint": (
        "a.py:1:0: C0114: Missing module docstring (missing-module-docstring)\n",
        [("a.py", 1, "minor", "lint:C0114")],
    ),
    "mypy": (
        'a.py:2: error: Incompatible types in assignment (expression has type "str")  [assignment]\nFound 1 error\n',
        [("a.py", 2, "major", "lint:assignment")],
    ),
    "pyright": (
        '/ws/a.py\n  /ws/a.py:2:5 - error: "x" is possibly unbound (reportPossiblyUnbound)\n1 error, 0 warnings\n',
        [("a.py", 2, "major", "lint:reportPossiblyUnbound")],
    ),
    "tsc": ("src/a.ts(4,7): error TS2322: Type 'x' is not assignable\n", [("src/a.ts", 4, "major", "lint:TS2322")]),
    "eslint": (
        "/ws/src/a.js\n  1:5  error    'x' is never used  no-unused-vars\n  2:1  warning  Odd  no-console\n\n",
        [("src/a.js", 1, "major", "lint:no-unused-vars"), ("src/a.js", 2, "minor", "lint:no-console")],
    ),
    "go vet": ("# x\n./a.go:3:2: result of fmt.Sprintf call not used\n", [("a.go", 3, "minor", "lint")]),
    "golangci-lint": ("a.go:3:2: unused variable x (unused)\n", [("a.go", 3, "minor", "lint:unused")]),
    "clippy": ("warning: unused variable: `x`\n --> src/main.rs:2:9\n", [("src/main.rs", 2, "minor", "lint")]),
    "rubocop": ("a.rb:1:1: C: [Correctable] Style/X: Missing.\n", [("a.rb", 1, "minor", "lint:Style/X")]),
    "ruff format": ("Would reformat: a.py\n1 file would be reformatted\n", [("a.py", 0, "minor", "lint:format")]),
    "black": ("would reformat /ws/b/a.py\n", [("b/a.py", 0, "minor", "lint:format")]),
    "prettier": ("Checking formatting...\n[warn] src/a.js\n", [("src/a.js", 0, "minor", "lint:format")]),
    "rustfmt": ("Diff in /ws/src/main.rs:3:\n-x\n", [("src/main.rs", 3, "minor", "lint:format")]),
    "words only": ("All done!\n1 file checked: ok\n", []),
}


@pytest.mark.parametrize("tool", OUTPUTS)
def test_the_output_of_common_tools_is_read(tool: str) -> None:
    output, wanted = OUTPUTS[tool]
    found = parse_findings(output, "lint", "/ws")
    assert [(one.path, one.line, one.severity, one.rule) for one in found] == wanted
    assert all(one.message for one in found)


@given(output=st.text(alphabet="a.:0 -\n>()[]errorwning", max_size=300))
def test_any_output_can_be_read(output: str) -> None:
    parse_findings(output, "lint")


def test_findings_that_moved_are_not_new() -> None:
    def finding(line: int, rule: str) -> Finding:
        return Finding(path="a.py", line=line, severity="minor", message="x", rule=rule)

    before = [finding(1, "A"), finding(5, "B")]
    after = [finding(3, "A"), finding(9, "B"), finding(10, "B")]
    assert new_findings(before, after) == (finding(10, "B"),)


SIMPLE = {
    "a.py": "def f(a, b):\n    if a:\n        return 1\n    return b\n",
    "a.js": "function f(a, b) {\n  if (a) { return 1; }\n  return b;\n}\n",
    "a.ts": "function f(a: number, b: number): number {\n  if (a) { return 1; }\n  return b;\n}\n",
    "a.go": "package x\n\nfunc f(a int, b int) int {\n\tif a > 0 {\n\t\treturn 1\n\t}\n\treturn b\n}\n",
    "a.rs": "fn f(a: i32, b: i32) -> i32 {\n    if a > 0 { return 1; }\n    b\n}\n",
    "a.java": "class A {\n  int f(int a, int b) {\n    if (a > 0) { return 1; }\n    return b;\n  }\n}\n",
    "a.kt": "fun f(a: Int, b: Int): Int {\n  if (a > 0) { return 1 }\n  return b\n}\n",
    "a.c": "int f(int a, int b) {\n  if (a) { return 1; }\n  return b;\n}\n",
    "a.cpp": "int f(int a, int b) {\n  if (a) { return 1; }\n  return b;\n}\n",
    "a.cs": "class A {\n  int f(int a, int b) {\n    if (a > 0) { return 1; }\n    return b;\n  }\n}\n",
    "a.rb": "def f(a, b)\n  if a\n    return 1\n  end\n  b\nend\n",
    "a.php": "<?php\nfunction f($a, $b) {\n  if ($a) { return 1; }\n  return $b;\n}\n",
    "a.swift": "func f(a: Int, b: Int) -> Int {\n  if a > 0 { return 1 }\n  return b\n}\n",
    "a.scala": "object A {\n  def f(a: Int, b: Int): Int = {\n    if (a > 0) 1 else b\n  }\n}\n",
    "a.lua": "function f(a, b)\n  if a then return 1 end\n  return b\nend\n",
}


@pytest.mark.parametrize("path", SIMPLE)
def test_functions_are_measured_across_languages(path: str) -> None:
    found = function_figures(path, SIMPLE[path])
    assert found is not None
    assert [(one.name.split("::")[-1].split(".")[-1], one.complexity) for one in found] == [("f", 2)]
    assert 40 < found[0].maintainability <= 100


def test_what_is_no_code_is_not_measured() -> None:
    assert function_figures("notes.txt", "if a then b") is None
    assert function_findings("notes.txt", None, "x") is None


def branching(name: str, ways: int) -> str:
    return (
        f"def {name}(a):\n" + "".join(f"    if a == {n}:\n        a += {n}\n" for n in range(ways)) + "    return a\n"
    )


def test_only_what_got_worse_is_remarked() -> None:
    found = function_findings("a.py", None, branching("f", 20)) or ()
    assert [(one.line, one.severity, one.rule) for one in found] == [(1, "minor", "lizard:complexity")]
    assert function_findings("a.py", branching("f", 20), branching("f", 20)) == ()
    worse = function_findings("a.py", branching("f", 20), branching("f", 22)) or ()
    assert ["before 21" in one.message for one in worse] == [True]
    assert function_findings("a.py", branching("f", 20), branching("f", 18)) == ()


def test_figures_are_told_of_changed_functions_only() -> None:
    before = branching("f", 2) + branching("g", 2)
    after = branching("f", 2) + branching("g", 3)
    assert [one.name for one in changed_figures("a.py", before, after)] == ["g"]


def test_new_duplicates_are_found_and_old_ones_left_alone() -> None:
    body = "".join(f"    x{n} = step(x{n}, y, {n})\n    if x{n}:\n        log.info(x{n})\n" for n in range(12))
    one, two = f"def f(y):\n{body}", f"def g(y):\n{body}"
    (found,) = duplicate_findings({"a.py": one}, {"a.py": one, "b.py": two})[:1]
    assert found.rule == "lizard:duplicate"
    assert "a.py" in found.message
    assert duplicate_findings({"a.py": one, "b.py": two}, {"a.py": one, "b.py": two}) == ()


# Put together here, so that this file itself holds none.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"


def test_secrets_in_added_lines_are_found_and_never_shown() -> None:
    text = f"key = '{AWS}'\ntoken = '{GITHUB}'\nold = '{AWS}'\n"
    found = secret_findings({"src/a.py": (text, [1, 2])})
    assert [(one.line, one.severity) for one in found] == [(1, "critical"), (2, "critical")]
    assert not any(AWS in one.describe() or GITHUB in one.describe() for one in found)


def test_what_only_looks_like_a_secret_does_not_count() -> None:
    text = f"key = '{AWS}'  # pragma: allowlist secret\nsha = '{'0123456789abcdef' * 4}'\n"
    assert secret_findings({"a.py": (text, [1, 2])}) == ()
    assert secret_findings({"yarn.lock": (f"x '{AWS}'\n", [1])}) == ()
    (likely,) = secret_findings({"a.py": ("password = 'hunter2secret'\n", [1])})
    assert likely.severity == "minor"


LOCKS = {
    "requirements.txt": ("Django==4.2.1 \\\n    --hash=sha256:x\n", ("PyPI", "django", "4.2.1")),
    "requirements.lock": ("django==4.2.1\n", ("PyPI", "django", "4.2.1")),
    "poetry.lock": ('[[package]]\nname = "Django"\nversion = "4.2.1"\n', ("PyPI", "django", "4.2.1")),
    "uv.lock": ('[[package]]\nname = "django"\nversion = "4.2.1"\n', ("PyPI", "django", "4.2.1")),
    "Pipfile.lock": (json.dumps({"default": {"django": {"version": "==4.2.1"}}}), ("PyPI", "django", "4.2.1")),
    "package-lock.json": (
        json.dumps({"packages": {"": {}, "node_modules/@a/b": {"version": "1.2.3"}}}),
        ("npm", "@a/b", "1.2.3"),
    ),
    "yarn.lock": ('"@a/b@^1.0.0":\n  version "1.2.3"\n', ("npm", "@a/b", "1.2.3")),
    "pnpm-lock.yaml": ("packages:\n  /@a/b@1.2.3: {}\n", ("npm", "@a/b", "1.2.3")),
    "Cargo.lock": ('[[package]]\nname = "time"\nversion = "0.1.0"\n', ("crates.io", "time", "0.1.0")),
    "go.sum": (
        "golang.org/x/net v0.1.0 h1:x=\ngolang.org/x/net v0.1.0/go.mod h1:y=\n",
        ("Go", "golang.org/x/net", "0.1.0"),
    ),
    "Gemfile.lock": ("GEM\n  specs:\n    rack (2.0.1)\n      x (>= 1)\n", ("RubyGems", "rack", "2.0.1")),
    "composer.lock": (json.dumps({"packages": [{"name": "a/b", "version": "v1.0"}]}), ("Packagist", "a/b", "1.0")),
}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_are_read(name: str) -> None:
    text, pin = LOCKS[name]
    assert locks.pins(f"sub/{name}", text) == {pin}
    for odd in ("", "[", "{}", "[1]", "packages: 3", "package = 1"):
        locks.pins(name, odd)


def osv(folder: Path, advisory_id: str, ecosystem: str, name: str, **affected: object) -> None:
    entry = {
        "id": advisory_id,
        "summary": "It leaks.",
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **affected}],
        "database_specific": {"severity": "HIGH"},
    }
    (folder / f"{advisory_id}.json").write_text(json.dumps(entry))


def test_pinned_versions_are_held_against_the_advisories(tmp_path: Path) -> None:
    events = [{"introduced": "4.0"}, {"fixed": "4.2.2"}, {"introduced": "5.0"}, {"last_affected": "5.1"}]
    osv(tmp_path, "GHSA-1", "PyPI", "Django", ranges=[{"type": "ECOSYSTEM", "events": events}])
    osv(tmp_path, "GHSA-2", "npm", "left", versions=["1.0.0"])
    (tmp_path / "broken.json").write_text("{")
    database = advisories.load(tmp_path)
    covered = {
        version: bool(advisories.vulnerabilities(database, [("PyPI", "django", version)], "uv.lock"))
        for version in ("3.9", "4.0", "4.2.1", "4.2.2rc1", "4.2.2", "4.10", "5.0", "5.1", "5.1.1")
    }
    assert covered == {
        "3.9": False,
        "4.0": True,
        "4.2.1": True,
        "4.2.2rc1": True,
        "4.2.2": False,
        "4.10": False,
        "5.0": True,
        "5.1": True,
        "5.1.1": False,
    }
    (found,) = advisories.vulnerabilities(database, [("PyPI", "django", "4.2.1")], "uv.lock")
    assert (found.path, found.severity, found.rule) == ("uv.lock", "critical", "osv:GHSA-1")
    assert found.remedy == "Use django 4.2.2 or newer."
    assert advisories.vulnerabilities(database, [("npm", "left", "1.0.0"), ("npm", "left", "1.0.1")], "x")[1:] == ()


def test_a_folder_without_advisories_is_an_error_and_not_a_clean_bill(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refusal:
        advisories.load(tmp_path / "none")
    assert refusal.value.code == "no_advisories"


@pytest.mark.parametrize(
    "ordered",
    [
        ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.1", "1.10", "2"],
        ["1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-rc.1", "1.0.0", "1.0.1", "1!0.1"],
    ],
)
def test_versions_are_in_order(ordered: list[str]) -> None:
    backwards = list(reversed(ordered))
    assert sorted(backwards, key=advisories.ordering) == ordered
