"""The tools that write, delete and move whole files of the draft."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat

from pydantic import Field

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.domain.text import count as counted
from draftsmith.tools.drafts import MAX_FILE_BYTES, cannot_write, read_bytes, read_if_exists, replace, sha256
from draftsmith.tools.edited import syntax_problems, syntax_warning
from draftsmith.tools.paths import Place, locate_writable
from draftsmith.tools.tool import Arguments, EditMeta, FileChange, Tool, ToolContext, ToolResult
from draftsmith.workspace.edit import whole_file
from draftsmith.workspace.text import decode

_LISTED_FILES = 200


class Write(Arguments):
    path: str = Field(min_length=1, description="the file; missing folders are made")
    content: str = Field(description="the whole content")
    overwrite: bool = Field(default=False, description="must be true to replace a file that exists")


class Delete(Arguments):
    path: str = Field(min_length=1, description="a file, a link, or a folder")
    recursive: bool = Field(default=False, description="must be true for a folder that is not empty")


class Move(Arguments):
    source: str = Field(min_length=1, description="a file, a link, or a folder")
    destination: str = Field(min_length=1, description="the new path, which must be free; missing folders are made")


async def write(context: ToolContext, arguments: Write) -> ToolResult:
    """Create or replace one file."""
    place = locate_writable(context, arguments.path)
    return await asyncio.to_thread(_write, place, arguments)


def _write(place: Place, arguments: Write) -> ToolResult:
    if place.path.is_dir():
        raise ModelMistake(f"{place.shown} is a folder.", code="is_folder", remedy="Name a file in it.")
    if arguments.path.rstrip().endswith("/"):
        raise ModelMistake(f"{arguments.path!r} names a folder.", code="bad_path", remedy="Name a file in it.")
    before = read_if_exists(place)
    if before is not None and not arguments.overwrite:
        raise ModelMistake(
            f"{place.shown} exists.", code="exists", remedy="Use edit, or pass overwrite=true to replace all of it."
        )
    after, kept = _encode(before, arguments.content)
    if len(after) > MAX_FILE_BYTES:
        raise ToolFailure(
            f"The content has {len(after):,} bytes; at most {MAX_FILE_BYTES:,} are written.", code="too_large"
        )
    replace(place, after)
    lines = arguments.content.count("\n") + (not arguments.content.endswith("\n") and arguments.content != "")
    broken = syntax_problems(place.shown, before, after)
    size = f"{counted(lines, 'line')}, {counted(len(after), 'byte')}"
    text = f"{place.shown}: {'created' if before is None else 'replaced'}, {size}.{kept}"
    return ToolResult(
        text="\n".join([text, *syntax_warning(place.shown, broken)]),
        title=f"write {place.shown}",
        touched=(place.shown,),
        meta=EditMeta(
            changes=(FileChange(path=place.shown, before_sha256=sha256(before), after_sha256=sha256(after)),),
            syntax_broken=(place.shown,) if broken else (),
        ),
    )


def _encode(before: bytes | None, content: str) -> tuple[bytes, str]:
    """A replaced text file keeps its encoding, byte order mark and line ends; a new file is UTF-8 as given."""
    if before:
        try:
            file = decode(before)
        except ToolFailure:
            pass
        else:
            notes = [] if file.line_end == "\n" or file.mixed_line_ends else ["CRLF line ends"]
            notes += [] if file.encoding == "utf-8" else [f"encoding {file.encoding}"]
            return whole_file(before, content), f" Kept: {', '.join(notes)}." if notes else ""
    try:
        return content.encode(), ""
    except UnicodeEncodeError as failure:
        raise ModelMistake("The content holds half of a surrogate pair.", code="not_encodable") from failure


async def delete(context: ToolContext, arguments: Delete) -> ToolResult:
    """Delete a file, a link itself, or a folder."""
    place = locate_writable(context, arguments.path, follow_last=False)
    return await asyncio.to_thread(_delete, place, arguments)


def _delete(place: Place, arguments: Delete) -> ToolResult:
    _require(place)
    files, total = _files(place)
    is_folder = _is_folder(place)
    _refuse_mounted(place)
    if is_folder and not arguments.recursive and any(place.path.iterdir()):
        raise ModelMistake(
            f"{place.shown} is a folder with {counted(total, 'file')}.",
            code="not_empty",
            remedy="Pass recursive=true to delete it.",
        )
    changes = tuple(FileChange(path=name, before_sha256=_digest(each), after_sha256=None) for name, each in files)
    try:
        if is_folder:
            shutil.rmtree(place.path)
        else:
            place.path.unlink()
    except OSError as failure:
        raise cannot_write(place, failure) from failure
    what = f"folder with {counted(total, 'file')} deleted" if is_folder else "deleted"
    return ToolResult(
        text=f"{place.shown}: {what}.",
        title=f"delete {place.shown}",
        touched=tuple(name for name, _ in files) or (place.shown,),
        meta=EditMeta(changes=changes),
    )


async def move(context: ToolContext, arguments: Move) -> ToolResult:
    """Move a file, a link itself, or a folder to a free place."""
    source = locate_writable(context, arguments.source, follow_last=False)
    destination = locate_writable(context, arguments.destination, follow_last=False)
    return await asyncio.to_thread(_move, source, destination)


def _move(source: Place, destination: Place) -> ToolResult:
    _require(source)
    _refuse_mounted(source)
    if os.path.lexists(destination.path):
        raise ModelMistake(
            f"{destination.shown} exists.", code="exists", remedy="Delete it first, or name the full new path."
        )
    if destination.path.is_relative_to(source.path):
        raise ModelMistake(
            f"{destination.shown} lies in {source.shown}.", code="bad_path", remedy="Name another place."
        )
    files, total = _files(source)
    pairs = [(name, f"{destination.shown}{name.removeprefix(source.shown)}", _digest(each)) for name, each in files]
    try:
        destination.path.parent.mkdir(parents=True, exist_ok=True)
        # The drafts of two roots may lie on two disks.
        shutil.move(source.path, destination.path)
    except OSError as failure:
        raise cannot_write(source, failure) from failure
    changes = [FileChange(path=old, before_sha256=digest, after_sha256=None) for old, _, digest in pairs]
    changes += [FileChange(path=new, before_sha256=None, after_sha256=digest) for _, new, digest in pairs]
    count = f" ({counted(total, 'file')})" if _is_folder(destination) else ""
    return ToolResult(
        text=f"{source.shown} moved to {destination.shown}{count}.",
        title=f"move {source.shown} to {destination.shown}",
        touched=tuple(change.path for change in changes) or (source.shown, destination.shown),
        meta=EditMeta(changes=tuple(changes)),
    )


def _require(place: Place) -> None:
    if not os.path.lexists(place.path):
        raise ModelMistake(
            f"There is nothing at {place.shown}.", code="no_such_file", remedy="Look with list or search for its name."
        )


def _is_folder(place: Place) -> bool:
    return stat.S_ISDIR(place.path.lstat().st_mode)


def _refuse_mounted(place: Place) -> None:
    """A dependency folder shows inside this one; the place where it is mounted would go too."""
    for folder in place.root.dependency_folders:
        if folder.is_relative_to(place.workspace_path):
            raise ToolFailure(
                f"{place.shown} holds the dependency folder {folder.name}, which is read-only.",
                code="read_only",
                remedy="Delete or move the other things in it one by one.",
            )


def _files(place: Place) -> tuple[list[tuple[str, Place]], int]:
    """The file itself, or the first files of a folder with their paths as the model sees them; and how many."""
    if not _is_folder(place):
        return [(place.shown, place)], 1
    listed: list[tuple[str, Place]] = []
    total = 0
    for folder, _, names in os.walk(place.path):
        below = os.path.relpath(folder, place.path)
        inner = () if below == "." else tuple(below.split("/"))
        for name in sorted(names)[: max(_LISTED_FILES - total, 0)]:
            shown = "/".join([place.shown, *inner, name])
            listed.append((shown, _below(place, (*place.parts, *inner, name), shown)))
        total += len(names)
    return listed, total


def _below(place: Place, parts: tuple[str, ...], shown: str) -> Place:
    return Place(
        root=place.root,
        base=place.base,
        parts=parts,
        shown=os.fsencode(shown).decode("utf-8", "backslashreplace"),
        workspace_path=place.root.workspace_path.joinpath(*parts),
        writable=place.writable,
    )


def _digest(place: Place) -> str | None:
    """None for links and files that cannot be read whole: their content is not needed to move or delete them."""
    try:
        return sha256(read_bytes(place))
    except (ModelMistake, ToolFailure):
        return None


WRITE = Tool(
    name="write",
    description=(
        "Create a file with the given content (UTF-8), or replace a whole file with overwrite=true; then its "
        "encoding, byte order mark and line ends are kept. Missing folders are made. For a change of part of "
        "a file use edit: it is shorter and safer. At most 20,000,000 bytes. The answer warns when the file "
        "does not parse."
    ),
    arguments=Write,
    effect="edit",
    title=lambda a: f"write {a.path}",
    execute=write,
)

DELETE = Tool(
    name="delete",
    description=(
        "Delete a file, a link (not what it points to), or a folder (recursive=true when it is not empty). "
        "It is the draft that changes; nothing is lost in the user's workspace."
    ),
    arguments=Delete,
    effect="edit",
    title=lambda a: f"delete {a.path}",
    execute=delete,
)

MOVE = Tool(
    name="move",
    description=(
        "Move or rename a file, a link or a folder. The destination is the full new path and must be free. "
        "References in other files are not changed: search for them."
    ),
    arguments=Move,
    effect="edit",
    title=lambda a: f"move {a.source} to {a.destination}",
    execute=move,
)
