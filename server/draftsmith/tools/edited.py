"""What every edit tool answers: the place as it stands now, and whether the file still parses."""

from __future__ import annotations

from draftsmith.code.syntax import SyntaxProblem, newly_broken
from draftsmith.domain.errors import ToolFailure
from draftsmith.tools.drafts import replace, sha256
from draftsmith.tools.paths import Place
from draftsmith.tools.tool import EditMeta, FileChange, ToolResult
from draftsmith.workspace.edit import EditOutcome
from draftsmith.workspace.matching import Tolerance
from draftsmith.workspace.text import TextFile, decode, describe_encoding, split_lines, strip_line_end

SHOWN_LINES = 30
SHOWN_CHARACTERS = 300
_AROUND = 2


def tolerance_note(tolerance: Tolerance, name: str = "`old`") -> str:
    """What was overlooked to find the place, for the model; empty when nothing that it should know."""
    match tolerance:
        case "exact" | "line_ends":
            return ""
        case "trailing_blanks":
            return f" {name} matched after ignoring blanks at line ends."
        case "indentation":
            return f" {name} matched with another indentation; the new text was indented likewise."
        case "look_alikes":
            return f" {name} matched by characters that look alike; the file's own were kept where lines stay."


def write_edit(place: Place, outcome: EditOutcome, *, verb: str, done: str) -> ToolResult:
    """Write the outcome to the draft and tell of it. `verb` begins the title, `done` says what happened."""
    replace(place, outcome.after)
    file = decode(outcome.after)
    broken = syntax_problems(place.shown, outcome.before, outcome.after)
    text = f"{place.shown}: {done}{encoding_note(file)}"
    return ToolResult(
        text="\n".join([text, excerpt(file, outcome), *syntax_warning(place.shown, broken)]),
        title=f"{verb} {place.shown}",
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
    return newly_broken(path, None if before is None else as_utf8(before), as_utf8(after))


def as_utf8(raw: bytes) -> bytes:
    """A file's text as UTF-8 without byte order mark; bytes that are no text as they are."""
    try:
        return decode(raw).text.encode("utf-8", "replace")
    except ToolFailure:
        return raw


def syntax_warning(path: str, broken: tuple[SyntaxProblem, ...]) -> list[str]:
    """Lines for the model, none when nothing is wrong."""
    if not broken:
        return []
    return [f"Warning: {path} does not parse:", *(f"  {problem}" for problem in broken)]


def encoding_note(file: TextFile) -> str:
    """Said when a file is not UTF-8, so that the model keeps to what it can hold."""
    return "" if file.encoding == "utf-8" else f" The file is {describe_encoding(file.encoding)} and stays so."


def excerpt(file: TextFile, outcome: EditOutcome) -> str:
    """The first changed place with some lines around it, as it stands now."""
    lines = split_lines(file.text)
    first, last = outcome.lines[0]
    start, end = max(first - _AROUND, 1), min(last + _AROUND, len(lines))
    shown = range(start, min(end, start + SHOWN_LINES - 1) + 1)
    rows = [f"{number:>6}\t{strip_line_end(lines[number - 1])[:SHOWN_CHARACTERS]}" for number in shown]
    if end > shown.stop - 1:
        rows.append(f"   […] up to line {end}")
    if len(outcome.lines) > 1:
        rows.append("   other places: line " + ", ".join(str(start) for start, _ in outcome.lines[1:20]))
    return "\n".join(rows)
