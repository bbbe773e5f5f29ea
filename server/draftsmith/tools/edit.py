"""The edit tool: search and replace in one file of the draft."""

from __future__ import annotations

import asyncio

from pydantic import Field

from draftsmith.tools.drafts import read_bytes
from draftsmith.tools.edited import tolerance_note, write_edit
from draftsmith.tools.paths import Place, locate_writable
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult
from draftsmith.workspace.edit import apply_edit


class Edit(Arguments):
    path: str = Field(min_length=1, description="the file")
    old: str = Field(description="the text to replace, copied exactly, without the line numbers that read shows")
    new: str = Field(description="what stands there afterwards; empty to delete")
    expected: int = Field(default=1, ge=1, description="how many places `old` has; all are replaced")


async def edit(context: ToolContext, arguments: Edit) -> ToolResult:
    """Replace text in one file."""
    place = locate_writable(context, arguments.path)
    return await asyncio.to_thread(_edit, place, arguments)


def _edit(place: Place, arguments: Edit) -> ToolResult:
    outcome = apply_edit(read_bytes(place), old=arguments.old, new=arguments.new, expected=arguments.expected)
    places = len(outcome.replacements)
    count = "1 place" if places == 1 else f"{places} places"
    return write_edit(place, outcome, verb="edit", done=f"{count} replaced.{tolerance_note(outcome.tolerance)}")


EDIT = Tool(
    name="edit",
    description=(
        "Replace text in one file. `old` must name exactly one place (or `expected` places, all replaced); "
        "copy it from read without the line numbers, with a line or two around it when it is short. Matching "
        "tries in this order: exact; LF and CRLF alike; blanks at line ends ignored; another indentation, one and "
        "the same for all lines; characters that look alike (quotes, dashes, blanks). Encoding, byte order mark and "
        "line ends of the file are kept, also when your text "
        "has LF. The answer shows the place as it stands now (at most 30 lines, 300 characters each) and "
        "warns when the file no longer parses. When `old` is not found, the answer shows the nearest place "
        "and its difference (at most 40 lines). Files over 20,000,000 bytes and binary files are refused."
    ),
    arguments=Edit,
    effect="edit",
    title=lambda a: f"edit {a.path}",
    execute=edit,
)
