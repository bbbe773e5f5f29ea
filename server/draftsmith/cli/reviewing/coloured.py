"""A hunk or a difference in colours. What is shown is about to be written, so everything hidden is made visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.syntax import Syntax
from rich.text import Text

from draftsmith.cli.reviewing.unified import split_lines
from draftsmith.cli.untrusted import reveal

if TYPE_CHECKING:
    from rich.console import Console

    from draftsmith.client.messages import HunkText

_TINTS = {"-": "on #3a1a1d", "+": "on #16301c"}
_SIGNS = {"-": "red", "+": "green", " ": "bright_black"}
_MANY_COLOURS = frozenset({"truecolor", "256"})
_HIGHLIGHT_LIMIT = 40_000
"""Characters above which syntax colours are left out: they take time and help nobody."""


def hunk_lines(hunk: HunkText, console: Console) -> list[Text]:
    """The hunk's lines with numbers, signs and colours; numbers count in the base."""
    if hunk["binary"]:
        return [Text("  (binary: it is replaced as a whole)", style="yellow")]
    if hunk["base_start"] == 0:
        return [Text(f"  mode {reveal(hunk['before'].strip())} → {reveal(hunk['after'].strip())}", style="yellow")]
    paint = _Painter(hunk["path"], console)
    before = split_lines(hunk["context_before"])
    lines: list[Text] = []
    number = hunk["base_start"] - len(before)
    for sign, text in ((" ", hunk["context_before"]), ("-", hunk["before"])):
        painted = paint.lines(text, sign, number)
        number += len(painted)
        lines += painted
    lines += paint.lines(hunk["after"], "+", None)
    lines += paint.lines(hunk["context_after"], " ", number)
    if hunk["after"] and not hunk["after"].endswith("\n"):
        lines.append(Text("      \\ no newline at the end", style="bright_black"))
    return lines


class _Painter:
    def __init__(self, path: str, console: Console) -> None:
        many = console.color_system in _MANY_COLOURS
        self._tinted = many
        self._syntax = None
        if many:
            lexer = Syntax.guess_lexer(path)
            self._syntax = Syntax("", lexer, theme="ansi_dark", background_color="default")

    def lines(self, text: str, sign: str, number: int | None) -> list[Text]:
        shown = [reveal(line.removesuffix("\n")).expandtabs(4) for line in split_lines(text)]
        painted = self._highlighted(shown)
        lines: list[Text] = []
        for index, body in enumerate(painted):
            gutter = "" if number is None else str(number + index)
            line = Text()
            line.append(f"{gutter:>5} ", style="bright_black")
            line.append(f"{sign} ", style=_SIGNS[sign])
            if not self._tinted:
                body.stylize(_SIGNS[sign] if sign != " " else "")
            line.append_text(body)
            if self._tinted and sign in _TINTS:
                line.stylize(_TINTS[sign], 6)
            lines.append(line)
        return lines

    def _highlighted(self, lines: list[str]) -> list[Text]:
        joined = "\n".join(lines)
        if self._syntax is None or len(joined) > _HIGHLIGHT_LIMIT:
            return [Text(line) for line in lines]
        painted = self._syntax.highlight(joined).split("\n", allow_blank=True)
        # The highlighter may drop or add blank lines at the ends: then its colours are not worth a wrong line.
        texts = [one.plain for one in painted[: len(lines)]]
        return list(painted[: len(lines)]) if texts == lines else [Text(line) for line in lines]


def coloured_difference(text: str) -> Text:
    """A unified difference in the colours that people know from git."""
    painted = Text()
    for line in split_lines(text):
        painted.append(reveal(line.removesuffix("\n")) + "\n", style=_difference_style(line))
    return painted


def _difference_style(line: str) -> str:
    if line.startswith(("diff ", "--- ", "+++ ", "new file", "deleted file", "old mode", "new mode")):
        return "bold"
    match line[:1]:
        case "@":
            return "cyan"
        case "+":
            return "green"
        case "-":
            return "red"
        case _:
            return ""
