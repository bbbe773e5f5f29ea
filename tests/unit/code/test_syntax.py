"""Does a file parse: one good and one bad example for every installed grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.languages import LANGUAGES, language_of
from draftsmith.code.syntax import MAX_BYTES, check_syntax, newly_broken

EXAMPLES = {
    "bash": ("a.sh", b"if true; then echo a; fi\n", b"if true; then echo a\n"),
    "c": ("a.c", b"int main(void) { return 0; }\n", b"int main(void) { return 0;\n"),
    "css": ("a.css", b"a { color: red; }\n", b"a { color: red; \n"),
    "go": ("a.go", b"package a\n\nfunc f() int { return 1 }\n", b"package a\n\nfunc f( int { return 1 }\n"),
    "html": ("a.html", b"<p>a</p>\n", b"<p>a</p><<\n"),
    "java": ("A.java", b"class A { int f() { return 1; } }\n", b"class A { int f() { return 1 } }\n"),
    "javascript": ("a.mjs", b"const f = () => ({a: 1});\n", b"const f = () => ({a: 1);\n"),
    "json": ("a.json", b'{"a": [1, 2]}\n', b'{"a": [1, 2}\n'),
    "python": ("a.py", b"def f(x):\n    return x\n", b"def f(x:\n    return x\n"),
    "ruby": ("a.rb", b"def f\n  1\nend\n", b"def f\n  1\n"),
    "rust": ("a.rs", b"fn f() -> i32 { 1 }\n", b"fn f() -> i32 { 1 \n"),
    "toml": ("a.toml", b"[a]\nb = 1\n", b"[a\nb = 1\n"),
    "tsx": ("a.tsx", b"const a = <p>{1 as number}</p>;\n", b"const a = <p>{1 as number</p>;\n"),
    "typescript": ("a.ts", b"const a: number = 1;\n", b"const a: number = ;\n"),
    "yaml": ("a.yml", b"a:\n  - 1\n", b"a: [1\nb: 2\n"),
    "cpp": ("a.h", b"class A { int f() { return 1; } };\n", b"class A { int f() { return 1; \n"),
    "csharp": ("A.cs", b"class A { int F() { return 1; } }\n", b"class A { int F( { return 1; } }\n"),
    "dart": ("a.dart", b"int f() { return 1; }\n", b"int f() { return 1;\n"),
    "elixir": ("a.ex", b"def f(x) do\n  x\nend\n", b"def f(x do\n  x\n"),
    "haskell": ("a.hs", b"f :: Int -> Int\nf x = x + 1\n", b"f x = (x +\n"),
    "julia": ("a.jl", b"function f(x)\n  x\nend\n", b"function f(x\n  x\n"),
    "kotlin": ("a.kt", b"fun f(): Int { return 1 }\n", b"fun f(: Int { return 1 \n"),
    "lua": ("a.lua", b"function f() return 1 end\n", b"function f( return 1\n"),
    "php": ("a.php", b"<?php function f() { return 1; }\n", b"<?php function f( { return 1;\n"),
    "scala": ("a.scala", b"object A { def f = 1 }\n", b"object A { def f = (1 }\n"),
    "sql": ("a.sql", b"SELECT a FROM b;\n", b"SELECT FROM WHERE (;\n"),
    "swift": ("a.swift", b"func f() -> Int { return 1 }\n", b"func f( -> Int { return 1\n"),
    "zig": ("a.zig", b"fn f() u8 {\n    return 1;\n}\n", b"fn f( u8 {\n    return 1;\n"),
}


def test_every_grammar_has_an_example() -> None:
    assert set(EXAMPLES) == LANGUAGES


@pytest.mark.parametrize("language", sorted(EXAMPLES))
def test_a_good_file_parses_and_a_bad_one_is_placed(language: str) -> None:
    path, good, bad = EXAMPLES[language]
    report = check_syntax(path, good)
    assert (report.language, report.problems) == (language, ())
    problems = newly_broken(path, good, bad)
    assert problems
    assert 1 <= problems[0].line <= bad.count(b"\n") + 1
    assert newly_broken(path, good, good) == ()


def test_the_place_and_what_is_missing_are_named() -> None:
    problem = check_syntax("a.py", b"x = 1\ny = (2\n").problems[0]
    assert (problem.line, str(problem)[:6]) == (2, "line 2")


def test_a_file_that_never_parsed_is_not_called_broken() -> None:
    assert newly_broken("a.html.py", b"{% if x %}", b"{% if y %}") == ()


def test_a_new_file_that_does_not_parse_is_told() -> None:
    assert newly_broken("a.json", None, b"{")


@pytest.mark.parametrize(
    ("path", "content", "language"),
    [
        ("a/b.PY", b"", "python"),
        ("Makefile", b"", None),
        ("x.unknown", b"#!/bin/sh\n", None),
        ("run", b"#!/usr/bin/env python3\n", "python"),
        ("run", b"#!/bin/bash -e\n", "bash"),
        ("run", b"#!/usr/bin/perl\n", None),
        ("a.h", b"", "cpp"),
        ("Rakefile", b"", "ruby"),
    ],
)
def test_languages_are_found_by_name_then_first_line(path: str, content: bytes, language: str | None) -> None:
    assert language_of(path, content) == language


def test_a_huge_file_is_not_checked() -> None:
    assert check_syntax("a.py", b"(" * (MAX_BYTES + 1)).language is None


@given(st.sampled_from(sorted(EXAMPLES)), st.binary(max_size=60))
def test_any_bytes_give_a_report(language: str, content: bytes) -> None:
    path = EXAMPLES[language][0]
    report = check_syntax(path, content)
    assert len(report.problems) <= 5
    assert all(problem.line >= 1 and problem.column >= 1 for problem in report.problems)
