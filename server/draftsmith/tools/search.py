"""The search tool: text in the draft by ripgrep, bounded, the files that define what is searched for first."""

from __future__ import annotations

from pydantic import Field

from draftsmith.code.textsearch import MAX_CONTEXT, SECONDS, FileHits, Query, SearchPlace, pages, search_text
from draftsmith.domain.errors import ModelMistake
from draftsmith.tools.paths import Place, locate, show_path
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

DEFAULT_MATCHES = 100
MAX_MATCHES = 1_000
MAX_LINE_CHARACTERS = 300
MAX_BYTES = 40_000
_SPECIAL = frozenset("|*+\\^$")
"""Characters of expressions that are rare enough in what is searched for as text."""


class Search(Arguments):
    pattern: str = Field(min_length=1, description="text, or a regular expression with regex=true")
    path: str = Field(default=".", description="a folder or file to search in")
    regex: bool = Field(default=False, description="the pattern is a regular expression in Rust's syntax")
    ignore_case: bool = False
    glob: str | None = Field(default=None, description="only files whose path matches, for example '*.py' or 'src/**'")
    context: int = Field(default=0, ge=0, description=f"lines around each match, at most {MAX_CONTEXT}")
    limit: int = Field(default=DEFAULT_MATCHES, ge=1, description=f"matching lines to show, at most {MAX_MATCHES}")
    include_ignored: bool = Field(default=False, description="also files that .gitignore leaves out")
    after: str | None = Field(default=None, description="to go on: the cursor from the answer before")


async def search(context: ToolContext, arguments: Search) -> ToolResult:
    """Search the draft, all roots of it when no path is given."""
    if len(context.roots) > 1 and arguments.path.strip() in (".", "", "./"):
        places = [locate(context, root.name) for root in context.roots]
    else:
        places = [locate(context, arguments.path)]
    query = Query(
        pattern=arguments.pattern,
        regex=arguments.regex,
        ignore_case=arguments.ignore_case,
        glob=arguments.glob,
        context=arguments.context,
        include_ignored=arguments.include_ignored,
    )
    found = await search_text([_searched(context, place) for place in places], query)
    hits, cursor = pages(found, min(arguments.limit, MAX_MATCHES), arguments.after)
    title = _title(arguments) + ("" if arguments.path == "." else f" in {arguments.path}")
    if not hits:
        ended = f" ({found.ended})" if found.ended else ""
        return ToolResult(text=f"No match{_hint(arguments)}{ended}.", title=title)
    rows, last = _rows(hits)
    if last is not None:
        # The answer is full before the page is: the cursor is that of what is shown.
        kept, cursor = pages(found, max(last, 1), arguments.after)
        hits = kept
    lines = "line" if found.total == 1 else "lines"
    files = "file" if found.files == 1 else "files"
    summary = f"{found.total} matching {lines} in {found.files} {files}"
    if found.ended:
        summary += f" ({found.ended}; there may be more: narrow it by path, glob or pattern)"
    if cursor is not None:
        shown = sum(one.matches for one in hits)
        summary += f"; {shown} shown here, go on with after={cursor!r}"
    return ToolResult(text="\n".join([summary, *rows]), title=title)


def _searched(context: ToolContext, place: Place) -> SearchPlace:
    if not place.path.exists():
        raise ModelMistake(f"{place.shown} does not exist.", code="no_such_file", remedy="Look with list.")
    base = () if place.writable else place.base.relative_to(place.root.workspace_path).parts

    def show(path: bytes) -> str:
        return show_path(context, place.root, (*base, *path.decode("utf-8", "surrogateescape").split("/")))

    # In a dependency folder everything is ignored by its place, so nothing would be found.
    return SearchPlace(folder=place.base, below="/".join(place.parts), show=show, include_ignored=not place.writable)


def _rows(hits: list[FileHits]) -> tuple[list[str], int | None]:
    """The rows that fit, and the number of matching lines among them when not all do."""
    rows: list[str] = []
    size = matches = 0
    for one in hits:
        before = 0
        for row in one.rows:
            text = row.text if len(row.text) <= MAX_LINE_CHARACTERS else f"{row.text[:MAX_LINE_CHARACTERS]} […]"
            line = f"{one.path}:{row.number}{':' if row.is_match else '-'} {text}"
            size += len(line.encode("utf-8", "replace")) + 1
            if size > MAX_BYTES:
                return rows, matches
            if before and row.number > before + 1 and len(one.rows) > one.matches:
                rows.append("--")
            rows.append(line)
            before = row.number
            matches += row.is_match
    return rows, None


def _title(arguments: Search) -> str:
    """The pattern as it was written, on one line."""
    pattern = " ".join(arguments.pattern.split())
    shown = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
    return f'search "{shown}"'


def _hint(arguments: Search) -> str:
    """What may help when nothing was found. A pattern that looks like an expression most likely is meant as one."""
    if arguments.after is not None:
        return " after that place"
    special = next((each for each in arguments.pattern if each in _SPECIAL), "")
    if special and not arguments.regex:
        return f": `{special}` is plain text here; use regex=true for an expression"
    tried = [
        "" if arguments.ignore_case else "ignore_case=true",
        "" if arguments.include_ignored else "include_ignored=true",
    ]
    words = [each for each in tried if each]
    return f"; not tried: {', '.join(words)}" if words else ""


SEARCH = Tool(
    name="search",
    description=(
        "Search file contents with ripgrep; plain text unless regex=true. Rows are `path:line: text`, or "
        "`path:line- text` for lines around a match: files with a definition of the searched word first, then by "
        "path. Files ignored by .gitignore are left "
        "out unless include_ignored=true; dependency folders are searched only when `path` names them. "
        f"At most {DEFAULT_MATCHES} matching lines unless `limit` says otherwise (at most {MAX_MATCHES:,}), "
        f"{MAX_BYTES:,} bytes, {MAX_LINE_CHARACTERS} characters a line, {SECONDS:.0f} s; the first line says how many "
        "there are and how to go on. Patterns match within one line."
    ),
    arguments=Search,
    effect="read",
    title=_title,
    execute=search,
)
