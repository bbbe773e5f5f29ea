"""The tool that applies a unified diff to files of the draft: all of it, or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from draftsmith.code.syntax import SyntaxProblem
from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.domain.text import count
from draftsmith.tools.drafts import cannot_write, read_bytes, read_if_exists, replace, sha256
from draftsmith.tools.edited import excerpt, syntax_problems, syntax_warning, tolerance_note
from draftsmith.tools.paths import Place, locate_writable
from draftsmith.tools.tool import Arguments, EditMeta, FileChange, Tool, ToolContext, ToolResult
from draftsmith.workspace.edit import EditOutcome
from draftsmith.workspace.patch import apply_hunks, created_text
from draftsmith.workspace.patchtext import FilePatch, parse_patch
from draftsmith.workspace.text import decode

MAX_FILES = 100


class ApplyPatch(Arguments):
    patch: str = Field(min_length=1, description="a unified diff of one or several files")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One file before and after; `outcome` only where hunks were put into it."""

    place: Place
    before: bytes | None
    after: bytes | None
    done: str
    outcome: EditOutcome | None = None
    mode: int | None = None
    """Of the file that it was moved from."""


async def execute(context: ToolContext, arguments: ApplyPatch) -> ToolResult:
    """Apply a patch."""
    return await asyncio.to_thread(_execute, context, arguments)


def _execute(context: ToolContext, arguments: ApplyPatch) -> ToolResult:
    files = parse_patch(arguments.patch)
    if len(files) > MAX_FILES:
        raise ModelMistake(f"The patch has {len(files)} files; at most {MAX_FILES}.", code="patch_too_large")
    changes: list[_Change] = []
    for file in files:
        changes += _planned(context, file)
    paths = [change.place.shown for change in changes]
    if len(paths) != len(set(paths)):
        raise ModelMistake("The patch names a file twice.", code="patch_malformed", remedy="Put its hunks together.")
    _write(changes)
    return _result(changes)


def _planned(context: ToolContext, file: FilePatch) -> list[_Change]:
    """What a file's part of the patch will do. Raises without having changed anything."""
    try:
        if file.old is None:
            return [_created(context, file)]
        stays = file.new == file.old
        old = locate_writable(context, file.old, follow_last=stays)
        before = read_bytes(old)
        if file.new is None:
            return [_deleted(old, before, file)]
        outcome = apply_hunks(before, file.hunks) if file.hunks else None
        after = before if outcome is None else outcome.after
        if stays:
            return [_modified(old, before, outcome)]
        new = locate_writable(context, file.new)
        _require_free(new)
        mode = stat.S_IMODE(old.path.stat().st_mode)
        return [
            _Change(place=new, before=None, after=after, done=f"moved from {old.shown}.", outcome=outcome, mode=mode),
            _Change(place=old, before=before, after=None, done=f"moved to {new.shown}."),
        ]
    except (ModelMistake, ToolFailure) as error:
        # The same error for the model, with the file it is about; nothing of the patch was applied.
        kind = type(error)
        raise kind(f"{file.path}: {error.message}", code=error.code, remedy=error.remedy) from error


def _require_free(place: Place) -> None:
    if read_if_exists(place) is not None:
        raise ModelMistake("The file exists.", code="exists", remedy="Patch it as it is, or delete it first.")


def _created(context: ToolContext, file: FilePatch) -> _Change:
    place = locate_writable(context, file.new or "")
    _require_free(place)
    text = created_text(file.hunks)
    return _Change(place=place, before=None, after=text.encode("utf-8", "replace"), done="created.")


def _deleted(place: Place, before: bytes, file: FilePatch) -> _Change:
    if file.hunks and apply_hunks(before, file.hunks).after != decode(b"").raw:
        raise ModelMistake(
            "The patch deletes the file, but not all of its lines.",
            code="patch_malformed",
            remedy="Delete it with `delete`.",
        )
    return _Change(place=place, before=before, after=None, done="deleted.")


def _modified(place: Place, before: bytes, outcome: EditOutcome | None) -> _Change:
    if outcome is None:
        raise ModelMistake("The patch has no hunk for it.", code="patch_malformed", remedy="Begin hunks with `@@`.")
    hunks = count(len(outcome.replacements), "place")
    note = tolerance_note(outcome.tolerance, "A hunk")
    return _Change(place=place, before=before, after=outcome.after, done=f"{hunks} changed.{note}", outcome=outcome)


def _write(changes: Sequence[_Change]) -> None:
    """All files, or as before: what was written is taken back when a later one cannot be."""
    done: list[_Change] = []
    try:
        for change in changes:
            _put(change.place, change.after)
            done.append(change)
            if change.mode is not None:
                change.place.path.chmod(change.mode)
    except ToolFailure:
        for change in reversed(done):
            with contextlib.suppress(ToolFailure):
                _put(change.place, change.before)
        raise


def _put(place: Place, content: bytes | None) -> None:
    if content is not None:
        replace(place, content)
        return
    try:
        place.path.unlink(missing_ok=True)
    except OSError as failure:
        raise cannot_write(place, failure) from failure


def _result(changes: Sequence[_Change]) -> ToolResult:
    rows: list[str] = []
    broken: list[str] = []
    for change in changes:
        rows.append(f"{change.place.shown}: {change.done}")
        if change.outcome is not None:
            rows.append(excerpt(decode(change.outcome.after), change.outcome))
        problems: tuple[SyntaxProblem, ...] = ()
        if change.after is not None:
            problems = syntax_problems(change.place.shown, change.before, change.after)
        rows += syntax_warning(change.place.shown, problems)
        broken += [change.place.shown] if problems else []
    names = tuple(change.place.shown for change in changes)
    return ToolResult(
        text="\n".join(rows),
        title=f"patch {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else ""),
        touched=names,
        meta=EditMeta(
            changes=tuple(
                FileChange(
                    path=change.place.shown,
                    before_sha256=sha256(change.before),
                    after_sha256=sha256(change.after),
                )
                for change in changes
            ),
            syntax_broken=tuple(broken),
        ),
    )


APPLY_PATCH = Tool(
    name="apply_patch",
    description=(
        "Apply a unified diff (`--- a/path`, `+++ b/path`, `@@ … @@`, lines that begin with a blank, `-` or `+`) to "
        "one or several files; /dev/null makes or deletes one. Line numbers and counts are not believed: a hunk lands "
        "where its unchanged and removed lines stand together, so give two or three unchanged lines around each "
        "change. All hunks are applied or none. A hunk that fits in several places is refused with their lines. "
        "Matching, encoding and line ends are as for edit. At most 100 files."
    ),
    arguments=ApplyPatch,
    effect="edit",
    title=lambda _a: "apply a patch",
    execute=execute,
)
