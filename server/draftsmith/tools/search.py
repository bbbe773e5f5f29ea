"""The search tool: ripgrep over the draft, its JSON read line by line and bounded."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.tools.paths import Place, locate, show_path
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

DEFAULT_MATCHES = 100
MAX_MATCHES = 1_000
MAX_CONTEXT = 10
MAX_LINE_CHARACTERS = 300
MAX_BYTES = 40_000
SECONDS = 30
_READ_LIMIT = 1 << 24
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


@dataclass(slots=True, kw_only=True)
class _Found:
    """What ripgrep said so far; `full` when no more is shown."""

    limit: int
    rows: list[str] = field(default_factory=list[str])
    matches: int = 0
    files: int = 0
    size: int = 0
    full: str = ""
    counted: bool = False
    """The file at hand is among `files`."""
    last_line: int = 0

    def add(self, row: str) -> None:
        self.size += len(row.encode("utf-8", "replace")) + 1
        if self.size > MAX_BYTES:
            self.full = f"stopped at {MAX_BYTES:,} bytes"
        else:
            self.rows.append(row)


async def search(context: ToolContext, arguments: Search) -> ToolResult:
    """Search the draft, all roots of it when no path is given."""
    if len(context.roots) > 1 and arguments.path.strip() in (".", "", "./"):
        places = [locate(context, root.name) for root in context.roots]
    else:
        places = [locate(context, arguments.path)]
    found = _Found(limit=min(arguments.limit, MAX_MATCHES))
    try:
        async with asyncio.timeout(SECONDS):
            for place in places:
                if not found.full:
                    await _search(context, place, arguments, found)
    except TimeoutError:
        found.full = f"stopped after {SECONDS} s"
    title = _title(arguments) + ("" if arguments.path == "." else f" in {arguments.path}")
    if not found.matches and not found.full:
        return ToolResult(text=f"No match{_hint(arguments)}.", title=title)
    lines = "line" if found.matches == 1 else "lines"
    summary = f"{found.matches} matching {lines} in {found.files} {'file' if found.files == 1 else 'files'}"
    if found.full:
        summary += f" ({found.full}; there may be more: narrow it by path, glob or pattern, or raise limit)"
    return ToolResult(text="\n".join([summary, *found.rows]), title=title)


def _title(arguments: Search) -> str:
    """The pattern as it was written, on one line."""
    pattern = " ".join(arguments.pattern.split())
    shown = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
    return f'search "{shown}"'


def _hint(arguments: Search) -> str:
    """What may help when nothing was found. A pattern that looks like an expression most likely is meant as one."""
    special = next((each for each in arguments.pattern if each in _SPECIAL), "")
    if special and not arguments.regex:
        return f": `{special}` is plain text here; use regex=true for an expression"
    tried = [
        "" if arguments.ignore_case else "ignore_case=true",
        "" if arguments.include_ignored else "include_ignored=true",
    ]
    words = [each for each in tried if each]
    return f"; not tried: {', '.join(words)}" if words else ""


async def _search(context: ToolContext, place: Place, arguments: Search, found: _Found) -> None:
    if not place.path.exists():
        raise ModelMistake(f"{place.shown} does not exist.", code="no_such_file", remedy="Look with list.")
    process = await asyncio.create_subprocess_exec(
        *_arguments(place, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=place.base,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        limit=_READ_LIMIT,
    )
    assert process.stdout is not None  # noqa: S101  narrows a type: the pipe was asked for above
    assert process.stderr is not None  # noqa: S101  the same
    errors = asyncio.create_task(process.stderr.read())
    try:
        while not found.full and (line := await process.stdout.readline()):
            _take(context, place, json.loads(line), found)
        if not found.full:
            message = (await errors).decode("utf-8", "replace").strip()
            # 2 is also the code when only some file could not be read; then there may be matches all the same.
            if await process.wait() == 2 and not found.matches and "regex" in message:
                raise ModelMistake(
                    f"The pattern is not a valid regular expression: {message[:500]}",
                    code="bad_pattern",
                    remedy="Rust's syntax has no look-around and no back-references; or search for plain text.",
                )
    except ValueError as failure:
        raise ToolFailure(
            "A matching line is longer than 16 MB.", code="line_too_long", remedy="Use glob."
        ) from failure
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        errors.cancel()
        await process.wait()


def ripgrep() -> str:
    """The binary of the wheel, else one on the PATH."""
    bundled = Path(sys.prefix) / "bin" / "rg"
    found = str(bundled) if bundled.is_file() else shutil.which("rg")
    if found is None:
        raise ToolFailure("ripgrep (`rg`) is missing.", code="ripgrep_missing", remedy="Use run_command with grep -rn.")
    return found


def _arguments(place: Place, arguments: Search) -> list[str]:
    options = ["--json", "--no-config", "--hidden", "--no-require-git", "--no-ignore-parent", "--no-ignore-global"]
    options += ["--sort=path", "--glob=!.git", "--max-filesize=20M", "--crlf"]
    options += [] if arguments.regex else ["--fixed-strings"]
    options += ["--ignore-case"] if arguments.ignore_case else []
    # In a dependency folder everything is ignored by its place, so nothing would be found.
    options += ["--no-ignore"] if arguments.include_ignored or not place.writable else []
    options += [f"--glob={arguments.glob}"] if arguments.glob else []
    options += [f"--context={min(arguments.context, MAX_CONTEXT)}"] if arguments.context else []
    below = "/".join(place.parts)
    return [ripgrep(), *options, "--regexp", arguments.pattern, "--", f"./{below}"]


def _take(context: ToolContext, place: Place, event: dict[str, Any], found: _Found) -> None:
    """One event of ripgrep's: a file begins, a line matches, a line stands around a match."""
    data = event["data"]
    match event["type"]:
        case "begin":
            found.last_line, found.counted = 0, False
        case "match" if found.matches >= found.limit:
            found.full = f"stopped at the limit of {found.limit}"
        case "match" | "context" as kind:
            name = os.fsdecode(_bytes(data["path"])).removeprefix("./")
            base = () if place.writable else place.base.relative_to(place.root.workspace_path).parts
            shown = show_path(context, place.root, (*base, *name.split("/")))
            number = int(data["line_number"])
            if kind == "match":
                found.matches += 1
                found.files += not found.counted
                found.counted = True
            if found.last_line and number > found.last_line + 1 and kind == "context":
                found.add("--")
            found.last_line = number
            line = _bytes(data["lines"]).decode("utf-8", "replace").rstrip("\r\n")
            if len(line) > MAX_LINE_CHARACTERS:
                line = f"{line[:MAX_LINE_CHARACTERS]} […]"
            found.add(f"{shown}:{number}{':' if kind == 'match' else '-'} {line}")
        case _:
            pass


def _bytes(value: dict[str, str]) -> bytes:
    return base64.b64decode(value["bytes"]) if "bytes" in value else value["text"].encode()


SEARCH = Tool(
    name="search",
    description=(
        "Search file contents with ripgrep; plain text unless regex=true. Rows are `path:line: text`, or "
        "`path:line- text` for lines around a match, sorted by path. Files ignored by .gitignore are left "
        "out unless include_ignored=true; dependency folders are searched only when `path` names them. "
        f"At most {DEFAULT_MATCHES} matching lines unless `limit` says otherwise (at most {MAX_MATCHES:,}), "
        f"{MAX_BYTES:,} bytes, {MAX_LINE_CHARACTERS} characters a line, {SECONDS} s; the first line says "
        "when one of them ended it. Patterns match within one line."
    ),
    arguments=Search,
    effect="read",
    title=_title,
    execute=search,
)
