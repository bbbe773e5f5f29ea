"""Paths as the model writes them to places in the draft, and the certainty that they do not lead out of it.

Links are followed by hand, as they would read in the workspace; whatever leaves the roots is refused. `.git` is closed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.tools.tool import DraftRoot, ToolContext

_MAX_LINKS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place free of links, at or below `base`, which is the draft or a dependency folder of the workspace.

    `shown` is the path as the model sees it. `writable` is False in dependency folders.
    """

    root: DraftRoot
    base: Path
    parts: tuple[str, ...]
    shown: str
    workspace_path: Path
    writable: bool

    @property
    def path(self) -> Path:
        return self.base.joinpath(*self.parts)


def show_path(context: ToolContext, root: DraftRoot, parts: Sequence[str]) -> str:
    """A path as the model sees it: relative to the root, with the root's name in front when there are several."""
    named = [root.name, *parts] if len(context.roots) > 1 else list(parts)
    text = "/".join(named) or "."
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def locate(context: ToolContext, text: str, *, follow_last: bool = True) -> Place:
    """Where a path leads; what does not exist counts as plain names. Raises `ModelMistake` (`bad_path`,
    `outside_workspace`, `git_folder`) or `ToolFailure` (`too_many_links`)."""
    root, parts = _lexical(context, text)
    _refuse_git(parts, text)
    return _walk(context, root, parts, text, follow_last=follow_last)


def locate_writable(context: ToolContext, text: str, *, follow_last: bool = True) -> Place:
    """As `locate`, for a place that will be changed. Adds `read_only` and refuses a root itself."""
    place = locate(context, text, follow_last=follow_last)
    if not place.writable or place.workspace_path in place.root.dependency_folders:
        raise ToolFailure(
            f"{place.shown} lies in a dependency folder of the workspace, which is read-only.",
            code="read_only",
            remedy="Change the project's own files.",
        )
    if not place.parts:
        raise ModelMistake(f"{text!r} is a workspace folder itself.", code="bad_path", remedy="Name something in it.")
    return place


def _lexical(context: ToolContext, text: str) -> tuple[DraftRoot, tuple[str, ...]]:
    """The root that a path names, and its names below it."""
    if "\x00" in text:
        raise ModelMistake("The path holds a zero character.", code="bad_path")
    path = PurePosixPath(text.strip() or ".")
    if ".." in path.parts:
        raise ModelMistake(
            f"{text!r} holds '..'.", code="bad_path", remedy="Write the path from the workspace folder, without '..'."
        )
    if path.is_absolute():
        found = _root_of(context, Path(path))
        if found is None:
            raise _outside(text)
        return found
    if len(context.roots) == 1:
        return context.roots[0], path.parts
    for root in context.roots:
        if path.parts and path.parts[0] == root.name:
            return root, path.parts[1:]
    names = ", ".join(f"{root.name}/" for root in context.roots)
    raise ModelMistake(
        f"{text!r} does not begin with the name of a workspace folder.", code="bad_path", remedy=f"They are: {names}."
    )


def _root_of(context: ToolContext, path: Path) -> tuple[DraftRoot, tuple[str, ...]] | None:
    """The innermost root that an absolute workspace path lies in."""
    for root in sorted(context.roots, key=lambda each: -len(each.workspace_path.parts)):
        if path.is_relative_to(root.workspace_path):
            return root, path.relative_to(root.workspace_path).parts
    return None


def _walk(context: ToolContext, root: DraftRoot, parts: tuple[str, ...], text: str, *, follow_last: bool) -> Place:
    """Follow links name by name. A link's target is read as in the workspace: an absolute one into a root stays in
    the draft, one that leaves all roots is refused."""
    done: list[str] = []
    waiting = list(reversed(parts))
    links = 0
    while waiting:
        name = waiting.pop()
        if name == "..":
            if not done:
                raise _outside(text)
            done.pop()
            continue
        if name in ("", "."):
            continue
        done.append(name)
        place = _place(context, root, tuple(done))
        target = None if not waiting and not follow_last else _link_target(place.path)
        if target is None:
            continue
        links += 1
        if links > _MAX_LINKS:
            raise ToolFailure(
                f"{text!r} leads through too many links.", code="too_many_links", remedy="Use another path."
            )
        done.pop()
        if target.startswith("/"):
            found = _root_of(context, Path(os.path.normpath(target)))
            if found is None:
                raise _outside(text)
            root, names = found
            done = []
        else:
            names = tuple(target.split("/"))
        waiting += reversed(names)
        _refuse_git(names, text)
    return _place(context, root, tuple(done))


def _place(context: ToolContext, root: DraftRoot, parts: tuple[str, ...]) -> Place:
    logical = root.workspace_path.joinpath(*parts)
    shown = show_path(context, root, parts)
    for folder in root.dependency_folders:
        if logical.is_relative_to(folder):
            below = logical.relative_to(folder).parts
            return Place(root=root, base=folder, parts=below, shown=shown, workspace_path=logical, writable=False)
    return Place(root=root, base=root.draft_path, parts=parts, shown=shown, workspace_path=logical, writable=True)


def _link_target(path: Path) -> str | None:
    try:
        return os.readlink(path) if stat.S_ISLNK(path.lstat().st_mode) else None  # noqa: PTH115  pathlib folds names
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as failure:
        raise ToolFailure(f"{path.name} cannot be looked at: {failure.strerror}.", code="unreadable") from failure


def _refuse_git(parts: Sequence[str], text: str) -> None:
    if any(part.casefold() == ".git" for part in parts):
        raise ModelMistake(
            f"{text!r} lies in a .git folder, which is closed to tools.",
            code="git_folder",
            remedy="Use run_command with git log, git show or git blame.",
        )


def _outside(text: str) -> ModelMistake:
    return ModelMistake(
        f"{text!r} leads out of the workspace.",
        code="outside_workspace",
        remedy="Use paths below the workspace folder.",
    )
