"""The tool that asks the user's editors what their language servers show as wrong, now.

What it gives speaks of the user's text, not of the draft; each file's answer says how the two stand to each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from pydantic import Field

from draftsmith.domain.errors import AdapterError, DraftsmithError, ToolFailure
from draftsmith.ports.editor_diagnostics import DiagnosedFile, EditorDiagnostic, ShownDiagnostics
from draftsmith.tools.drafts import read_if_exists
from draftsmith.tools.paths import locate, show_path
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult
from draftsmith.workspace.held import hashes_of_file

MOST_LINES = 200
CHECK_YOURSELF = "Run the project's own checkers in the draft with run_command instead."


class Diagnostics(Arguments):
    path: str = Field(default="", description="one file; empty for every file of which an editor shows something")


async def diagnostics(context: ToolContext, arguments: Diagnostics) -> ToolResult:
    """What editors show."""
    title = f"diagnostics {arguments.path}".rstrip()
    if context.editors is None:
        return ToolResult(text=f"No editor can be asked from here. {CHECK_YOURSELF}", title=title)
    root, path = None, ""
    if arguments.path:
        place = locate(context, arguments.path)
        root, path = context.roots.index(place.root), "/".join(place.parts)
    try:
        shown = await context.editors.shown(root, path)
    except AdapterError as error:
        raise ToolFailure(error.message, code=error.code, remedy=CHECK_YOURSELF) from error
    if not shown.asked:
        none = "No editor is connected that tells what its language servers show (plain LSP clients do not)."
        return ToolResult(text=f"{none} {CHECK_YOURSELF}", title=title)
    return ToolResult(text=await asyncio.to_thread(_text, context, shown), title=title)


def _text(context: ToolContext, shown: ShownDiagnostics) -> str:
    lines: list[str] = []
    for file in sorted(shown.files, key=lambda one: (one.root, one.path, one.client)):
        found = sorted(file.diagnostics, key=_weight)
        if lines:
            lines.append("")
        lines.append(f"{_name(context, file)} ({_standing(context, file)}):")
        lines += _lines(file, found) if found else ["  nothing is shown as wrong"]
    cut = len(lines) - MOST_LINES
    if cut > 0:
        lines = [*lines[:MOST_LINES], f"… {cut} more lines; ask for one file with `path`."]
    if not shown.files and not shown.left_out:
        lines.append("Nothing is shown as wrong.")
    if shown.left_out:
        lines += ["", "Left out:", *(f"- {reason}" for reason in shown.left_out)]
    return "\n".join([*lines, "", f"Asked: {', '.join(shown.asked)}."]).strip()


_ORDER = {"error": 0, "warning": 1, "information": 2, "hint": 3}


def _weight(one: EditorDiagnostic) -> tuple[int, int]:
    return _ORDER[one.severity], one.line


def _lines(file: DiagnosedFile, found: list[EditorDiagnostic]) -> Iterator[str]:
    for one in found:
        by = " ".join(part for part in (one.source, one.code) if part)
        until = f"-{one.end_line}" if one.end_line > one.line else ""
        yield f"  {one.line}{until}: {one.severity}: {one.message}" + (f" [{by}]" if by else "")
    if file.more:
        yield f"  … {file.more} more in this file"


def _name(context: ToolContext, file: DiagnosedFile) -> str:
    return show_path(context, context.roots[file.root], file.path.split("/"))


def _standing(context: ToolContext, file: DiagnosedFile) -> str:
    """Whether the lines hold for the draft."""
    try:
        content = read_if_exists(locate(context, _name(context, file)))
    except DraftsmithError:  # a link out of the draft, or no plain file
        content = None
    if content is None:
        return "the user's file; there is none in your draft"
    if not file.sha256:
        return "the user's file as it is saved; your draft may differ"
    theirs = "the user's unsaved text" if file.unsaved else "the user's text"
    same = file.sha256 in hashes_of_file(content)
    return f"{theirs}, the same as your draft" if same else f"{theirs}; your draft differs, so lines may have moved"


DIAGNOSTICS = Tool(
    name="diagnostics",
    description=(
        "Ask the user's editors which errors and warnings their language servers show now, for one file or all. They"
        " speak of the user's text, not of your edits; the answer says whether your draft has the same text, and how"
        f" to check when no editor can tell. At most {MOST_LINES} lines."
    ),
    arguments=Diagnostics,
    effect="read",
    title=lambda arguments: f"diagnostics {arguments.path}".rstrip(),
    execute=diagnostics,
)
