"""Which language a file is in, and what its data file says about it: grammar, comments, tests, queries.

One file in `data/` per language; adding one there is adding a language. Grammars are official wheels, imported when
first needed; nothing is downloaded. No disk but our own package's is touched.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Late: clients of the index ask for names of languages and need no parser.
    from tree_sitter import Language as Grammar
    from tree_sitter import Query

_SHEBANG = re.compile(rb"\A#![^\n]*?\b([a-z]+)[\d.]*(?:\s|\Z)")
_ENV_SHEBANG = re.compile(rb"\A#![^\n]*?/env\s+(?:-\S+\s+)*([a-z]+)[\d.]*(?:\s|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageData:
    """One data file. `indexed` False: data rather than code; read for syntax and structure, left out of the index.

    `doc_comments` are the beginnings that make a comment documentation; empty: any comment before a definition is.
    """

    name: str
    title: str
    grammar: tuple[str, str]
    extensions: tuple[str, ...]
    file_names: tuple[str, ...]
    interpreters: tuple[str, ...]
    line_comment: str
    block_comment: tuple[str, str] | None
    docstrings: bool
    """Documentation stands inside what it describes, not before it."""
    doc_comments: tuple[str, ...]
    test_names: str
    test_files: str
    import_separator: str
    import_members: bool
    """An imported name may be a file of its own, as in `from package import module`."""
    indexed: bool
    query: str


@cache
def languages() -> dict[str, LanguageData]:
    """All of them, by name."""
    return {data.name: data for data in map(_load, _data_files())}


@cache
def _by_ending() -> tuple[dict[str, str], dict[str, str], dict[bytes, str]]:
    found = languages().values()
    return (
        {ending: data.name for data in found for ending in data.extensions},
        {name: data.name for data in found for name in data.file_names},
        {program.encode(): data.name for data in found for program in data.interpreters},
    )


@cache
def _data_files() -> list[tuple[str, str]]:
    # By its path: `importlib.resources` takes longer to import than all of them to read.
    return sorted((one.name, one.read_text("utf-8")) for one in Path(__file__).with_name("data").glob("*.toml"))


@cache
def data_version() -> str:
    """Changes whenever a data file does: what was read with other queries is read anew."""
    digest = hashlib.sha256()
    for name, text in _data_files():
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()[:16]


def _load(file: tuple[str, str]) -> LanguageData:
    table: dict[str, Any] = tomllib.loads(file[1])
    comments, tests, imports = table.get("comments", {}), table.get("tests", {}), table.get("imports", {})
    block = comments.get("block")
    module, function = table["grammar"]
    return LanguageData(
        name=file[0].removesuffix(".toml"),
        title=table["title"],
        grammar=(module, function),
        extensions=tuple(table.get("extensions", ())),
        file_names=tuple(table.get("file_names", ())),
        interpreters=tuple(table.get("interpreters", ())),
        line_comment=comments.get("line", ""),
        block_comment=None if block is None else (block[0], block[1]),
        docstrings=comments.get("docstrings", False),
        doc_comments=tuple(comments.get("docs", ())),
        test_names=tests.get("names", ""),
        test_files=tests.get("files", ""),
        import_separator=imports.get("separator", "/"),
        import_members=imports.get("members", False),
        indexed=table.get("indexed", True),
        query=table.get("query", ""),
    )


LANGUAGES = frozenset(name.removesuffix(".toml") for name, _ in _data_files())


def language_of(path: str, content: bytes = b"") -> str | None:
    """By name, else by the first line; None when no grammar is installed for it."""
    endings, names, programs = _by_ending()
    name = path.rsplit("/", 1)[-1]
    by_name = names.get(name) or endings.get(_suffix(name))
    if by_name is not None or "." in name:
        return by_name
    head = content[:200]
    shebang = _ENV_SHEBANG.match(head) or _SHEBANG.match(head)
    return programs.get(shebang[1]) if shebang else None


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


@cache
def grammar(language: str) -> Grammar:
    """The tree-sitter grammar of one of `LANGUAGES`."""
    from tree_sitter import Language

    module, function = languages()[language].grammar
    return Language(getattr(importlib.import_module(module), function)())


@cache
def query(language: str) -> Query:
    """The language's own query, compiled."""
    from tree_sitter import Query

    return Query(grammar(language), languages()[language].query)
