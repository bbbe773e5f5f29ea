"""The tool that replaces a function, method or class by its name: the parser finds it, the applier writes it."""

from __future__ import annotations

import asyncio

from pydantic import Field

from draftsmith.code.edits import find_symbol
from draftsmith.tools.drafts import read_bytes
from draftsmith.tools.edited import as_utf8, write_edit
from draftsmith.tools.paths import Place, locate_writable
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult
from draftsmith.workspace.linewise import replace_range
from draftsmith.workspace.text import decode


class ReplaceSymbol(Arguments):
    path: str = Field(min_length=1, description="the file")
    symbol: str = Field(min_length=1, max_length=400, description="`function`, `Class` or `Class.method`")
    new: str = Field(description="the whole new definition with its decorators; empty to delete it")


async def execute(context: ToolContext, arguments: ReplaceSymbol) -> ToolResult:
    """Replace one definition."""
    place = locate_writable(context, arguments.path)
    return await asyncio.to_thread(_execute, place, arguments)


def _execute(place: Place, arguments: ReplaceSymbol) -> ToolResult:
    raw = read_bytes(place)
    decode(raw)
    found = find_symbol(place.shown, as_utf8(raw), arguments.symbol)
    outcome = replace_range(raw, start=found.start, end=found.end, new=arguments.new)
    what = "deleted" if not arguments.new.strip() else "replaced"
    return write_edit(place, outcome, verb="edit", done=f"{found.kind} {found.name}, line {found.line}, {what}.")


REPLACE_SYMBOL = Tool(
    name="replace_symbol",
    description=(
        "Replace a whole function, method or class by its name, with its decorators; comments above it stay. The "
        "right choice when most of a definition changes: its old text need not be repeated. `new` is indented to "
        "its place. A name that fits several definitions is refused with their lines; so is a place that does not "
        "parse. The answer is as for edit."
    ),
    arguments=ReplaceSymbol,
    effect="edit",
    title=lambda a: f"edit {a.path}: {a.symbol}",
    execute=execute,
)
