"""Tools that ask the index: symbols by name, who uses a name, similar code, structure. Pages with a cursor."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.domain.errors import ModelMistake
from draftsmith.ports.code_index import DEFAULT_LIMIT, MAX_LIMIT, SymbolPage, UsePage
from draftsmith.tools.paths import locate, show_path
from draftsmith.tools.repo_map import ask_index, code_folders, index_of
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

_SHOWN_DOC = 100


class Paged(Arguments):
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(default=None, description="from the answer before, for its next page")


class Symbols(Paged):
    query: str = Field(min_length=1, max_length=500, description="a name, a part of one, or Holder.name")


class Uses(Paged):
    name: str = Field(min_length=1, max_length=500, description="a name; for imports a file or a module")
    kind: Literal["calls", "references", "imports"] = "calls"


class Similar(Paged):
    path: str = Field(default="", description="a file of code, with `line` in the definition to compare")
    line: int = Field(default=0, ge=0)
    text: str = Field(default="", max_length=20_000, description="code to compare, instead of a place")


class Structure(Paged):
    language: str = Field(description="for example python, typescript, tsx, go, rust, java, cpp, csharp")
    query: str = Field(min_length=1, max_length=10_000, description="a tree-sitter query with a capture")
    glob: str = Field(default="", description="only files whose path matches")


async def symbols(context: ToolContext, arguments: Symbols) -> ToolResult:
    """Find definitions by name."""
    question = index_of(context).symbols(
        code_folders(context), arguments.query, limit=arguments.limit, cursor=arguments.cursor
    )
    return _symbols(await ask_index(context, question), f"symbols {arguments.query}")


async def uses(context: ToolContext, arguments: Uses) -> ToolResult:
    """Find where a name is used."""
    question = index_of(context).uses(
        code_folders(context), arguments.kind, arguments.name, limit=arguments.limit, cursor=arguments.cursor
    )
    return _uses(await ask_index(context, question), f"{arguments.kind} of {arguments.name}")


async def similar(context: ToolContext, arguments: Similar) -> ToolResult:
    """Find code that uses the same names."""
    if bool(arguments.path) == bool(arguments.text):
        raise ModelMistake("Give either a place or a text.", code="malformed_arguments", remedy="Set path or text.")
    path = arguments.path
    if path:
        place = locate(context, path)
        path = show_path(context, place.root, place.parts)
    question = index_of(context).similar(
        code_folders(context),
        path=path,
        line=arguments.line,
        text=arguments.text,
        limit=arguments.limit,
        cursor=arguments.cursor,
    )
    return _symbols(await ask_index(context, question), f"code like {arguments.path or 'a text'}")


async def structure(context: ToolContext, arguments: Structure) -> ToolResult:
    """Find where a query matches."""
    question = index_of(context).structure(
        code_folders(context),
        language=arguments.language,
        query=arguments.query,
        glob=arguments.glob,
        limit=arguments.limit,
        cursor=arguments.cursor,
    )
    return _uses(await ask_index(context, question), f"structure in {arguments.language}")


def _symbols(page: SymbolPage, title: str) -> ToolResult:
    rows = [
        f"{one.path}:{one.line}-{one.end_line}: {one.kind} {f'{one.container}.' if one.container else ''}{one.name}"
        + (f"\n    {one.signature}" if one.signature else "")
        + (f"\n    {one.doc[:_SHOWN_DOC]}" if one.doc else "")
        for one in page.symbols
    ]
    return ToolResult(text="\n".join([_head("definition", len(rows), page.total, page.cursor), *rows]), title=title)


def _uses(page: UsePage, title: str) -> ToolResult:
    rows = [
        f"{one.path}:{one.line}: {one.text}" + (f"    (in {one.within})" if one.within else "") for one in page.uses
    ]
    head = _head("place", len(rows), page.total, page.cursor) + (f"; {page.cut}" if page.cut else "")
    return ToolResult(text="\n".join([head, *rows]), title=title)


def _head(what: str, shown: int, total: int, cursor: str | None) -> str:
    if not total:
        return f"No {what} found."
    more = f"; go on with cursor={cursor!r}" if cursor else ""
    return f"{shown} of {total} {what}{'' if total == 1 else 's'}{more}"


_PAGES = f"{DEFAULT_LIMIT} a page unless `limit` says otherwise (at most {MAX_LIMIT}); `cursor` gets the next page."

SYMBOLS = Tool(
    name="symbols",
    description=(
        "Definitions (functions, classes, methods, types, constants …) by name in all languages of the draft, the "
        f"best fit first: exact, beginning, part, initials, slips of the pen. {_PAGES}"
    ),
    arguments=Symbols,
    effect="read",
    title=lambda a: f"symbols {a.query}",
    execute=symbols,
)
USES = Tool(
    name="uses",
    description=(
        "Where a name is called (`kind` calls), used otherwise too (references), or a file or module imported "
        f"(imports). By name as written: which object a method is called on is not resolved. {_PAGES}"
    ),
    arguments=Uses,
    effect="read",
    title=lambda a: f"{a.kind} of {a.name}",
    execute=uses,
)
SIMILAR = Tool(
    name="similar_code",
    description=(
        "Definitions that use the same rare names as the one at a place, or as a text: copies, siblings and "
        f"examples to follow. {_PAGES}"
    ),
    arguments=Similar,
    effect="read",
    title=lambda a: f"code like {a.path or 'a text'}",
    execute=similar,
)
STRUCTURE = Tool(
    name="structure",
    description=(
        "Where a tree-sitter query matches in files of its language, for example "
        '`(raise_statement (call function: (identifier) @name (#eq? @name "KeyError")))`. '
        f"Stops after 10 s or 2,000 matches and says so. {_PAGES}"
    ),
    arguments=Structure,
    effect="read",
    title=lambda a: f"structure in {a.language}",
    execute=structure,
)
