"""The edit tool: search and replace in one file of the draft, with a syntax check of the outcome."""

from __future__ import annotations

import asyncio

from pydantic import Field

from draftsmith.code.syntax import SyntaxProblem, newly_broken
from draftsmith.domain.errors import ToolFailure
from draftsmith.tools.drafts import read_bytes, replace, sha256
from draftsmith.tools.paths import Place, locate_writable
from draftsmith.tools.tool import Arguments, EditMeta, FileChange, Tool, ToolContext, ToolResult
from draftsmith.workspace.edit import EditOutcome, apply_edit
from draftsmith.workspace.text import TextFile, decode, describe_encoding, split_lines, strip_line_end

_SHOWN_LINES = 30
_SHOWN_CHARACTERS = 300
_AROUND = 2
_TOLERANCE_NOTES = {
    "exact": "",
    "line_ends": "",
    "trailing_blanks": " `old` matched after ignoring blanks at line ends.",
    "indentation": " `old` matched with another indentation; `new` was shifted likewise.",
}


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
    replace(place, outcome.after)
    file = decode(outcome.after)
    places = len(outcome.replacements)
    count = "1 place" if places == 1 else f"{places} places"
    text = f"{place.shown}: {count} replaced.{_TOLERANCE_NOTES[outcome.tolerance]}{_encoding_note(file)}"
    broken = syntax_problems(place.shown, outcome.before, outcome.after)
    return ToolResult(
        text="\n".join([text, _excerpt(file, outcome), *syntax_warning(place.shown, broken)]),
        title=f"edit {place.shown}",
        touched=(place.shown,),
        meta=EditMeta(
            changes=(
                FileChange(path=place.shown, before_sha256=sha256(outcome.before), after_sha256=sha256(outcome.after)),
            ),
            syntax_broken=(place.shown,) if broken else (),
        ),
    )


def syntax_problems(path: str, before: bytes | None, after: bytes) -> tuple[SyntaxProblem, ...]:
    """As `newly_broken`, on the text as UTF-8, which is what grammars read."""
    return newly_broken(path, None if before is None else _utf8(before), _utf8(after))


def _utf8(raw: bytes) -> bytes:
    try:
        return decode(raw).text.encode("utf-8", "replace")
    except ToolFailure:
        return raw


def syntax_warning(path: str, broken: tuple[SyntaxProblem, ...]) -> list[str]:
    """Lines for the model, none when nothing is wrong."""
    if not broken:
        return []
    return [f"Warning: {path} does not parse:", *(f"  {problem}" for problem in broken)]


def _encoding_note(file: TextFile) -> str:
    return "" if file.encoding == "utf-8" else f" The file is {describe_encoding(file.encoding)} and stays so."


def _excerpt(file: TextFile, outcome: EditOutcome) -> str:
    """The first changed place with some lines around it, as it stands now."""
    lines = split_lines(file.text)
    first, last = outcome.lines[0]
    start, end = max(first - _AROUND, 1), min(last + _AROUND, len(lines))
    shown = range(start, min(end, start + _SHOWN_LINES - 1) + 1)
    rows = [f"{number:>6}\t{strip_line_end(lines[number - 1])[:_SHOWN_CHARACTERS]}" for number in shown]
    if end > shown.stop - 1:
        rows.append(f"   […] up to line {end}")
    if len(outcome.lines) > 1:
        rows.append("   other places: line " + ", ".join(str(start) for start, _ in outcome.lines[1:20]))
    return "\n".join(rows)


EDIT = Tool(
    name="edit",
    description=(
        "Replace text in one file. `old` must name exactly one place (or `expected` places, all replaced); "
        "copy it from read without the line numbers, with a line or two around it when it is short. Matching "
        "tries in this order: exact; LF and CRLF alike; blanks at line ends ignored; one indentation shift "
        "over all lines. Encoding, byte order mark and line ends of the file are kept, also when your text "
        "has LF. The answer shows the place as it stands now (at most 30 lines, 300 characters each) and "
        "warns when the file no longer parses. When `old` is not found, the answer shows the nearest place "
        "and its difference (at most 40 lines). Files over 20,000,000 bytes and binary files are refused."
    ),
    arguments=Edit,
    effect="edit",
    title=lambda a: f"edit {a.path}",
    execute=edit,
)
