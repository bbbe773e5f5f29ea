"""Structure: a tree-sitter query over the files of its language, within bounds of time and number."""

from __future__ import annotations

import os
import time
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from draftsmith.code.index.reading import language_numbers, read_file
from draftsmith.code.index.tree import IndexedTree
from draftsmith.code.index.using import Place
from draftsmith.code.languages import LANGUAGES, grammar, languages
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from tree_sitter import Query

SECONDS = 10.0
MOST_MATCHES = 2_000


def find_matches(tree: IndexedTree, *, language: str, query: str, glob: str) -> tuple[list[Place], str]:
    """Where the query's first capture of each match begins, and which bound ended the search, if one did.

    Raises UserError (`bad_query`).
    """
    from tree_sitter import Parser, QueryCursor

    compiled = _compiled(language, query)
    parser = Parser(grammar(language))
    number = language_numbers()[language]
    deadline = time.monotonic() + SECONDS
    found: list[Place] = []
    table = tree.table
    for owner, path in enumerate(table.paths):
        if table.languages[owner] != number or table.skipped[owner]:
            continue
        if glob and not _matches(path.decode("utf-8", "replace"), glob):
            continue
        if time.monotonic() > deadline:
            return found, f"stopped after {SECONDS:.0f} s"
        content = read_file(os.path.join(os.fsencode(tree.root), path))
        if content is None:
            continue
        lines: set[int] = set()
        for _, captures in QueryCursor(compiled).matches(parser.parse(content).root_node):
            nodes = [node for some in captures.values() for node in some]
            if nodes:
                lines.add(min(node.start_point.row for node in nodes) + 1)
        found += ((owner, line) for line in sorted(lines))
        if len(found) >= MOST_MATCHES:
            return found[:MOST_MATCHES], f"stopped at {MOST_MATCHES:,} matches"
    return found, ""


def _matches(path: str, glob: str) -> bool:
    return fnmatch(path, glob) or fnmatch(path, f"*/{glob}") or fnmatch(path.rsplit("/", 1)[-1], glob)


def _compiled(language: str, query: str) -> Query:
    """Raises UserError (`bad_query`)."""
    from tree_sitter import Query, QueryError

    if language not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise UserError(f"There is no language {language!r}.", code="bad_query", remedy=f"There are: {known}.")
    if not languages()[language].indexed:
        raise UserError(f"Files in {language} are data and not indexed.", code="bad_query", remedy="Use text search.")
    try:
        compiled = Query(grammar(language), query)
    except (QueryError, ValueError) as wrong:
        raise UserError(
            f"The query is not valid for {language}: {wrong}",
            code="bad_query",
            remedy="It is a tree-sitter query with at least one capture, like (call function: (identifier) @name).",
        ) from wrong
    if compiled.capture_count == 0:
        raise UserError("The query captures nothing.", code="bad_query", remedy="Put an @name behind a node.")
    return compiled
