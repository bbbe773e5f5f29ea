"""The tool that replaces, deletes or inserts lines by their numbers, after a check of what stands there."""

from __future__ import annotations

import asyncio

from pydantic import Field

from draftsmith.domain.text import count
from draftsmith.tools.drafts import read_bytes
from draftsmith.tools.edited import tolerance_note, write_edit
from draftsmith.tools.paths import Place, locate_writable
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult
from draftsmith.workspace.linewise import Where, edit_lines


class EditLines(Arguments):
    path: str = Field(min_length=1, description="the file")
    start: int = Field(ge=1, description="first line, as read numbers it")
    end: int = Field(ge=1, description="last line")
    check: str = Field(description="the text that these lines have now; a line `...` stands for lines in the middle")
    new: str = Field(description="the new lines; empty to delete")
    where: Where = Field(default="replace", description="put `new` in place of the lines, or beside them")


async def execute(context: ToolContext, arguments: EditLines) -> ToolResult:
    """Change lines of one file."""
    place = locate_writable(context, arguments.path)
    return await asyncio.to_thread(_execute, place, arguments)


def _execute(place: Place, arguments: EditLines) -> ToolResult:
    outcome = edit_lines(
        read_bytes(place),
        start=arguments.start,
        end=arguments.end,
        check=arguments.check,
        new=arguments.new,
        where=arguments.where,
    )
    first, last = outcome.lines[0]
    done = f"line {first} changed." if first == last else f"lines {first} to {last} changed."
    if not arguments.new:
        done = f"{count(arguments.end - arguments.start + 1, 'line')} deleted."
    return write_edit(place, outcome, verb="edit", done=f"{done}{tolerance_note(outcome.tolerance, '`check`')}")


EDIT_LINES = Tool(
    name="edit_lines",
    description=(
        "Replace, delete or insert whole lines of one file by number. `check` is the present text of lines `start` "
        "to `end`: all of them, or the first and last ones with a line `...` between. It must stand in one place of "
        "the file only; when all lines are given and have moved, they are found where they are now. With `where` "
        "the new lines go before or after the range instead. Matching, encoding and line ends are as for edit."
    ),
    arguments=EditLines,
    effect="edit",
    title=lambda a: f"edit {a.path} lines {a.start} to {a.end}",
    execute=execute,
)
