"""The tools that look: list a folder, read a file in pages."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.tools.drafts import MAX_FILE_BYTES, read_bytes
from draftsmith.tools.pages import (
    DEFAULT_PAGE_LINES,
    MAX_LINE_CHARACTERS,
    MAX_PAGE_BYTES,
    MAX_PAGE_LINES,
    page,
    page_note,
)
from draftsmith.tools.paths import Place, locate, show_path
from draftsmith.tools.tool import Arguments, DraftRoot, Tool, ToolContext, ToolResult
from draftsmith.workspace.text import decode, describe_encoding, split_lines, strip_line_end

MAX_ENTRIES = 500
MAX_DEPTH = 8


class List(Arguments):
    path: str = Field(default=".", description="the folder")
    depth: int = Field(default=2, ge=1, description=f"levels of folders, at most {MAX_DEPTH}")
    start: int = Field(default=1, ge=1, description="first entry to show, to go on with a long list")


class Read(Arguments):
    path: str = Field(min_length=1, description="the file")
    start: int = Field(default=1, ge=1, description="first line, from 1")
    lines: int = Field(default=DEFAULT_PAGE_LINES, ge=1, description=f"how many lines, at most {MAX_PAGE_LINES}")


async def list_folder(context: ToolContext, arguments: List) -> ToolResult:
    """The entries of a folder, level by level in order of their paths."""
    if len(context.roots) > 1 and arguments.path.strip() in (".", "", "./"):
        names = "\n".join(f"{root.name}/" for root in context.roots)
        return ToolResult(text=f"The workspace has {len(context.roots)} folders:\n{names}", title="list .")
    place = locate(context, arguments.path)
    return await asyncio.to_thread(_list, context, place, arguments)


def _list(context: ToolContext, place: Place, arguments: List) -> ToolResult:
    if not place.path.is_dir():
        what = "is a file; use read" if place.path.exists() else "does not exist"
        raise ModelMistake(f"{place.shown} {what}.", code="no_such_folder", remedy="List the folder above it.")
    rows: list[str] = []
    total = 0
    for row in _rows(context, place, min(arguments.depth, MAX_DEPTH)):
        total += 1
        if arguments.start <= total < arguments.start + MAX_ENTRIES:
            rows.append(row)
    note = page_note(place.shown, start=arguments.start, last=arguments.start + len(rows) - 1, total=total)
    note = note.replace(" lines", " entries")
    return ToolResult(text="\n".join([note, *rows]), title=f"list {place.shown}")


def _rows(context: ToolContext, place: Place, depth: int) -> Iterator[str]:
    """One row an entry. Links are named with their target and not entered."""
    root = place.root
    base = place.workspace_path.relative_to(root.workspace_path).parts

    def rows(folder: Path, parts: tuple[str, ...], left: int) -> Iterator[str]:
        try:
            with os.scandir(folder) as listing:
                entries = {entry.name: entry.is_dir(follow_symlinks=False) for entry in listing}
        except OSError as failure:
            yield f"{show_path(context, root, parts)}/ (cannot be listed: {failure.strerror})"
            return
        dependencies = {each.name for each in _dependencies_in(root, parts)} if place.writable else set[str]()
        for name in sorted(entries | dict.fromkeys(dependencies, True)):
            if name == ".git":
                continue
            shown = show_path(context, root, (*parts, name))
            if name in dependencies:
                yield f"{shown}/ (dependencies, read-only, not listed)"
            elif entries[name]:
                yield f"{shown}/"
                if left > 1:
                    yield from rows(folder / name, (*parts, name), left - 1)
            else:
                yield shown + _file_note(folder / name)

    yield from rows(place.path, base, depth)


def _dependencies_in(root: DraftRoot, parts: tuple[str, ...]) -> Iterator[Path]:
    folder = root.workspace_path.joinpath(*parts)
    return (each for each in root.dependency_folders if each.parent == folder)


def _file_note(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return f" -> {path.readlink()}"
    except OSError:
        return " (vanished)"
    if not stat.S_ISREG(mode):
        return " (not a regular file)"
    return " (executable)" if mode & stat.S_IXUSR else ""


async def read(context: ToolContext, arguments: Read) -> ToolResult:
    """A page of a text file, with line numbers."""
    place = locate(context, arguments.path)
    return await asyncio.to_thread(_read, place, arguments)


def _read(place: Place, arguments: Read) -> ToolResult:
    raw = read_bytes(place)
    try:
        file = decode(raw)
    except ToolFailure as failure:
        raise ToolFailure(f"{place.shown} ({len(raw):,} bytes): {failure.message}", code=failure.code) from failure
    lines = [strip_line_end(line) for line in split_lines(file.text)]
    if arguments.start > max(len(lines), 1):
        raise ModelMistake(
            f"{place.shown} has {len(lines)} lines; there is no line {arguments.start}.",
            code="no_such_line",
            remedy="Read from an earlier line.",
        )
    shown, last = page(lines, start=arguments.start, wanted=arguments.lines)
    notes = [page_note(place.shown, start=arguments.start, last=last, total=len(lines))]
    if file.encoding != "utf-8":
        notes.append(describe_encoding(file.encoding))
    if file.mixed_line_ends:
        notes.append("mixed line ends")
    elif file.line_end == "\r\n":
        notes.append("CRLF line ends")
    if lines and not file.text.endswith("\n"):
        notes.append("no newline at the end")
    rows = (f"{number:>6}\t{line}" for number, line in enumerate(shown, arguments.start))
    return ToolResult(
        text="\n".join([", ".join(notes) if lines else f"{place.shown} is empty", *rows]),
        title=f"read {place.shown}" + ("" if arguments.start == 1 else f" from line {arguments.start}"),
        touched=(place.shown,),
    )


LIST = Tool(
    name="list",
    description=(
        "List a folder: one path a line, folders end with '/', links show their target. Ignored dependency "
        f"folders (.venv, node_modules …) are named but not listed unless asked for. At most {MAX_ENTRIES} "
        f"entries an answer; the first line says how many there are and how to go on. `depth` is at most {MAX_DEPTH}."
    ),
    arguments=List,
    effect="read",
    title=lambda a: f"list {a.path}",
    execute=list_folder,
)

READ = Tool(
    name="read",
    description=(
        "Read a text file. Each line comes as its number, a tab, and the text. An answer holds at most "
        f"{MAX_PAGE_LINES:,} lines ({DEFAULT_PAGE_LINES} unless asked) and {MAX_PAGE_BYTES:,} bytes, cut at "
        f"a line's end; longer lines than {MAX_LINE_CHARACTERS:,} characters are cut and marked. The first "
        "line says how many lines there are and how to go on. Dependency folders can be read too. Binary "
        f"files and files over {MAX_FILE_BYTES:,} bytes are refused."
    ),
    arguments=Read,
    effect="read",
    title=lambda a: f"read {a.path}",
    execute=read,
)
